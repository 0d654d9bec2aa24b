#include "live/world.hpp"

#include <utility>

#include "live/world_rules.hpp"
#include "worlds/probes.hpp"

namespace elblab::live {

World::World(const language::Scenario& scenario, WorldOptions options, worlds::Recording& recording)
    : scenario_(scenario),
      options_(std::move(options)),
      recording_(recording),
      objects_(worlds::register_objects(scenario, recording)),
      users_(scenario),
      sampler_(recording, scenario.sample_interval) {}

Expected<void> World::build() {
  if (auto problem = unsupported(scenario_)) return Error{std::move(*problem)};
  auto topology = make_topology(scenario_, options_.packet_io);
  if (!topology) return topology.error();
  topology_ = std::move(*topology);
  for (std::size_t i = 0; i < scenario_.hosts.size(); ++i) {
    if (auto done = add_host(i); !done) return done;
  }
  add_network();
  return add_captures();
}

Expected<void> World::add_host(std::size_t i) {
  const language::HostSpec& spec = scenario_.hosts[i];
  Port& port = *ports_.emplace_back(std::make_unique<Port>(
      PortOptions{spec.name, objects_.links[i], spec.link, objects_.hosts[i]},
      random::Stream(options_.seed, "link/" + spec.name), recording_.recorder(),
      std::move(topology_.hosts[i].io)));
  port.log_to(recording_.packets());
  KernelHost& host = *hosts_.emplace_back(std::make_unique<KernelHost>(
      spec, objects_.hosts[i], topology_.hosts[i].network,
      random::Stream(options_.seed, "host/" + spec.name), recording_.recorder()));
  if (auto opened = host.open(kHostDevice); !opened) {
    return Error{"host " + spec.name + ": " + opened.error().message};
  }
  port.watch(host);
  return {};
}

void World::add_network() {
  for (std::size_t i = 0; i < scenario_.place_links.size(); ++i) {
    const language::PlaceLinkSpec& spec = scenario_.place_links[i];
    place_links_.push_back(std::make_unique<PlaceLink>(
        spec.name, objects_.place_links[i], spec.link,
        random::Stream(options_.seed, "link/" + spec.name), recording_.recorder()));
    place_links_.back()->log_to(recording_.packets());
  }
  const worlds::Wiring wiring = worlds::Wiring::of(scenario_);
  network_ =
      std::make_unique<worlds::Network>(scenario_, wiring, options_.seed, objects_, recording_);
  network_->set_filters(scenario_, wiring, options_.seed, objects_);
  health_ = std::make_unique<worlds::HealthChecks>(scenario_, *network_, objects_, options_.seed,
                                                   recording_);
  for (std::size_t place = 0; place < scenario_.places.size(); ++place) {
    fabrics_.push_back(std::make_unique<FabricPorts>(network_->fabric(place), link_ends_of(place)));
  }
}

// In the order of the place's ports (worlds/network.hpp).
std::vector<LinkEnd*> World::link_ends_of(std::size_t place) const {
  std::vector<LinkEnd*> ends;
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    if (scenario_.hosts[i].place == place) ends.push_back(ports_[i].get());
  }
  for (std::size_t i = 0; i < place_links_.size(); ++i) {
    const language::PlaceLinkSpec& spec = scenario_.place_links[i];
    if (spec.from == place) ends.push_back(&place_links_[i]->end(0));
    if (spec.to == place) ends.push_back(&place_links_[i]->end(1));
  }
  return ends;
}

Expected<void> World::add_captures() {
  if (!options_.pcap_folder) return {};
  std::error_code error;
  std::filesystem::create_directories(*options_.pcap_folder, error);
  if (error) {
    return Error{"capture folder " + options_.pcap_folder->string() + ": " + error.message()};
  }
  for (const auto& port : ports_) {
    const auto file = *options_.pcap_folder / (port->name() + ".pcap");
    auto writer = pcap::Writer::open(file);
    if (!writer) return writer.error();
    port->capture_to(std::move(*writer));
  }
  return {};
}

void World::add_servers() {
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    services_.emplace_back(scenario_.hosts[i], *hosts_[i], options_.seed,
                           worlds::RecordedUsers(recording_.recorder(), objects_.hosts[i], users_));
  }
}

void World::add_clients() {
  std::vector<worlds::Host*> hosts;
  for (const auto& host : hosts_) hosts.push_back(host.get());
  client_groups_ = worlds::make_client_groups(scenario_, hosts, options_.seed);
}

void World::add_series() {
  worlds::SampledWorld sampled;
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    sampled.hosts.push_back(hosts_[i].get());
    sampled.services.push_back(&services_[i]);
    sampled.links.push_back(ports_[i].get());
  }
  sampled.network = network_.get();
  sampled.users = &users_;
  sampled.health = health_.get();
  for (const auto& link : place_links_) sampled.place_links.push_back(link.get());
  for (const auto& group : client_groups_) sampled.workloads.push_back(group.get());
  worlds::sample_world(sampler_, objects_, sampled);
}

Expected<void> World::start(Instant now) {
  sampler_.start(kStart);
  for (const auto& host : hosts_) host->start(now);
  health_->start(now);
  for (const worlds::HostServices& services : services_) {
    if (auto problem = services.problem()) return Error{std::move(*problem)};
  }
  return {};
}

void World::sample(Instant now) {
  refresh(now);
  sampler_.advance(now);
}

void World::refresh(Instant now) {
  for (const auto& host : hosts_) host->refresh(now);
}

Expected<void> World::finish(Instant now) {
  refresh(now);
  sampler_.finish(now);
  for (const auto& host : hosts_) host->finish(now);
  for (std::size_t place = 0; place < network_->places(); ++place) {
    network_->fabric(place).finish(now);
  }
  Expected<void> finished;
  for (const auto& port : ports_) {
    if (auto closed = port->close_capture(); finished) finished = std::move(closed);
  }
  return finished;
}

void World::put_on(Loop& loop) {
  std::vector<Loop::Place> ports;
  for (const auto& port : ports_) ports.push_back(loop.add(*port));
  for (const auto& link : place_links_) loop.add(*link);
  for (const auto& fabric : fabrics_) loop.add(*fabric);
  for (std::size_t i = 0; i < hosts_.size(); ++i) loop.add(*hosts_[i], ports[i]);
}

std::vector<KernelHost*> World::hosts() const {
  std::vector<KernelHost*> hosts;
  for (const auto& host : hosts_) hosts.push_back(host.get());
  return hosts;
}

worlds::TimelineTargets World::timeline_targets() {
  worlds::TimelineTargets targets;
  targets.network = network_.get();
  targets.health = health_.get();
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    auto& target = targets.hosts.emplace_back();
    target.host = hosts_[i].get();
    target.link = ports_[i].get();
    for (const auto& server : services_[i].servers()) target.servers.push_back(server.get());
  }
  return targets;
}

std::optional<std::string> World::conservation_problem() const {
  for (const auto& port : ports_) {
    if (auto problem = port->conservation_problem()) return problem;
  }
  for (const auto& link : place_links_) {
    if (auto problem = link->conservation_problem()) return problem;
  }
  std::vector<worlds::PortTraffic> traffic;
  for (const auto& fabric : fabrics_) traffic.push_back(fabric->traffic());
  return network_->imbalance(traffic);
}

std::uint64_t World::connections_established() const {
  std::uint64_t sum = 0;
  for (const auto& host : hosts_) sum += host->calls().connections_established;
  return sum;
}

std::uint64_t World::connections_refused() const {
  std::uint64_t sum = 0;
  for (const auto& host : hosts_) sum += host->calls().refused_locally;
  return sum;
}

}  // namespace elblab::live
