#include "models/scheduling/decision.hpp"

#include <boost/test/unit_test.hpp>
#include <functional>
#include <memory>

#include "models/scheduling/connection_id_scheduler.hpp"
#include "models/scheduling/scheduler.hpp"
#include "models/scheduling/slot_table.hpp"
#include "tests/net/quic_datagrams.hpp"
#include "tests/scheduling/groups.hpp"

namespace elblab::scheduling {
namespace {

using namespace quic;  // NOLINT: datagrams by hand

class Collector final : public DecisionObserver {
 public:
  void decided(const Decision& decision) override { decisions.push_back(decision); }
  std::vector<Decision> decisions;
};

std::unique_ptr<Scheduler> made_for(config::Algorithm algorithm) {
  config::BackendGroup group;
  group.algorithm = algorithm;
  auto scheduler = make_scheduler(group);
  if (algorithm != config::Algorithm::connection_id) return scheduler;
  return std::make_unique<ConnectionIdScheduler>(std::move(scheduler),
                                                 std::make_shared<ConnectionIdTable>(8, 64, 0));
}

constexpr config::Algorithm kAlgorithms[] = {
    config::Algorithm::weighted_round_robin, config::Algorithm::weighted_least_connections,
    config::Algorithm::source_ip_hash, config::Algorithm::connection_id};

// Who wins by what a decision says, worked out from its numbers alone.
std::optional<std::size_t> winner_by(const Decision& decision) {
  std::optional<std::size_t> best;
  const auto beats = [&](const Weighed& a, const Weighed& b) {
    if (decision.ground == Ground::least_load) {
      return std::uint64_t{a.state.active_connections} * b.state.weight <
             std::uint64_t{b.state.active_connections} * a.state.weight;
    }
    return *a.credit > *b.credit;
  };
  for (const Weighed& candidate : decision.candidates) {
    if (!candidate.state.usable()) continue;
    if (decision.ground != Ground::least_load && !candidate.credit) continue;
    if (!best || beats(candidate, decision.candidates[*best])) best = candidate.server;
  }
  return best;
}

// Random traffic and changes; `decided` is called with each decision.
void drive(Scheduler& scheduler, Candidates& candidates, std::uint64_t seed, int decisions,
           const std::function<void(const Arrival&, std::optional<std::size_t>)>& decided) {
  random::Stream random(seed, "drive");
  std::vector<std::size_t> open;
  for (int i = 0; i < decisions; ++i) {
    if (random.chance(0.1)) change_something(candidates, random);
    if (!open.empty() && random.chance(0.4)) {
      candidates.flow_ended(open.back());
      open.pop_back();
    }
    const Arrival arrival{random_address(random), {}};
    const auto server = scheduler.pick(candidates, arrival);
    decided(arrival, server);
    if (server) {
      candidates.flow_began(*server);
      open.push_back(*server);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decision)

BOOST_AUTO_TEST_CASE(can_be_worked_out_again_from_what_an_observer_was_told) {
  for (const config::Algorithm algorithm : kAlgorithms) {
    const auto scheduler = made_for(algorithm);
    Candidates candidates = with_weights({3, 1, 100, 25, 0, 7});
    scheduler->reset(candidates.size());
    Collector collector;
    scheduler->observe(&collector);
    std::size_t seen = 0;
    drive(*scheduler, candidates, 1, 500, [&](const Arrival& arrival, auto server) {
      BOOST_REQUIRE_EQUAL(collector.decisions.size(), ++seen);
      const Decision& decision = collector.decisions.back();
      BOOST_REQUIRE(decision.chosen == server);
      BOOST_REQUIRE_EQUAL(decision.candidates.size(), candidates.size());
      for (std::size_t s = 0; s < candidates.size(); ++s) {
        BOOST_REQUIRE_EQUAL(decision.candidates[s].server, s);
        BOOST_REQUIRE_EQUAL(decision.candidates[s].key, server_key(server_name(s)));
        BOOST_REQUIRE_EQUAL(decision.candidates[s].state.active_connections,
                            candidates[s].active_connections);
        BOOST_REQUIRE_EQUAL(decision.candidates[s].state.usable(), candidates[s].usable());
      }
      if (!server) {
        BOOST_REQUIRE(decision.ground == Ground::nobody_usable);
      } else if (decision.ground == Ground::table_slot) {
        BOOST_REQUIRE_EQUAL(*decision.slot, slot_of(arrival.client, 0));
        SlotTable table;
        table.fill(table_members(candidates), {});
        BOOST_REQUIRE_EQUAL(table.holder(*decision.slot), *server);
      } else {
        BOOST_REQUIRE(winner_by(decision) == server);
      }
    });
  }
}

BOOST_AUTO_TEST_CASE(names_its_ground) {
  Candidates candidates = equal_servers(2);
  const Arrival arrival{kClient, {}};
  const auto round_robin = made_for(config::Algorithm::weighted_round_robin);
  round_robin->reset(2);
  BOOST_TEST((round_robin->explain(candidates, arrival).ground == Ground::turn));
  const auto least = made_for(config::Algorithm::weighted_least_connections);
  least->reset(2);
  BOOST_TEST((least->explain(candidates, arrival).ground == Ground::tied_turn));
  candidates.flow_began(0);
  BOOST_TEST((least->explain(candidates, arrival).ground == Ground::least_load));
  BOOST_TEST(*least->explain(candidates, arrival).chosen == 1u);

  ConnectionIdScheduler by_id(made_for(config::Algorithm::source_ip_hash),
                              std::make_shared<ConnectionIdTable>(8, 64, 0));
  const Bytes id{1, 2, 3, 4, 5, 6, 7, 8};
  by_id.answered(1, long_datagram(kVersion1, {}, id));
  const Bytes datagram = short_datagram(id);
  const Decision known = by_id.explain(candidates, {kClient, datagram});
  BOOST_TEST((known.ground == Ground::connection_id));
  BOOST_TEST(*known.chosen == 1u);
  BOOST_TEST((by_id.explain(candidates, arrival).ground == Ground::table_slot));
}

// Observed, asked in between, or left alone: the same servers.
BOOST_AUTO_TEST_CASE(is_the_same_whether_anybody_looks_or_not) {
  for (const config::Algorithm algorithm : kAlgorithms) {
    std::vector<std::optional<std::size_t>> runs[2];
    for (const bool watched : {false, true}) {
      const auto scheduler = made_for(algorithm);
      Candidates candidates = with_weights({3, 1, 100, 25, 0, 7});
      scheduler->reset(candidates.size());
      Collector collector;
      if (watched) scheduler->observe(&collector);
      drive(*scheduler, candidates, 2, 500, [&](const Arrival& arrival, auto server) {
        runs[watched ? 1 : 0].push_back(server);
        if (watched) scheduler->explain(candidates, arrival);
      });
    }
    BOOST_TEST((runs[0] == runs[1]));
  }
}

BOOST_AUTO_TEST_CASE(is_told_to_nobody_any_more_after_the_observer_is_taken_away) {
  const auto scheduler = made_for(config::Algorithm::weighted_round_robin);
  const Candidates candidates = equal_servers(2);
  scheduler->reset(2);
  Collector collector;
  scheduler->observe(&collector);
  scheduler->pick(candidates, {kClient, {}});
  scheduler->observe(nullptr);
  scheduler->pick(candidates, {kClient, {}});
  BOOST_TEST(collector.decisions.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::scheduling
