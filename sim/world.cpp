#include "sim/world.hpp"

#include <utility>

#include "sim/clock.hpp"
#include "sim/host_application.hpp"
#include "sim/ns3_host.hpp"
#include "sim/world_rules.hpp"
#include "worlds/probes.hpp"
#include "worlds/routes.hpp"

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
      fabric_node_(ns3::CreateObject<ns3::Node>()),
      topology_(fabric_node_),
      objects_(worlds::register_objects(scenario, recording)),
      sampler_(recording, scenario.sample_interval),
      sampler_timer_(sampler_) {}

World::~World() { ns3::Simulator::Destroy(); }

std::optional<std::string> World::build(const std::optional<std::filesystem::path>& pcap_folder) {
  if (auto problem = unsupported(scenario_)) return problem;
  if (auto problem = add_hosts(pcap_folder)) return problem;
  add_network();
  if (pcap_folder) {
    std::unique_ptr<BalancerCapture> capture;
    if (auto error = BalancerCapture::open(*pcap_folder, capture)) return error;
    fabric_->capture_to(std::move(capture));
  }
  add_applications();
  add_series();
  return std::nullopt;
}

std::optional<std::string> World::add_hosts(
    const std::optional<std::filesystem::path>& pcap_folder) {
  hosts_.resize(scenario_.hosts.size());
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    hosts_[i].spec = &scenario_.hosts[i];
    hosts_[i].object = objects_.hosts[i];
    hosts_[i].link_object = objects_.links[i];
  }
  for (WorldHost& host : hosts_) {
    if (auto problem = add_host(host, pcap_folder)) return problem;
  }
  return std::nullopt;
}

std::optional<std::string> World::add_host(
    WorldHost& host, const std::optional<std::filesystem::path>& pcap_folder) {
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
  const auto device = topology_.connect(*host.link, host.node, spec.addresses, spec.link);
  if (pcap_folder) {
    std::unique_ptr<pcap::Writer> writer;
    if (auto error = pcap::Writer::open(*pcap_folder / (spec.name + ".pcap"), writer)) return error;
    host.link->capture_to(std::move(writer));
  }
  add_stack(host, device);
  host.node->AddApplication(host.application);
  return std::nullopt;
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

void World::add_network() {
  std::vector<Link*> ports;
  for (const WorldHost& host : hosts_) ports.push_back(host.link.get());
  network_ = std::make_unique<worlds::Network>(scenario_.balancers,
                                               worlds::routes_to(scenario_.hosts), seed_, objects_,
                                               recording_);
  fabric_ = ns3::CreateObject<FabricApplication>(network_->fabric(), std::move(ports));
  fabric_node_->AddApplication(fabric_);
}

void World::add_applications() {
  std::vector<worlds::Host*> hosts;
  for (WorldHost& host : hosts_) {
    host.services = worlds::HostServices(*host.spec, *host.host, seed_);
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
  for (const auto& group : client_groups_) sampled.workloads.push_back(group.get());
  worlds::sample_world(sampler_, objects_, sampled);
  sampler_.start(now());
  sampler_timer_.arm();
}

worlds::TimelineTargets World::timeline_targets() {
  worlds::TimelineTargets targets;
  targets.network = network_.get();
  targets.network_changed = [this] { fabric_->changed(); };
  for (WorldHost& host : hosts_) {
    auto& target = targets.hosts.emplace_back();
    target.host = host.host;
    target.link = host.link.get();
    for (const auto& server : host.services.servers()) target.servers.push_back(server.get());
  }
  return targets;
}

std::optional<std::string> World::finish() {
  sampler_.finish(now());
  for (WorldHost& host : hosts_) host.host->finish(now());
  network_->fabric().finish(now());
  std::optional<std::string> error = fabric_->close_capture();
  for (WorldHost& host : hosts_) {
    if (auto problem = host.link->close_capture(); problem && !error) error = problem;
  }
  return error;
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
  std::uint64_t delivered = 0;
  std::uint64_t taken = 0;
  for (const WorldHost& host : hosts_) {
    if (auto problem = host.link->conservation_problem()) return problem;
    delivered += host.link->counters(End::host).delivered;
    taken += host.link->counters(End::balancer).sent;
    const host::HostCounters& counters = host.host->counters();
    if (host.host->is_model() && counters.packets_out != host.link->counters(End::host).sent) {
      return "host " + host.spec->name + " sent " + std::to_string(counters.packets_out) +
             " packets, its link took " + std::to_string(host.link->counters(End::host).sent);
    }
  }
  return network_->imbalance(delivered, taken);
}

}  // namespace elblab::sim
