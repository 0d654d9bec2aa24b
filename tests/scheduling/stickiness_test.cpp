#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>
#include <memory>
#include <set>
#include <vector>

#include "models/scheduling/smooth_weighted_round_robin.hpp"
#include "models/scheduling/source_ip_hash.hpp"
#include "models/scheduling/sticky_scheduler.hpp"
#include "tests/scheduling/groups.hpp"

namespace elblab::scheduling {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Timer = StickinessTable::Timer;

Instant at_second(std::int64_t second) { return kStart + seconds(second); }

// The table as its header describes it: a list of what was bound, searched from end to end.
class NaiveStickiness {
 public:
  explicit NaiveStickiness(const StickinessTable::Settings& settings) : settings_(settings) {}

  std::optional<StickinessTable::Binding> find(const net::IpAddress& client, Instant now) const {
    for (const Row& row : rows_) {
      if (row.client == client) {
        return StickinessTable::Binding{row.server, row.since + settings_.duration <= now};
      }
    }
    return std::nullopt;
  }
  void bind(const net::IpAddress& client, std::uint16_t server, Instant now) {
    std::erase_if(rows_, [&](const Row& row) { return row.client == client; });
    if (rows_.size() == settings_.capacity) {
      // Times end in the order in which they began; of equal ones the first that was bound goes.
      rows_.erase(std::min_element(rows_.begin(), rows_.end(),
                                   [](const Row& a, const Row& b) { return a.since < b.since; }));
    }
    rows_.push_back({client, server, now});
  }
  void use(const net::IpAddress& client, Instant now) {
    if (settings_.timer == Timer::fixed) return;
    const auto row =
        std::find_if(rows_.begin(), rows_.end(), [&](const Row& r) { return r.client == client; });
    const Row again{client, row->server, now};
    rows_.erase(row);
    rows_.push_back(again);
  }
  void set_duration(Duration duration) { settings_.duration = duration; }
  std::size_t size() const { return rows_.size(); }

 private:
  struct Row {
    net::IpAddress client;
    std::uint16_t server;
    Instant since;
  };
  StickinessTable::Settings settings_;
  std::vector<Row> rows_;
};

struct StickyNode {
  StickyNode(std::size_t servers, const StickinessTable::Settings& settings)
      : candidates(equal_servers(servers)),
        table(std::make_shared<StickinessTable>(settings)),
        scheduler(std::make_unique<SmoothWeightedRoundRobin>(), table) {
    scheduler.reset(servers);
  }
  std::optional<std::size_t> serve(const net::IpAddress& client, Instant now) {
    return scheduler.pick(candidates, {client, {}, now});
  }

  Candidates candidates;
  std::shared_ptr<StickinessTable> table;
  StickyScheduler scheduler;
};

StickinessTable::Settings lasting(Duration duration, Timer timer = Timer::sliding,
                                  std::uint32_t capacity = 1000) {
  StickinessTable::Settings settings;
  settings.duration = duration;
  settings.timer = timer;
  settings.capacity = capacity;
  return settings;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stickiness)

BOOST_AUTO_TEST_CASE(remembers_what_a_naive_table_remembers) {
  random::Stream random(1, "naive");
  for (const Timer timer : {Timer::sliding, Timer::fixed}) {
    for (const std::uint32_t capacity : {1, 2, 7, 40}) {
      StickinessTable::Settings settings = lasting(seconds(60), timer, capacity);
      settings.hash_seed = random.next();
      StickinessTable table(settings);
      NaiveStickiness naive(settings);
      std::vector<net::IpAddress> clients;
      for (int i = 0; i < 60; ++i) clients.push_back(random_address(random));
      Instant now = kStart;
      for (int step = 0; step < 5000; ++step) {
        now += Duration(static_cast<std::int64_t>(random.exponential(1e9)));
        const net::IpAddress& client = clients[random.below(clients.size())];
        const auto binding = table.find(client, now);
        const auto expected = naive.find(client, now);
        BOOST_REQUIRE_EQUAL(binding.has_value(), expected.has_value());
        if (binding) {
          BOOST_REQUIRE_EQUAL(binding->server, expected->server);
          BOOST_REQUIRE_EQUAL(binding->over, expected->over);
        }
        if (binding && random.chance(0.5)) {
          table.use(client, now);
          naive.use(client, now);
        } else if (random.chance(0.7)) {
          const auto server = static_cast<std::uint16_t>(random.below(9));
          table.bind(client, server, now);
          naive.bind(client, server, now);
        } else if (random.chance(0.02)) {
          const Duration duration = seconds(10 + static_cast<std::int64_t>(random.below(100)));
          table.set_duration(duration);
          naive.set_duration(duration);
        }
        BOOST_REQUIRE_EQUAL(table.size(), naive.size());
      }
    }
  }
}

// STK-03, STK-06: while the time lasts, counted from the last connection or from the first.
BOOST_AUTO_TEST_CASE(keeps_a_client_on_its_server_for_its_duration) {
  for (const auto& [timer, second_of_break] :
       {std::pair{Timer::sliding, 9 * 50 + 60}, std::pair{Timer::fixed, 60}}) {
    StickyNode node(4, lasting(seconds(60), timer));
    const std::size_t server = *node.serve(kClient, kStart);
    for (int i = 1; i <= 9; ++i) {  // every 50 s
      const bool over = timer == Timer::fixed && 50 * i >= second_of_break;
      if (over) break;
      BOOST_TEST(*node.serve(kClient, at_second(50 * i)) == server);
    }
    const Instant last = at_second(second_of_break) - Duration(1);
    BOOST_TEST(!node.table->find(kClient, last)->over);
    BOOST_TEST(node.table->find(kClient, at_second(second_of_break))->over);
    BOOST_TEST(*node.serve(kClient, at_second(second_of_break)) != server);  // the next one's turn
    BOOST_TEST(node.scheduler.counts().over == 1u);
  }
}

// IMB-02: three clients keep three servers busy at most; without stickiness they reach all four.
BOOST_AUTO_TEST_CASE(leaves_servers_idle_where_there_are_fewer_clients) {
  StickyNode node(4, lasting(minutes(20)));
  std::set<std::size_t> busy;
  for (int i = 0; i < 300; ++i) {
    busy.insert(*node.serve(net::IpAddress::v4(203, 0, 113, static_cast<std::uint8_t>(i % 3)),
                            at_second(i)));
  }
  BOOST_TEST(busy.size() == 3u);
}

// STK-08: stickiness never overrules who is out, and does not bring a client back by itself.
BOOST_AUTO_TEST_CASE(lets_a_client_go_whose_server_is_out_and_stays_with_the_new_one) {
  StickyNode node(3, lasting(minutes(20)));
  const std::size_t first = *node.serve(kClient, kStart);
  node.candidates.set(first, Owner::health, false);
  const std::size_t second = *node.serve(kClient, at_second(1));
  BOOST_TEST(second != first);
  BOOST_TEST(node.scheduler.counts().server_out == 1u);
  node.candidates.set(first, Owner::health, true);
  for (int i = 2; i < 10; ++i) BOOST_TEST(*node.serve(kClient, at_second(i)) == second);
}

BOOST_AUTO_TEST_CASE(leaves_a_binding_alone_while_no_server_is_usable) {
  StickyNode node(1, lasting(minutes(20)));
  node.serve(kClient, kStart);
  node.candidates.set_weight(0, 0);
  BOOST_TEST(!node.serve(kClient, at_second(1)).has_value());
  node.candidates.set_weight(0, 1);
  BOOST_TEST(*node.serve(kClient, at_second(2)) == 0u);
  BOOST_TEST(node.scheduler.counts().kept == 1u);
}

// Whatever changes: only usable servers, one as long as there is any, and a switch only for a
// cause.
BOOST_AUTO_TEST_CASE(switches_servers_only_for_a_cause) {
  random::Stream random(2, "causes");
  for (int trial = 0; trial < 30; ++trial) {
    const Duration duration = seconds(20 + static_cast<std::int64_t>(random.below(100)));
    StickyNode node(1 + random.below(6), lasting(duration));
    std::map<net::IpAddress, std::pair<std::size_t, Instant>> sent;
    StickyScheduler::Counts expected;
    Instant now = kStart;
    for (int step = 0; step < 2000; ++step) {
      now += Duration(static_cast<std::int64_t>(random.exponential(1e9)));
      if (random.chance(0.03)) change_something(node.candidates, random);
      const auto client = net::IpAddress::v4(static_cast<std::uint32_t>(random.below(50)));
      const auto server = node.serve(client, now);
      const auto states = node.candidates.states();
      const bool any =
          std::any_of(states.begin(), states.end(), [](const Candidate& c) { return c.usable(); });
      BOOST_REQUIRE_EQUAL(server.has_value(), any);
      if (!server) continue;
      BOOST_REQUIRE(node.candidates[*server].usable());
      const auto before = sent.find(client);
      if (before == sent.end()) {
        ++expected.first;
      } else if (now - before->second.second >= duration) {
        ++expected.over;
      } else if (!node.candidates[before->second.first].usable()) {
        ++expected.server_out;
      } else {
        BOOST_REQUIRE_EQUAL(*server, before->second.first);
        ++expected.kept;
      }
      sent[client] = {*server, now};
    }
    BOOST_TEST(node.scheduler.counts().first == expected.first);
    BOOST_TEST(node.scheduler.counts().kept == expected.kept);
    BOOST_TEST(node.scheduler.counts().over == expected.over);
    BOOST_TEST(node.scheduler.counts().server_out == expected.server_out);
  }
}

// Nodes with a table each bind a client twice, those that share one do not.
BOOST_AUTO_TEST_CASE(holds_over_nodes_that_share_a_table) {
  random::Stream random(3, "nodes");
  const Candidates candidates = equal_servers(10);
  for (const bool shared : {false, true}) {
    const auto table = std::make_shared<StickinessTable>(lasting(minutes(20)));
    const auto own = [&] {
      return shared ? table : std::make_shared<StickinessTable>(lasting(minutes(20)));
    };
    std::vector<std::unique_ptr<StickyScheduler>> nodes;
    for (int node = 0; node < 3; ++node) {
      nodes.push_back(
          std::make_unique<StickyScheduler>(std::make_unique<SmoothWeightedRoundRobin>(), own()));
      nodes.back()->reset(10);
    }
    std::map<net::IpAddress, std::set<std::size_t>> servers_of;
    for (int i = 0; i < 3000; ++i) {
      const auto client = net::IpAddress::v4(static_cast<std::uint32_t>(random.below(100)));
      servers_of[client].insert(
          *nodes[random.below(3)]->pick(candidates, {client, {}, at_second(0)}));
    }
    std::size_t bound_twice = 0;
    for (const auto& [client, servers] : servers_of) bound_twice += servers.size() > 1 ? 1 : 0;
    if (shared) {
      BOOST_TEST(bound_twice == 0u);
    } else {
      BOOST_TEST(bound_twice > 50u);
    }
  }
}

BOOST_AUTO_TEST_CASE(keeps_to_its_capacity_under_a_flood_of_addresses) {
  random::Stream random(4, "flood");
  StickyNode node(4, lasting(minutes(20), Timer::sliding, 1000));
  for (int i = 0; i < 5000; ++i) {
    node.serve(random_address(random), at_second(i / 100));
    BOOST_REQUIRE_LE(node.table->size(), 1000u);
  }
  BOOST_TEST(node.table->size() == 1000u);
  BOOST_TEST(node.table->memory_bytes() < 100 * 1000u);
}

// Expired ones go before any that would still hold.
BOOST_AUTO_TEST_CASE(makes_room_of_what_is_over_first) {
  StickinessTable table(lasting(seconds(60), Timer::sliding, 3));
  const auto client = [](std::uint8_t n) { return net::IpAddress::v4(10, 0, 0, n); };
  table.bind(client(1), 1, at_second(0));
  table.bind(client(2), 2, at_second(0));
  table.use(client(1), at_second(50));
  table.bind(client(3), 3, at_second(55));
  table.bind(client(4), 4, at_second(70));  // of client 2 the time is over
  BOOST_TEST(table.find(client(1), at_second(70)).has_value());
  BOOST_TEST(!table.find(client(2), at_second(70)).has_value());
  BOOST_TEST(table.find(client(3), at_second(70)).has_value());
}

BOOST_AUTO_TEST_CASE(explains_itself) {
  StickyNode node(3, lasting(seconds(60)));
  BOOST_TEST((node.scheduler.explain(node.candidates, {kClient, {}}).ground == Ground::turn));
  const std::size_t server = *node.serve(kClient, kStart);
  const Decision kept = node.scheduler.explain(node.candidates, {kClient, {}, at_second(59)});
  BOOST_TEST((kept.ground == Ground::stickiness));
  BOOST_TEST(*kept.chosen == server);
  BOOST_TEST((node.scheduler.explain(node.candidates, {kClient, {}, at_second(60)}).ground ==
              Ground::turn));
  node.candidates.set(server, Owner::health, false);
  BOOST_TEST((node.scheduler.explain(node.candidates, {kClient, {}, at_second(1)}).ground ==
              Ground::turn));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::scheduling
