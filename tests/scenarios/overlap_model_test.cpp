// How often flows of two balancers meet at a server, against a naive model of the client's kernel.
//
// The catalogue's estimate, live flows / ports, holds for ports that are drawn independently of
// each other (FTC-S02). Linux does not draw them so: it gives ports of one parity first, moves on
// from the last one by 2 ... 16, starts anew every 10 s, and keeps those of its TIME_WAITs back.
// The model here does the same by looking through a list of ports, and nothing else: no packets, no
// TCP.
//
// The bound is exact: if a run of the product is one more draw from what the model draws n times,
// it is the smallest or the largest of them all with the probability 2 / (n + 1), whatever its
// distribution.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "analysis/trace/database.hpp"
#include "models/random/stream.hpp"
#include "scenarios/language/scenario_file.hpp"
#include "sim/simulation.hpp"
#include "tests/must.hpp"
#include "tests/temporary_folder.hpp"

namespace elblab::sim {
namespace {

constexpr int kModelRuns = 1000;
constexpr double kTimeWait = 60;

// Ports of a client towards one destination, as __inet_hash_connect gives them.
class KernelPorts {
 public:
  KernelPorts(int ports, random::Stream& random) : used_(ports, false), random_(random) {}

  int take(double now) {
    const int ports = static_cast<int>(used_.size());
    const int period = static_cast<int>(now / 10);
    if (period != period_) next_ = static_cast<int>(random_.below(used_.size()));
    period_ = period;
    const int start = next_ % ports & ~1;
    for (int parity = 0; parity < 2; ++parity) {
      for (int step = 0; step < ports; step += 2) {
        const int port = (start + step) % ports + parity;
        if (used_[port]) continue;
        used_[port] = true;
        next_ = start + 2 + std::max(step, 2 * static_cast<int>(random_.below(8)));
        return port;
      }
    }
    BOOST_FAIL("the model has no port left");
    return 0;
  }
  void give_back(int port) { used_[port] = false; }

 private:
  std::vector<bool> used_;
  random::Stream& random_;
  int next_ = 0;
  int period_ = -1;
};

struct Setting {
  std::string scenario;
  std::string run;
  int ports;          // of the client
  int balancers;      // with held connections
  int held;           // of each of them; each asks once a second
  double per_second;  // short connections through one more balancer, from 5 s to 105 s
  int servers = 1;    // that each balancer goes round
};

struct Held {
  int port;
  int server;
};
struct Reconnect {
  double at;
  std::size_t balancer;
};

// How many short connections meet a held one, which is broken by that and comes again within a
// second.
class Model {
 public:
  Model(const Setting& setting, std::uint64_t seed)
      : setting_(setting),
        random_(seed, "overlap"),
        short_ports_(setting.ports, random_),
        held_ports_(setting.balancers, KernelPorts(setting.ports, random_)),
        held_(setting.balancers),
        turns_(setting.balancers, 0) {
    for (std::size_t balancer = 0; balancer < held_.size(); ++balancer) {
      for (int i = 0; i < setting.held; ++i) hold(balancer, 0);
    }
  }

  int meetings() {
    int meetings = 0;
    const int count = static_cast<int>(100 * setting_.per_second);
    for (int i = 0; i < count; ++i) {
      const double now = 5 + i / setting_.per_second;
      come_again(now);
      const int port = short_ports_.take(now);
      resting_.push_back({now + kTimeWait, port});
      if (break_held(port, i % setting_.servers, now)) ++meetings;
    }
    return meetings;
  }

 private:
  struct Resting {
    double until;
    int port;
  };

  void hold(std::size_t balancer, double now) {
    held_[balancer].push_back(
        {held_ports_[balancer].take(now), turns_[balancer]++ % setting_.servers});
  }
  void come_again(double now) {
    for (std::size_t i = 0; i < gone_.size();) {
      if (gone_[i].at > now) {
        ++i;
        continue;
      }
      hold(gone_[i].balancer, gone_[i].at);
      gone_.erase(gone_.begin() + static_cast<std::ptrdiff_t>(i));
    }
    while (!resting_.empty() && resting_.front().until <= now) {
      short_ports_.give_back(resting_.front().port);
      resting_.pop_front();
    }
  }
  bool break_held(int port, int server, double now) {
    bool broken = false;
    for (std::size_t balancer = 0; balancer < held_.size(); ++balancer) {
      const auto at = std::find_if(
          held_[balancer].begin(), held_[balancer].end(),
          [&](const Held& held) { return held.port == port && held.server == server; });
      if (at == held_[balancer].end()) continue;
      held_[balancer].erase(at);
      held_ports_[balancer].give_back(port);
      gone_.push_back({now + random_.uniform(), balancer});
      broken = true;
    }
    return broken;
  }

  Setting setting_;
  random::Stream random_;
  KernelPorts short_ports_;
  std::vector<KernelPorts> held_ports_;
  std::vector<std::vector<Held>> held_;
  std::vector<int> turns_;
  std::vector<Reconnect> gone_;
  std::deque<Resting> resting_;
};

// Of a trace: the rows of `conflicts` in which a held connection is the earlier one, and the same
// found anew from what the client's host saw: a connection that begins while one of the same port
// towards another address lives.
struct Counts {
  int told = 0;
  int found_anew = 0;
};

int number(const trace::Database& database, const std::string& sql) {
  trace::Statement statement(database, sql);
  BOOST_REQUIRE(statement.step() == trace::Step::row);
  return static_cast<int>(statement.integer(0));
}

Counts counts_of(const std::filesystem::path& trace) {
  const auto database = must(trace::Database::open(trace, SQLITE_OPEN_READONLY));
  Counts counts;
  counts.told = number(database,
                       "SELECT count(*) FROM conflicts_view WHERE later_node LIKE 'lb2/%' AND "
                       "earlier_state <> 'time_wait'");
  counts.found_anew =
      number(database,
             "WITH seen AS (SELECT c.source AS port, c.destination AS to_, c.opened_ns AS from_ns, "
             "c.opened_ns + c.closed_after_ns AS until_ns FROM connections c "
             "JOIN connection_classes k ON k.id = c.class JOIN roles r ON r.id = k.role "
             "WHERE r.name = 'client'), "
             "often AS (SELECT to_ FROM seen WHERE from_ns > 0 GROUP BY to_ ORDER BY count(*) DESC "
             "LIMIT 1) "
             "SELECT count(*) FROM seen s WHERE s.to_ = (SELECT to_ FROM often) AND EXISTS "
             "(SELECT 1 FROM seen e WHERE e.port = s.port AND e.to_ <> s.to_ AND e.from_ns < "
             "s.from_ns AND "
             "e.until_ns > s.from_ns)");
  return counts;
}

Counts run(const Setting& setting, std::uint64_t seed) {
  const auto loaded = language::ScenarioFile::load(
      std::string(ELBLAB_SOURCE_DIR) + "/scenarios/five-tuple/" + setting.scenario + ".elb.yaml");
  BOOST_REQUIRE(loaded.file);
  const auto decoded = loaded.file->decode(setting.run);
  BOOST_REQUIRE(decoded.scenario);
  const testing::TemporaryFolder folder;
  RunOptions options;
  options.seed = seed;
  options.trace = folder / "t.db";
  BOOST_REQUIRE_EQUAL(message_of(sim::run(*decoded.scenario, options)), "");
  return counts_of(options.trace);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(overlap_model)

BOOST_AUTO_TEST_CASE(meetings_are_as_many_as_the_client_s_ports_make) {
  const Setting settings[]{
      {"FTC-S02", "symptom", 1000, 1, 100, 5},     {"FTC-S02", "half", 1000, 1, 50, 5},
      {"FTC-S17", "two", 2000, 1, 40, 5},          {"FTC-S17", "four", 2000, 3, 40, 5},
      {"FTC-S20", "one_server", 1000, 1, 100, 10}, {"FTC-S20", "spread", 1000, 1, 100, 10, 4},
  };
  for (const Setting& setting : settings) {
    std::vector<int> drawn;
    for (int i = 0; i < kModelRuns; ++i) {
      drawn.push_back(Model(setting, static_cast<std::uint64_t>(i)).meetings());
    }
    const auto [least, most] = std::minmax_element(drawn.begin(), drawn.end());
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      const Counts counts = run(setting, seed);
      const std::string what = setting.scenario + " " + setting.run + " seed " +
                               std::to_string(seed) + ": " + std::to_string(counts.told) + " in " +
                               std::to_string(*least) + " ... " + std::to_string(*most);
      BOOST_TEST_MESSAGE(what);
      BOOST_TEST((counts.told > *least && counts.told < *most), what);
      if (setting.servers == 1) BOOST_TEST(counts.told == counts.found_anew, what);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::sim
