// What the live loop costs with many hosts, and with many addresses on one: CPU time of the whole
// process (the loop, the engine, and the kernels' part of its calls) per packet through the
// balancer, at one load. Cost that grows with the traffic is level here; cost that grows with the
// ports is not.
//
//   hosts      5, 40, 120 of them, all but one servers; 400 connections per second among them
//   addresses  1, 200, 2,000 of the client, the same load
//
// Each run lasts 5 s; what is set up before its clock starts is left out. Skipped, with the reason,
// where namespaces cannot be made.
#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <stdexcept>
#include <string>

#include "live/live_run.hpp"
#include "live/network/privileges.hpp"
#include "scenarios/language/scenario_file.hpp"

namespace elblab {
namespace {

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

language::Scenario scenario_of(std::int64_t hosts, std::int64_t addresses) {
  const std::string text =
      "scenario: BENCH\ntitle: The live loop\nprofile: dedicated\nduration: 5s\n"
      "networks: {clients: [100.64.0.0/16]}\n"
      "hosts:\n  c1: {role: client, addresses: " +
      std::to_string(addresses) + ", link: {rate: 1Gbps, delay: 0s}}\n  b[1.." +
      std::to_string(hosts - 1) +
      "]: {role: server, link: {rate: 1Gbps, delay: 0s}}\n"
      "balancer:\n  listeners: {web: {protocol: tcp, port: 80, group: app}}\n"
      "  groups: {app: {servers: {\"b[1.." +
      std::to_string(hosts - 1) +
      "]\": {port: 90}}}}\n"
      "workload:\n  load: {from: c1, to: web, short_connections: 400/s, for: 4s, request: 200B, "
      "response: 1KB}\n";
  const auto loaded = language::ScenarioFile::parse(text, "bench.elb.yaml");
  if (loaded.file == nullptr) throw std::runtime_error(loaded.errors.front().to_string());
  const auto decoded =
      loaded.file->decode(loaded.file->runs().front(), {}, language::Variant::live);
  if (!decoded.scenario) throw std::runtime_error(decoded.errors.front().to_string());
  return *decoded.scenario;
}

void run(benchmark::State& state, std::int64_t hosts, std::int64_t addresses) {
  if (const auto allowed = live::check_privileges(); !allowed) {
    state.SkipWithError(allowed.error().message.c_str());
    return;
  }
  const language::Scenario scenario = scenario_of(hosts, addresses);
  double packets = 0;
  double cpu = 0;
  for (auto _ : state) {
    double begin = -1;
    double end = 0;
    live::RunOptions options;
    options.on_progress = [&](const worlds::Progress&) {
      end = cpu_seconds();
      if (begin < 0) begin = end;
      return true;
    };
    const auto result = live::run(scenario, options);
    if (!result) {
      state.SkipWithError(result.error().message.c_str());
      return;
    }
    packets += static_cast<double>(result->packets);
    cpu += end - begin;
  }
  state.counters["packets"] = packets;
  state.counters["cpu_us/packet"] = 1e6 * cpu / packets;
}

void hosts(benchmark::State& state) { run(state, state.range(0), 8); }
BENCHMARK(hosts)->Arg(5)->Arg(40)->Arg(120)->Iterations(1)->Unit(benchmark::kSecond);

void addresses(benchmark::State& state) { run(state, 5, state.range(0)); }
BENCHMARK(addresses)->Arg(1)->Arg(200)->Arg(2000)->Iterations(1)->Unit(benchmark::kSecond);

}  // namespace
}  // namespace elblab

BENCHMARK_MAIN();
