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
      sampler_(recording, scenario.sample_interval) {}

Failure World::build() {
  if (auto problem = unsupported(scenario_)) return problem;
  if (auto failure = make_topology(scenario_, options_.packet_io, topology_)) return failure;
  std::vector<std::unique_ptr<Port>> ports;
  for (std::size_t i = 0; i < scenario_.hosts.size(); ++i) {
    const language::HostSpec& spec = scenario_.hosts[i];
    ports.push_back(std::make_unique<Port>(
        PortOptions{spec.name, objects_.links[i], spec.link, objects_.hosts[i]},
        random::Stream(options_.seed, "link/" + spec.name), recording_.recorder(),
        std::move(topology_.hosts[i].io)));
    hosts_.push_back(std::make_unique<KernelHost>(
        spec, objects_.hosts[i], topology_.hosts[i].network,
        random::Stream(options_.seed, "host/" + spec.name), recording_.recorder()));
    if (auto failure = hosts_.back()->open(kHostDevice)) {
      return "host " + spec.name + ": " + *failure;
    }
    ports.back()->watch(*hosts_.back());
  }
  network_ = std::make_unique<worlds::Network>(scenario_.balancers, worlds::Wiring::of(scenario_),
                                               options_.seed, objects_, recording_);
  balancer_ = std::make_unique<Balancer>(network_->fabric(), std::move(ports));
  balancer_->log_to(recording_.packets());
  return add_captures();
}

Failure World::add_captures() {
  if (!options_.pcap_folder) return std::nullopt;
  std::error_code error;
  std::filesystem::create_directories(*options_.pcap_folder, error);
  if (error) return "capture folder " + options_.pcap_folder->string() + ": " + error.message();
  for (std::size_t i = 0; i < balancer_->ports(); ++i) {
    Port& port = balancer_->port(i);
    std::unique_ptr<pcap::Writer> writer;
    const auto file = *options_.pcap_folder / (port.name() + ".pcap");
    if (auto failure = pcap::Writer::open(file, writer)) return failure;
    port.capture_to(std::move(writer));
  }
  return std::nullopt;
}

void World::add_servers() {
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    services_.emplace_back(scenario_.hosts[i], *hosts_[i], options_.seed);
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
    sampled.links.push_back(&balancer_->port(i));
  }
  sampled.network = network_.get();
  for (const auto& group : client_groups_) sampled.workloads.push_back(group.get());
  worlds::sample_world(sampler_, objects_, sampled);
}

void World::start(Instant now) {
  sampler_.start(kStart);
  for (const auto& host : hosts_) host->start(now);
}

void World::sample(Instant now) {
  refresh(now);
  sampler_.advance(now);
}

void World::refresh(Instant now) {
  for (const auto& host : hosts_) host->refresh(now);
}

Failure World::finish(Instant now) {
  refresh(now);
  sampler_.finish(now);
  for (const auto& host : hosts_) host->finish(now);
  network_->fabric().finish(now);
  Failure failure;
  for (std::size_t i = 0; i < balancer_->ports(); ++i) {
    if (auto problem = balancer_->port(i).close_capture(); problem && !failure) failure = problem;
  }
  return failure;
}

std::vector<KernelHost*> World::hosts() const {
  std::vector<KernelHost*> hosts;
  for (const auto& host : hosts_) hosts.push_back(host.get());
  return hosts;
}

worlds::TimelineTargets World::timeline_targets() {
  worlds::TimelineTargets targets;
  targets.network = network_.get();
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    auto& target = targets.hosts.emplace_back();
    target.host = hosts_[i].get();
    target.link = &balancer_->port(i);
    for (const auto& server : services_[i].servers()) target.servers.push_back(server.get());
  }
  return targets;
}

std::optional<std::string> World::conservation_problem() const {
  if (auto problem = balancer_->conservation_problem()) return problem;
  return network_->imbalance({{balancer_->packets_delivered(), balancer_->packets_taken()}});
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
