#include "sim/world.hpp"

#include <utility>

#include "sim/clock.hpp"
#include "sim/host_application.hpp"
#include "sim/ns3_host.hpp"
#include "sim/world_rules.hpp"
#include "worlds/probes.hpp"

namespace elblab::sim {
namespace {

// ns-3 streams of the hosts' stacks stand clear of those of CSMA devices (csma_segment.cpp).
constexpr std::int64_t kFirstStackStream = 1 << 24;
constexpr std::int64_t kStreamsPerStack = 64;

host::HostOptions host_options(const language::HostSpec& spec, telemetry::ObjectId object) {
  host::HostOptions options;
  options.name = spec.name;
  options.object = object;
  options.addresses = spec.addresses;
  options.sysctls = spec.sysctls;
  options.time_wait = spec.time_wait;
  options.initial_sequence = spec.initial_sequence;
  return options;
}

}  // namespace

World::World(const language::Scenario& scenario, std::uint64_t seed, worlds::Recording& recording)
    : scenario_(scenario),
      seed_(seed),
      recording_(recording),
      wiring_(worlds::Wiring::of(scenario)),
      objects_(worlds::register_objects(scenario, recording)),
      users_(scenario),
      sampler_(recording, scenario.sample_interval),
      sampler_timer_(sampler_) {}

World::~World() { ns3::Simulator::Destroy(); }

Expected<void> World::build(const std::optional<std::filesystem::path>& pcap_folder) {
  if (auto problem = unsupported(scenario_)) return Error{std::move(*problem)};
  for (std::size_t i = 0; i < scenario_.places.size(); ++i) {
    fabric_nodes_.push_back(ns3::CreateObject<ns3::Node>());
    topologies_.emplace_back(fabric_nodes_.back());
  }
  if (auto added = add_hosts(pcap_folder); !added) return added;
  add_place_links();
  add_network();
  if (pcap_folder) {
    if (auto added = add_captures(*pcap_folder); !added) return added;
  }
  add_applications();
  add_series();
  return {};
}

Expected<void> World::add_hosts(const std::optional<std::filesystem::path>& pcap_folder) {
  hosts_.resize(scenario_.hosts.size());
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    hosts_[i].spec = &scenario_.hosts[i];
    hosts_[i].object = objects_.hosts[i];
    hosts_[i].link_object = objects_.links[i];
  }
  for (WorldHost& host : hosts_) {
    if (auto added = add_host(host, pcap_folder); !added) return added;
  }
  return {};
}

Expected<void> World::add_host(WorldHost& host,
                               const std::optional<std::filesystem::path>& pcap_folder) {
  const language::HostSpec& spec = *host.spec;
  LinkOptions options;
  options.name = spec.name;
  options.object = host.link_object;
  options.loss = spec.link.loss;
  options.jitter = spec.link.jitter;
  options.host_object = host.object;
  options.native_host = spec.stack == language::HostStack::ns3;
  host.node = ns3::CreateObject<ns3::Node>();
  host.link = std::make_unique<Link>(options, random::Stream(seed_, "link/" + spec.name),
                                     recording_.recorder());
  host.link->log_to(recording_.packets());
  const auto device =
      topologies_[spec.place].connect(*host.link, host.node, spec.addresses, spec.link);
  if (pcap_folder) {
    auto writer = pcap::Writer::open(*pcap_folder / (spec.name + ".pcap"));
    if (!writer) return writer.error();
    host.link->capture_to(std::move(*writer));
  }
  add_stack(host, device);
  host.node->AddApplication(host.application);
  return {};
}

void World::add_stack(WorldHost& host, const ns3::Ptr<ns3::NetDevice>& device) {
  if (host.spec->stack == language::HostStack::ns3) {
    const std::int64_t first_stream = kFirstStackStream + kStreamsPerStack * host.object;
    const auto application = ns3::CreateObject<Ns3Host>(
        host.node, device, host.spec->addresses.front(), kGatewayV4, first_stream);
    host.host = ns3::PeekPointer(application);
    host.application = application;
  } else {
    const auto application = ns3::CreateObject<HostApplication>(
        host_options(*host.spec, host.object), random::Stream(seed_, "host/" + host.spec->name),
        recording_.recorder(), *host.link);
    host.host = ns3::PeekPointer(application);
    host.application = application;
  }
}

void World::add_place_links() {
  for (std::size_t i = 0; i < scenario_.place_links.size(); ++i) {
    const language::PlaceLinkSpec& spec = scenario_.place_links[i];
    LinkOptions options;
    options.name = spec.name;
    options.object = objects_.place_links[i];
    options.loss = spec.link.loss;
    options.jitter = spec.link.jitter;
    auto& link = place_links_.emplace_back(std::make_unique<Link>(
        options, random::Stream(seed_, "link/" + spec.name), recording_.recorder()));
    link->log_to(recording_.packets());
    topologies_[spec.from].join(*link, topologies_[spec.to], spec.link);
  }
}

// The ends of links in the order of the place's ports (worlds/network.hpp).
std::vector<FabricApplication::LinkEnd> World::link_ends_of(std::size_t place) const {
  std::vector<FabricApplication::LinkEnd> ends;
  for (const WorldHost& host : hosts_) {
    if (host.spec->place == place) ends.push_back({host.link.get(), End::second});
  }
  for (std::size_t i = 0; i < place_links_.size(); ++i) {
    const language::PlaceLinkSpec& spec = scenario_.place_links[i];
    if (spec.from == place) ends.push_back({place_links_[i].get(), End::first});
    if (spec.to == place) ends.push_back({place_links_[i].get(), End::second});
  }
  return ends;
}

void World::add_network() {
  network_ = std::make_unique<worlds::Network>(scenario_, wiring_, seed_, objects_, recording_);
  network_->set_filters(scenario_, wiring_, seed_, objects_);
  health_ =
      std::make_unique<worlds::HealthChecks>(scenario_, *network_, objects_, seed_, recording_);
  health_->start(now());
  for (std::size_t place = 0; place < scenario_.places.size(); ++place) {
    fabrics_.push_back(
        ns3::CreateObject<FabricApplication>(network_->fabric(place), link_ends_of(place)));
    fabric_nodes_[place]->AddApplication(fabrics_.back());
  }
}

// Of the network in one place the balancer's, as its name has been; of several one pair each.
Expected<void> World::add_captures(const std::filesystem::path& folder) {
  for (std::size_t place = 0; place < fabrics_.size(); ++place) {
    const std::string name =
        fabrics_.size() == 1 ? "balancer" : "network-" + scenario_.places[place].name;
    auto capture = BalancerCapture::open(folder, name);
    if (!capture) return capture.error();
    fabrics_[place]->capture_to(std::move(*capture));
  }
  return {};
}

void World::add_applications() {
  std::vector<worlds::Host*> hosts;
  for (WorldHost& host : hosts_) {
    host.services =
        worlds::HostServices(*host.spec, *host.host, seed_,
                             worlds::RecordedUsers(recording_.recorder(), host.object, users_));
    hosts.push_back(host.host);
  }
  client_groups_ = worlds::make_client_groups(scenario_, hosts, seed_);
}

void World::add_series() {
  worlds::SampledWorld sampled;
  for (WorldHost& host : hosts_) {
    sampled.hosts.push_back(host.host);
    sampled.services.push_back(&host.services);
    sampled.links.push_back(host.link.get());
  }
  sampled.network = network_.get();
  sampled.users = &users_;
  sampled.health = health_.get();
  for (const auto& link : place_links_) sampled.place_links.push_back(link.get());
  for (const auto& group : client_groups_) sampled.workloads.push_back(group.get());
  worlds::sample_world(sampler_, objects_, sampled);
  sampler_.start(now());
  sampler_timer_.arm();
}

worlds::TimelineTargets World::timeline_targets() {
  worlds::TimelineTargets targets;
  targets.network = network_.get();
  targets.health = health_.get();
  targets.network_changed = [this] {
    for (const auto& fabric : fabrics_) fabric->changed();
  };
  for (WorldHost& host : hosts_) {
    auto& target = targets.hosts.emplace_back();
    target.host = host.host;
    target.link = host.link.get();
    for (const auto& server : host.services.servers()) target.servers.push_back(server.get());
  }
  return targets;
}

Expected<void> World::finish() {
  sampler_.finish(now());
  Expected<void> finished;
  for (const WorldHost& host : hosts_) {
    if (auto problem = host.services.problem(); problem && finished) finished = Error{*problem};
  }
  for (WorldHost& host : hosts_) host.host->finish(now());
  for (std::size_t place = 0; place < fabrics_.size(); ++place) {
    network_->fabric(place).finish(now());
    if (auto closed = fabrics_[place]->close_capture(); finished) finished = std::move(closed);
  }
  for (WorldHost& host : hosts_) {
    if (auto closed = host.link->close_capture(); finished) finished = std::move(closed);
  }
  return finished;
}

std::uint64_t World::connections_established() const {
  std::uint64_t sum = 0;
  for (const WorldHost& host : hosts_) sum += host.host->counters().connections_established;
  return sum;
}

std::uint64_t World::connections_refused() const {
  std::uint64_t sum = 0;
  for (const WorldHost& host : hosts_) sum += host.host->counters().refused_locally;
  return sum;
}

std::optional<std::string> World::conservation_problem() const {
  for (const WorldHost& host : hosts_) {
    if (auto problem = host.link->conservation_problem()) return problem;
    const host::HostCounters& counters = host.host->counters();
    if (host.host->is_model() && counters.packets_out != host.link->counters(End::first).sent) {
      return "host " + host.spec->name + " sent " + std::to_string(counters.packets_out) +
             " packets, its link took " + std::to_string(host.link->counters(End::first).sent);
    }
  }
  for (const auto& link : place_links_) {
    if (auto problem = link->conservation_problem()) return problem;
  }
  std::vector<worlds::PortTraffic> traffic;
  for (const auto& fabric : fabrics_) traffic.push_back(fabric->traffic());
  return network_->imbalance(traffic);
}

}  // namespace elblab::sim
