// How fast worlds run: short connections per wall second, each with 200 B request and 1 KB
// response, the client closing first, through a fullNAT or DNAT balancer of two nodes.
//
// Over ns-3 links, over pooled links, on ns-3's own TCP (the peer, same workload code), and with
// and without a trace. `connections/s` is wall time; `per_hop` divides the wall time by the packets
// that crossed a link, everything included (hosts, balancer, events). What a connection takes that
// is open and idle, with all that knows of it: client, balancer, server and both their programs.
#include "sim/simulation.hpp"

#include <benchmark/benchmark.h>
#include <malloc.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace elblab::sim {
namespace {

using language::HostStack;
using language::LinkKind;

constexpr std::size_t kServers = 4;

struct Shape {
  LinkKind kind = LinkKind::pooled;
  HostStack stack = HostStack::model;
  std::size_t clients = 4;
  double rate_per_second = 50'000;
  Duration load = std::chrono::seconds(2);
  bool keeps_client_address = true;
};

language::HostSpec make_host(const Shape& shape, const std::string& name,
                             const net::IpAddress& address) {
  language::HostSpec host;
  host.name = name;
  host.addresses = {address};
  host.stack = shape.stack;
  host.link.kind = shape.kind;
  host.link.rate_bits_per_second = 10e9;
  return host;
}

config::LoadBalancer make_balancer(const Shape& shape) {
  config::LoadBalancer balancer;
  balancer.profile = config::find_profile(shape.keeps_client_address ? "dedicated" : "shared-2020");
  balancer.address = net::IpAddress::v4(198, 51, 100, 10);
  balancer.backend_subnet = *net::Subnet::parse("10.0.1.0/24");
  config::Listener listener;
  listener.name = "web";
  listener.port = {80, 80};
  listener.group = "app";
  balancer.listeners = {listener};
  balancer.groups.emplace_back().name = "app";
  return balancer;
}

language::Scenario make_scenario(const Shape& shape) {
  language::Scenario scenario;
  scenario.id = "BENCH";
  scenario.duration = shape.load + std::chrono::seconds(1);
  scenario.balancers = {make_balancer(shape)};
  language::WorkloadSpec& spec = scenario.workloads.emplace_back();
  for (std::size_t i = 0; i < shape.clients; ++i) {
    spec.from.push_back("c" + std::to_string(i + 1));
    scenario.hosts.push_back(
        make_host(shape, spec.from.back(), net::IpAddress::v4(203, 0, 113, 1).plus(i)));
  }
  for (std::size_t i = 0; i < kServers; ++i) {
    auto host =
        make_host(shape, "b" + std::to_string(i + 1), net::IpAddress::v4(10, 0, 2, 1).plus(i));
    host.role = language::HostRole::server;
    host.services.emplace_back().port = 90;
    config::Server server;
    server.name = host.name;
    server.address = host.addresses.front();
    server.port = 90;
    scenario.balancers.front().groups.front().servers.push_back(server);
    scenario.hosts.push_back(std::move(host));
  }
  spec.balancer = scenario.balancers.front().name;
  spec.listener = "web";
  spec.parameters.name = "burst";
  spec.parameters.rate_per_second = shape.rate_per_second;
  spec.parameters.end = kStart + shape.load;
  spec.parameters.destination = {scenario.balancers.front().address, 80};
  return scenario;
}

void run_shape(benchmark::State& state, const Shape& shape, const RunOptions& options = {}) {
  const language::Scenario scenario = make_scenario(shape);
  std::uint64_t connections = 0;
  std::uint64_t balancer_packets = 0;
  for (auto _ : state) {
    const RunOutcome outcome = run(scenario, options);
    if (!outcome) return state.SkipWithError(outcome.error().message.c_str());
    const RunResult& result = *outcome;
    if (!result.packets_conserved || result.end.refused > 0) {
      return state.SkipWithError(
          (result.conservation_problem + " refused " + std::to_string(result.end.refused)).c_str());
    }
    connections += result.end.connections;
    balancer_packets += result.packets;
  }
  const auto count = static_cast<double>(connections);
  // Every packet crosses a link to the balancer and, being forwarded, one from it.
  const double hops = 2.0 * static_cast<double>(balancer_packets);
  state.counters["connections/s"] = benchmark::Counter(count, benchmark::Counter::kIsRate);
  state.counters["per_hop"] =
      benchmark::Counter(hops, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["packets/connection"] = static_cast<double>(balancer_packets) / count;
}

void pooled_links(benchmark::State& state) {
  Shape shape;
  shape.clients = static_cast<std::size_t>(state.range(0));
  shape.load = std::chrono::milliseconds(500) * state.range(0);  // 25,000 of 28,232 ports each
  run_shape(state, shape);
}
BENCHMARK(pooled_links)->Arg(1)->Arg(4)->Unit(benchmark::kMillisecond)->UseRealTime();

void pooled_links_full_nat(benchmark::State& state) {
  Shape shape;
  shape.keeps_client_address = false;
  run_shape(state, shape);
}
BENCHMARK(pooled_links_full_nat)->Unit(benchmark::kMillisecond)->UseRealTime();

void ns3_point_to_point_links(benchmark::State& state) {
  Shape shape;
  shape.kind = LinkKind::point_to_point;
  run_shape(state, shape);
}
BENCHMARK(ns3_point_to_point_links)->Unit(benchmark::kMillisecond)->UseRealTime();

// The peer: ns-3's TCP on all hosts. Its cost per connection grows with the connections held, so
// it gets fewer.
void ns3_tcp(benchmark::State& state) {
  Shape shape;
  shape.kind = LinkKind::point_to_point;
  shape.stack = HostStack::ns3;
  shape.rate_per_second = 2'000;
  run_shape(state, shape);
}
BENCHMARK(ns3_tcp)->Unit(benchmark::kMillisecond)->UseRealTime();

// The model at the peer's load, for the ratio.
void model_at_the_load_of_ns3_tcp(benchmark::State& state) {
  Shape shape;
  shape.kind = LinkKind::point_to_point;
  shape.rate_per_second = 2'000;
  run_shape(state, shape);
}
BENCHMARK(model_at_the_load_of_ns3_tcp)->Unit(benchmark::kMillisecond)->UseRealTime();

void pooled_links_with_trace(benchmark::State& state) {
  RunOptions options;
  options.trace =
      std::filesystem::temp_directory_path() / ("elblab-bench-" + std::to_string(getpid()) + ".db");
  run_shape(state, Shape{}, options);
  std::error_code ignored;
  std::filesystem::remove(options.trace, ignored);
}
BENCHMARK(pooled_links_with_trace)->Unit(benchmark::kMillisecond)->UseRealTime();

// Of this process, since it was last asked to forget it.
double peak_bytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) * 1024;
  }
  return 0;
}
void forget_peak() {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
}

// In waves, as a burst of a million SYNs would itself be the peak.
language::Scenario make_idle_scenario(std::uint32_t connections) {
  constexpr std::uint32_t kWaves = 100;
  constexpr std::size_t kQueue = 100'000;
  Shape shape;
  language::Scenario scenario = make_scenario(shape);
  scenario.duration = std::chrono::seconds(12);
  for (language::HostSpec& host : scenario.hosts) {
    host.link.queue_packets = kQueue;
    for (std::uint32_t n = 1; host.role == language::HostRole::client && n < 25; ++n) {
      host.addresses.push_back(host.addresses.front().plus(std::uint64_t{n} * shape.clients));
    }
  }
  const language::WorkloadSpec pattern = scenario.workloads.front();
  scenario.workloads.clear();
  for (std::uint32_t wave = 0; wave < kWaves; ++wave) {
    language::WorkloadSpec& spec = scenario.workloads.emplace_back(pattern);
    spec.parameters.name = "wave" + std::to_string(wave);
    spec.parameters.kind = workload::Kind::persistent_connections;
    spec.parameters.rate_per_second = 0;
    spec.parameters.connections = connections / kWaves;
    spec.parameters.begin = kStart + wave * std::chrono::milliseconds(100);
    spec.parameters.end = kStart + scenario.duration + std::chrono::seconds(1);
  }
  return scenario;
}

void idle_connections(benchmark::State& state) {
  const auto scenario = make_idle_scenario(static_cast<std::uint32_t>(state.range(0)));
  for (auto _ : state) {
    forget_peak();
    const double before = peak_bytes();
    const RunOutcome outcome = run(scenario, {});
    if (!outcome) return state.SkipWithError(outcome.error().message.c_str());
    if (outcome->end.connections < static_cast<std::uint64_t>(state.range(0))) {
      return state.SkipWithError("not every connection was opened");
    }
    state.counters["bytes_per_connection"] =
        (peak_bytes() - before) / static_cast<double>(state.range(0));
  }
}
BENCHMARK(idle_connections)
    ->Arg(200'000)
    ->Arg(1'000'000)
    ->Iterations(1)
    ->Unit(benchmark::kMillisecond)
    ->UseRealTime();

}  // namespace
}  // namespace elblab::sim

BENCHMARK_MAIN();
