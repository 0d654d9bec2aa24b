#include "sim/world.hpp"

#include <utility>

#include "sim/clock.hpp"
#include "sim/host_application.hpp"
#include "sim/ns3_host.hpp"
#include "sim/probes.hpp"
#include "sim/world_rules.hpp"

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

World::World(const language::Scenario& scenario, std::uint64_t seed, Recording& recording)
    : scenario_(scenario),
      seed_(seed),
      recording_(recording),
      balancer_node_(ns3::CreateObject<ns3::Node>()),
      topology_(balancer_node_),
      sampler_(recording, scenario.sample_interval) {}

World::~World() { ns3::Simulator::Destroy(); }

std::optional<std::string> World::build(const std::optional<std::filesystem::path>& pcap_folder) {
  if (auto problem = unsupported(scenario_)) return problem;
  register_balancer();
  if (auto problem = add_hosts(pcap_folder)) return problem;
  add_balancer();
  for (WorldHost& host : hosts_) add_servers(host);
  for (const language::WorkloadSpec& spec : scenario_.workloads) add_workload(spec);
  add_series();
  return std::nullopt;
}

void World::register_balancer() {
  using trace::ObjectKind;
  const config::LoadBalancer& balancer = scenario_.balancer;
  balancer_object_ =
      recording_.add_object("balancer", ObjectKind::balancer, balancer.address.to_string());
  for (unsigned i = 0; i < balancer.nodes.lvs; ++i) {
    node_objects_.push_back(recording_.add_object("lvs" + std::to_string(i + 1), ObjectKind::node));
  }
  for (const config::BackendGroup& group : balancer.groups) {
    auto& objects = server_objects_.emplace_back();
    for (const config::Server& server : group.servers) {
      objects.push_back(
          recording_.add_object(group.name + "/" + server.name, ObjectKind::server,
                                net::Endpoint{server.address, server.port}.to_string()));
    }
  }
}

std::optional<std::string> World::add_hosts(
    const std::optional<std::filesystem::path>& pcap_folder) {
  hosts_.resize(scenario_.hosts.size());
  for (std::size_t i = 0; i < hosts_.size(); ++i) {
    hosts_[i].spec = &scenario_.hosts[i];
    hosts_[i].object = recording_.add_object(hosts_[i].spec->name, trace::ObjectKind::host,
                                             hosts_[i].spec->addresses.front().to_string());
    hosts_by_name_[hosts_[i].spec->name] = &hosts_[i];
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
  options.object = recording_.add_object(spec.name, trace::ObjectKind::link);
  options.loss = spec.link.loss;
  options.jitter = spec.link.jitter;
  options.native_host = spec.stack == language::HostStack::ns3;
  host.node = ns3::CreateObject<ns3::Node>();
  host.link = std::make_unique<Link>(options, random::Stream(seed_, "link/" + spec.name),
                                     recording_.recorder());
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

void World::add_balancer() {
  std::vector<forwarding::Route> routes;
  std::vector<Link*> ports;
  for (const WorldHost& host : hosts_) {
    const auto port = static_cast<forwarding::PortIndex>(ports.size());
    for (const net::IpAddress& address : host.spec->addresses) {
      routes.push_back({net::Subnet(address, address.is_v4() ? 32 : 128), port});
    }
    ports.push_back(host.link.get());
  }
  forwarding::Cluster cluster(scenario_.balancer, node_objects_, std::move(routes),
                              random::Stream(seed_, "balancer/hash").next(), recording_.recorder(),
                              server_objects_);
  cluster_ = ns3::CreateObject<ClusterApplication>(std::move(cluster), std::move(ports));
  balancer_node_->AddApplication(cluster_);
}

void World::add_servers(WorldHost& host) {
  for (const workload::ServerParameters& service : host.spec->services) {
    host.servers.push_back(workload::make_server(service, host.host->sockets()));
    host.host->add(*host.servers.back());
  }
}

void World::add_workload(const language::WorkloadSpec& spec) {
  std::vector<std::vector<net::IpAddress>> sources;
  for (const std::string& name : spec.from) {
    sources.push_back(
        sources_for(*hosts_by_name_.at(name)->spec, spec.parameters.destination.address));
  }
  client_groups_.push_back(std::make_unique<ClientGroup>());
  for (const ClientPart& part : split_workload(spec.parameters, sources)) {
    const std::string& host = spec.from[part.host];
    const std::string stream =
        "workload/" + spec.parameters.name + "/" + host + "/" + part.source.to_string();
    client_groups_.back()->add(*hosts_by_name_.at(host)->host, part, random::Stream(seed_, stream));
  }
}

void World::add_series() {
  for (const WorldHost& host : hosts_) sample_host(sampler_, host.object, *host.host);
  for (const WorldHost& host : hosts_) sample_link(sampler_, host.link->object(), *host.link);
  sample_balancer(sampler_, balancer_object_, cluster());
  for (std::size_t group = 0; group < server_objects_.size(); ++group) {
    for (std::size_t server = 0; server < server_objects_[group].size(); ++server) {
      sample_server(sampler_, server_objects_[group][server], cluster(), group, server);
    }
  }
  for (std::size_t i = 0; i < client_groups_.size(); ++i) {
    const auto object =
        recording_.add_object(scenario_.workloads[i].parameters.name, trace::ObjectKind::workload);
    sample_workload(sampler_, object, *client_groups_[i]);
  }
  sampler_.start();
}

std::optional<std::string> World::finish() {
  sampler_.finish();
  for (WorldHost& host : hosts_) host.host->finish(now());
  cluster().finish(now());
  std::optional<std::string> error;
  for (WorldHost& host : hosts_) {
    if (auto problem = host.link->close_capture(); problem && !error) error = problem;
  }
  return error;
}

WorldHost* World::find_host(const std::string& name) {
  const auto it = hosts_by_name_.find(name);
  return it == hosts_by_name_.end() ? nullptr : it->second;
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
  std::uint64_t delivered_to_balancer = 0;
  std::uint64_t sent_by_balancer = 0;
  for (const WorldHost& host : hosts_) {
    if (auto problem = host.link->conservation_problem()) return problem;
    delivered_to_balancer += host.link->counters(End::host).delivered;
    sent_by_balancer += host.link->counters(End::balancer).sent;
    const host::HostCounters& counters = host.host->counters();
    if (host.host->model() != nullptr &&
        counters.packets_out != host.link->counters(End::host).sent) {
      return "host " + host.spec->name + " sent " + std::to_string(counters.packets_out) +
             " packets, its link took " + std::to_string(host.link->counters(End::host).sent);
    }
  }
  const forwarding::ForwarderCounters c = cluster().counters();
  if (c.packets_in != delivered_to_balancer) {
    return "links delivered " + std::to_string(delivered_to_balancer) +
           " packets to the balancer, it counted " + std::to_string(c.packets_in);
  }
  if (!c.conserved()) {
    return "balancer: " + std::to_string(c.packets_in) + " packets in, " +
           std::to_string(c.packets_forwarded) + " forwarded, " +
           std::to_string(c.packets_absorbed) + " absorbed, " + std::to_string(c.dropped_total()) +
           " dropped";
  }
  if (c.packets_forwarded + c.packets_made != sent_by_balancer) {
    return "balancer: " + std::to_string(c.packets_forwarded) + " packets forwarded and " +
           std::to_string(c.packets_made) + " made, links took " + std::to_string(sent_by_balancer);
  }
  return std::nullopt;
}

}  // namespace elblab::sim
