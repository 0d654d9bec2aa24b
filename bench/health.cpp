// What health checks cost: 1,000 servers probed by 8 nodes at 1 s intervals, 8,000 probes a second.
//
// `probes/s` is probes per wall second; what the checks add to a run with traffic is the difference
// of the two beside_traffic; `bytes_per_server` is what a prober keeps for each server.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <stdexcept>
#include <string>

#include "models/health/prober.hpp"
#include "scenarios/language/scenario_file.hpp"
#include "sim/simulation.hpp"

namespace elblab {
namespace {

constexpr unsigned kServers = 1000;
constexpr unsigned kNodes = 8;

language::Scenario scenario_of(const std::string& check, const std::string& load) {
  const std::string text =
      "scenario: BENCH\ntitle: Health checks\nprofile: shared\nduration: 10s\n"
      "networks: {servers: [192.168.0.0/20]}\n"
      "hosts:\n"
      "  c1: {role: client, addresses: 8, link: {rate: 10Gbps, delay: 1ms, kind: pooled}}\n"
      "  b[1..1000]: {role: server, link: {rate: 1Gbps, delay: 200us, kind: pooled}}\n"
      "balancer:\n  nodes: {lvs: 4, nginx: 4}\n"
      "  listeners: {web: {protocol: tcp, port: 80, group: app}}\n"
      "  groups: {app: {servers: {\"b[1..1000]\": {port: 90}}" +
      check +
      "}}\n"
      "workload:\n  load: {from: c1, to: web, short_connections: " +
      load + ", request: 200B, response: 1KB}\n";
  const auto loaded = language::ScenarioFile::parse(text, "bench.elb.yaml");
  if (loaded.file == nullptr) throw std::runtime_error(loaded.errors.front().to_string());
  return *loaded.file->decode(loaded.file->runs().front()).scenario;
}

// Nothing but probes.
void probing(benchmark::State& state, const std::string& protocol) {
  const language::Scenario scenario =
      scenario_of(", health_check: {protocol: " + protocol + ", interval: 1s, timeout: 1s}", "1/s");
  for (auto _ : state) {
    const auto result = sim::run(scenario, {});
    benchmark::DoNotOptimize(result);
  }
  const double probes = static_cast<double>(kServers) * kNodes * 10;
  state.counters["probes/s"] = benchmark::Counter(probes * static_cast<double>(state.iterations()),
                                                  benchmark::Counter::kIsRate);
}
BENCHMARK_CAPTURE(probing, tcp, "tcp")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(probing, http, "http")->Unit(benchmark::kMillisecond);

// With 20,000 connections a second: once with the checks, once without.
void beside_traffic(benchmark::State& state, bool checked) {
  const language::Scenario scenario = scenario_of(
      checked ? ", health_check: {protocol: tcp, interval: 1s, timeout: 1s}" : "", "20000/s");
  for (auto _ : state) {
    const auto result = sim::run(scenario, {});
    benchmark::DoNotOptimize(result);
  }
}
BENCHMARK_CAPTURE(beside_traffic, unchecked, false)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(beside_traffic, checked, true)->Unit(benchmark::kMillisecond);

class NoSockets final : public host::Sockets, public health::EchoSender {
 public:
  host::ConnectResult connect(const net::Endpoint&, const net::Endpoint&, host::SocketEvents&,
                              Instant) override {
    return {++last_, host::SocketError::none};
  }
  host::ConnectResult open_udp(const net::Endpoint&, const std::optional<net::Endpoint>&,
                               host::SocketEvents&, Instant) override {
    return {++last_, host::SocketError::none};
  }
  bool send_echo(const net::IpAddress&, std::uint16_t, Instant) override { return true; }
  std::optional<host::ListenerId> listen(const host::ListenOptions&, host::SocketEvents&,
                                         Instant) override {
    return std::nullopt;
  }
  void stop_listening(host::ListenerId, Instant) override {}
  host::SocketId accept(host::ListenerId, host::SocketEvents&, Instant) override { return 0; }
  host::SocketError send(host::SocketId, std::span<const std::uint8_t>, Instant) override {
    return host::SocketError::none;
  }
  host::SocketError send_pattern(host::SocketId, std::uint64_t, Instant) override {
    return host::SocketError::none;
  }
  host::SocketError send_datagram(host::SocketId, const net::Endpoint&,
                                  std::span<const std::uint8_t>, Instant) override {
    return host::SocketError::none;
  }
  void shutdown(host::SocketId, Instant) override {}
  void close(host::SocketId, Instant) override {}
  void abort(host::SocketId, Instant) override {}
  std::optional<net::Endpoint> local_endpoint(host::SocketId) const override { return {}; }
  std::optional<net::Endpoint> peer_endpoint(host::SocketId) const override { return {}; }

 private:
  host::SocketId last_ = 0;
};

struct Forgetful final : health::ProbeWatch {
  void probe_ended(const health::ProbeResult& result) override {
    benchmark::DoNotOptimize(result);
    ++ended;
  }
  void probe_answered(health::TargetNumber, Duration) override {}
  std::uint64_t ended = 0;
};

// A prober alone: its timers and its books.
void prober_alone(benchmark::State& state) {
  NoSockets sockets;
  Forgetful watch;
  const std::size_t before = mallinfo2().uordblks;
  health::Prober prober(sockets, sockets, watch);
  health::Check check;
  check.target = {net::IpAddress::v4(192, 168, 1, 1), 90};
  check.interval = std::chrono::seconds(1);
  check.timeout = std::chrono::milliseconds(500);
  check.retries = 3;
  for (unsigned i = 0; i < kServers; ++i) {
    prober.begin(prober.add(random::Stream(i, "first")), check, health::Verdict::healthy, kStart);
  }
  state.counters["bytes_per_server"] =
      static_cast<double>(mallinfo2().uordblks - before) / kServers;
  for (auto _ : state) prober.advance(prober.next_deadline());
  state.counters["probes/s"] =
      benchmark::Counter(static_cast<double>(watch.ended), benchmark::Counter::kIsRate);
}
BENCHMARK(prober_alone);

}  // namespace
}  // namespace elblab

BENCHMARK_MAIN();
