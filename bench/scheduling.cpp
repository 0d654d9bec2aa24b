// What choosing a server costs, by algorithm and number of servers.
//
//   round_robin        a decision of smooth weighted round robin, weights 1..100
//   least_connections  of weighted least connections, as many connections open as 100 per server: a
//                      random one ends and its place is taken
//   source_hash        of the source IP hash, random clients
//   connection_id      of the connection ID, 64 Ki of them known and used at random
//   sticky             of weighted round robin behind a table of 1 M clients, all of them bound:
//   the
//                      client comes again, at random; bytes_per_client
//   sticky_new         the same, of clients that nobody knows: each pushes out another
//   observed           of weighted round robin while somebody records every decision
//   passed_over        ... and says of each that it is not wanted
//   rebuild            the source hash's table filled anew after a server went or came
//
// `rebuild` has aims: 40 ms with 1000 servers, 3 ms with 10.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "models/random/stream.hpp"
#include "models/scheduling/connection_id_scheduler.hpp"
#include "models/scheduling/slot_table.hpp"
#include "models/scheduling/smooth_weighted_round_robin.hpp"
#include "models/scheduling/source_ip_hash.hpp"
#include "models/scheduling/sticky_scheduler.hpp"
#include "models/scheduling/weighted_least_connections.hpp"

namespace elblab::scheduling {
namespace {

const net::IpAddress kClient = net::IpAddress::v4(203, 0, 113, 1);

Candidates servers(const benchmark::State& state) {
  Candidates candidates;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    candidates.add(server_key("b" + std::to_string(i + 1)), static_cast<std::uint8_t>(1 + i % 100));
  }
  return candidates;
}

void sizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->ArgNames({"servers"})->Arg(10)->Arg(100)->Arg(1000);
}

void round_robin(benchmark::State& state) {
  const Candidates candidates = servers(state);
  SmoothWeightedRoundRobin scheduler;
  scheduler.reset(candidates.size());
  for (auto _ : state) benchmark::DoNotOptimize(scheduler.pick(candidates, {kClient, {}}));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(round_robin)->Apply(sizes);

class Discarding final : public DecisionObserver {
 public:
  void decided(const Decision& decision) override { benchmark::DoNotOptimize(decision.chosen); }
};

void observed(benchmark::State& state) {
  const Candidates candidates = servers(state);
  SmoothWeightedRoundRobin scheduler;
  scheduler.reset(candidates.size());
  Discarding observer;
  scheduler.observe(&observer);
  for (auto _ : state) benchmark::DoNotOptimize(scheduler.pick(candidates, {kClient, {}}));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(observed)->Apply(sizes);

class Uninterested final : public DecisionObserver {
 public:
  bool wants_next(std::size_t) override { return false; }
  void decided(const Decision& decision) override { benchmark::DoNotOptimize(decision.chosen); }
};

void passed_over(benchmark::State& state) {
  const Candidates candidates = servers(state);
  SmoothWeightedRoundRobin scheduler;
  scheduler.reset(candidates.size());
  Uninterested observer;
  scheduler.observe(&observer);
  for (auto _ : state) benchmark::DoNotOptimize(scheduler.pick(candidates, {kClient, {}}));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(passed_over)->Apply(sizes);

void least_connections(benchmark::State& state) {
  Candidates candidates = servers(state);
  WeightedLeastConnections scheduler;
  scheduler.reset(candidates.size());
  random::Stream random(1, "ends");
  std::vector<std::size_t> open(100 * candidates.size());
  for (std::size_t& server : open) {
    server = *scheduler.pick(candidates, {kClient, {}});
    candidates.flow_began(server);
  }
  for (auto _ : state) {
    std::size_t& server = open[random.below(open.size())];
    candidates.flow_ended(server);
    server = *scheduler.pick(candidates, {kClient, {}});
    candidates.flow_began(server);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(least_connections)->Apply(sizes);

void source_hash(benchmark::State& state) {
  const Candidates candidates = servers(state);
  SourceIpHash scheduler({});
  std::uint32_t client = 0;
  for (auto _ : state) {
    client += 0x9E3779B1u;
    benchmark::DoNotOptimize(scheduler.pick(candidates, {net::IpAddress::v4(client), {}}));
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["bytes"] = static_cast<double>(scheduler.memory_bytes());
}
BENCHMARK(source_hash)->Apply(sizes);

void connection_id(benchmark::State& state) {
  const Candidates candidates = servers(state);
  const auto table = std::make_shared<ConnectionIdTable>(8, 1u << 17, 0);
  ConnectionIdScheduler scheduler(std::make_unique<SourceIpHash>(config::SourceHash{}), table);
  random::Stream random(1, "ids");
  constexpr std::size_t kKnown = 1u << 16;
  std::vector<std::vector<std::uint8_t>> datagrams;
  for (std::size_t i = 0; i < kKnown; ++i) {
    std::vector<std::uint8_t> answer{0xC3, 0, 0, 0, 1, 0, 8};  // an Initial that gives out 8 bytes
    std::vector<std::uint8_t> datagram{0x41};
    for (int byte = 0; byte < 8; ++byte) {
      answer.push_back(static_cast<std::uint8_t>(random.next()));
      datagram.push_back(answer.back());
    }
    scheduler.answered(i % candidates.size(), answer);
    scheduler.pick(candidates, {kClient, datagram});
    datagrams.push_back(datagram);
  }
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        scheduler.pick(candidates, {kClient, datagrams[random.below(kKnown)]}));
  }
  state.SetItemsProcessed(state.iterations());
  state.counters["bytes_per_id"] =
      static_cast<double>(table->memory_bytes()) / static_cast<double>(table->capacity());
}
BENCHMARK(connection_id)->Apply(sizes);

constexpr std::uint32_t kStickyClients = 1'000'000;

struct Sticky {
  explicit Sticky(const Candidates& candidates)
      : table(std::make_shared<StickinessTable>(StickinessTable::Settings{
            std::chrono::minutes(20), StickinessTable::Timer::sliding, kStickyClients, 1})),
        scheduler(std::make_unique<SmoothWeightedRoundRobin>(), table) {
    scheduler.reset(candidates.size());
    for (std::uint32_t i = 0; i < kStickyClients; ++i) scheduler.pick(candidates, arrival(i));
  }
  static Arrival arrival(std::uint32_t client) { return {net::IpAddress::v4(client), {}}; }

  std::shared_ptr<StickinessTable> table;
  StickyScheduler scheduler;
};

void report_sticky(benchmark::State& state, const Sticky& sticky) {
  state.SetItemsProcessed(state.iterations());
  state.counters["bytes_per_client"] =
      static_cast<double>(sticky.table->memory_bytes()) / static_cast<double>(kStickyClients);
}

void sticky(benchmark::State& state) {
  const Candidates candidates = servers(state);
  Sticky sticky(candidates);
  random::Stream random(1, "clients");
  for (auto _ : state) {
    const auto client = static_cast<std::uint32_t>(random.below(kStickyClients));
    benchmark::DoNotOptimize(sticky.scheduler.pick(candidates, Sticky::arrival(client)));
  }
  report_sticky(state, sticky);
}
BENCHMARK(sticky)->Apply(sizes);

void sticky_new(benchmark::State& state) {
  const Candidates candidates = servers(state);
  Sticky sticky(candidates);
  std::uint32_t client = kStickyClients;
  for (auto _ : state) {
    benchmark::DoNotOptimize(sticky.scheduler.pick(candidates, Sticky::arrival(client++)));
  }
  report_sticky(state, sticky);
}
BENCHMARK(sticky_new)->Apply(sizes);

void rebuild(benchmark::State& state) {
  const Candidates candidates = servers(state);
  const auto members = table_members(candidates);
  SlotTable table;
  std::uint64_t seed = 0;
  for (auto _ : state) {
    table.fill(members, {config::SourceHash::Kind::consistent, seed++});
    benchmark::DoNotOptimize(table.holder(0));
  }
}
BENCHMARK(rebuild)->Apply(sizes)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace elblab::scheduling

BENCHMARK_MAIN();
