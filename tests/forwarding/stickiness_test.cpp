// Sticky sessions by source address, as clients of a balancer meet them (STK-03, STK-06, STK-08).
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

#include "models/random/stream.hpp"
#include "tests/forwarding/scene.hpp"

namespace elblab::forwarding {

using std::chrono::minutes;
using std::chrono::seconds;
using telemetry::EventKind;
using telemetry::Reason;

namespace {

const net::Endpoint kStickyWeb = at(kVirtual, 80);

net::IpAddress client_number(std::uint32_t number) {
  return net::IpAddress::v4(203, 0, static_cast<std::uint8_t>(number >> 8),
                            static_cast<std::uint8_t>(number));
}

config::LoadBalancer sticky_balancer(std::size_t servers, const config::Stickiness& stickiness,
                                     unsigned nodes = 1) {
  config::LoadBalancer balancer = kept_address_balancer();
  balancer.nodes.lvs = nodes;
  balancer.address_v6.reset();
  config::BackendGroup& group = balancer.groups[0];
  group.servers.clear();
  for (std::size_t s = 0; s < servers; ++s) {
    config::Server server;
    server.name = "b" + std::to_string(s + 1);
    server.address = net::IpAddress::v4(10, 0, 2, static_cast<std::uint8_t>(s + 1));
    server.port = 90;
    group.servers.push_back(server);
  }
  group.stickiness = stickiness;
  return balancer;
}

// A whole balancer, and new connections of its clients.
class StickyScene {
 public:
  explicit StickyScene(const config::LoadBalancer& config, std::uint64_t seed = 1)
      : routed(config, std::vector<telemetry::ObjectId>(config.nodes.lvs, 1),
               {{*net::Subnet::parse("0.0.0.0/0"), 0}}, seed, notebook) {}

  // Which server a client's next connection goes to; nullopt: it is refused.
  std::optional<std::size_t> connect(const net::IpAddress& client, Instant now) {
    advance(now);
    basket.packets.clear();
    Bytes syn = tcp({client, next_port()}, kStickyWeb, {flag::syn, 1});
    routed.receive(syn, now, basket);
    const Parsed out(basket.only());
    if ((out.view.tcp_flags() & flag::rst) != 0) return std::nullopt;
    return out.flow.destination.address.bytes()[15] - 1u;
  }
  void advance(Instant now) {
    while (routed.fabric.next_deadline() <= now) {
      const Instant due = routed.fabric.next_deadline();
      routed.fabric.advance(due, basket);
    }
  }

  Notebook notebook;
  Basket basket;
  RoutedBalancer routed;

 private:
  std::uint16_t next_port() {
    if (++port_ < 1024) port_ = 1024;
    return port_;
  }
  std::uint16_t port_ = 1023;
};

config::Stickiness lasting(std::chrono::minutes duration) {
  config::Stickiness stickiness;
  stickiness.duration = duration;
  return stickiness;
}

// What bindings of a balancer come to: a list that is searched from end to end.
class NaiveBindings {
 public:
  explicit NaiveBindings(config::Stickiness settings) : settings_(settings) {}

  struct Row {
    net::IpAddress client;
    std::size_t server;
    Instant since;
  };
  // nullptr: none holds.
  const Row* held(const net::IpAddress& client, Instant now) const {
    const auto row =
        std::find_if(rows_.begin(), rows_.end(), [&](const Row& r) { return r.client == client; });
    return row == rows_.end() || row->since + *settings_.duration <= now ? nullptr : &*row;
  }
  void sent(const net::IpAddress& client, std::size_t server, bool by_binding, Instant now) {
    const auto row =
        std::find_if(rows_.begin(), rows_.end(), [&](const Row& r) { return r.client == client; });
    const bool renewed = !by_binding || settings_.timer == config::Stickiness::Timer::sliding;
    const Row next{client, server, renewed ? now : row->since};
    if (row != rows_.end() && !renewed) return;
    if (row != rows_.end()) {
      rows_.erase(row);
    } else if (rows_.size() == settings_.capacity) {
      rows_.erase(rows_.begin());  // the one whose time began first
    }
    rows_.push_back(next);
  }
  void set(const config::Stickiness& settings) { settings_ = settings; }

 private:
  config::Stickiness settings_;
  std::vector<Row> rows_;  // by when their time began
};

std::size_t count_decided(const Notebook& notebook, Reason reason) {
  return static_cast<std::size_t>(
      std::count_if(notebook.events.begin(), notebook.events.end(), [&](const auto& event) {
        return event.kind == EventKind::scheduler_decision && event.reason == reason;
      }));
}

std::size_t count_broken(const Notebook& notebook, Reason reason) {
  return static_cast<std::size_t>(
      std::count_if(notebook.events.begin(), notebook.events.end(), [&](const auto& event) {
        return event.kind == EventKind::stickiness_broken && event.reason == reason;
      }));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(stickiness_of_a_balancer)

// STK-S01: inside the window a client stays; without stickiness round robin moves it each time.
BOOST_AUTO_TEST_CASE(keeps_a_client_on_its_server_whatever_node_it_meets) {
  for (const bool on : {true, false}) {
    config::LoadBalancer config = sticky_balancer(4, lasting(minutes(20)), 3);
    if (!on) config.groups[0].stickiness.reset();
    StickyScene scene(config);
    std::map<net::IpAddress, std::set<std::size_t>> seen;
    for (int i = 0; i < 400; ++i) {
      const net::IpAddress client = client_number(static_cast<std::uint32_t>(i % 20));
      seen[client].insert(*scene.connect(client, after(seconds(i))));
    }
    for (const auto& [client, servers] : seen) {
      BOOST_TEST((on ? servers.size() == 1u : servers.size() > 1u));
    }
    // A decision says whether stickiness had a word in it.
    BOOST_TEST(count_decided(scene.notebook, Reason::stickiness_bound) == (on ? 20u : 0u));
    BOOST_TEST(count_decided(scene.notebook, Reason::sticky) == (on ? 380u : 0u));
    BOOST_TEST(count_decided(scene.notebook, Reason::none) == (on ? 0u : 400u));
    if (!on) continue;
    const auto figures = scene.routed.balancer.stickiness(0);
    BOOST_TEST(figures.clients == 20u);
    BOOST_TEST(figures.counts.first == 20u);
    BOOST_TEST(figures.counts.kept == 380u);
  }
}

// GEN-04: a client's ports meet several nodes; each that has its own table binds it anew.
BOOST_AUTO_TEST_CASE(binds_a_client_once_for_each_node_that_has_a_table_of_its_own) {
  config::Stickiness stickiness = lasting(minutes(20));
  stickiness.table = config::Stickiness::Table::per_node;
  StickyScene scene(sticky_balancer(4, stickiness, 3));
  random::Stream random(5, "interleaved");
  std::map<net::IpAddress, std::set<std::size_t>> seen;
  for (int i = 0; i < 2000; ++i) {
    const net::IpAddress client = client_number(static_cast<std::uint32_t>(random.below(50)));
    seen[client].insert(*scene.connect(client, kStart));
  }
  std::size_t moved = 0;
  for (const auto& [client, servers] : seen) {
    moved += servers.size() > 1 ? 1 : 0;
    BOOST_TEST(servers.size() <= 3u);
  }
  BOOST_TEST(moved > 25u);
  BOOST_TEST(scene.routed.balancer.stickiness(0).clients == 150u);
  BOOST_TEST(scene.routed.balancer.stickiness(0).capacity == 3u << 20);
}

// Beside a list that is searched from end to end: a client whose binding holds, and whose server is
// there, goes there and nowhere else; nobody goes to a server of weight 0 or one that left; the
// table stays within its bound. Durations, weights and members change on the way.
BOOST_AUTO_TEST_CASE(does_what_a_naive_list_of_bindings_says) {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    random::Stream random(seed, "sticky balancer");
    config::Stickiness settings = lasting(minutes(1 + static_cast<int>(random.below(3))));
    settings.timer =
        random.chance(0.5) ? config::Stickiness::Timer::sliding : config::Stickiness::Timer::fixed;
    settings.capacity = static_cast<std::uint32_t>(3 + random.below(30));
    const std::size_t servers = 1 + random.below(6);
    config::LoadBalancer config =
        sticky_balancer(servers, settings, 1 + static_cast<unsigned>(random.below(3)));
    if (random.chance(0.5)) {
      config.groups[0].algorithm = config::Algorithm::weighted_least_connections;
    }
    StickyScene scene(config, seed);
    NaiveBindings naive(settings);
    Instant now = kStart;
    scheduling::StickyScheduler::Counts expected;
    for (int step = 0; step < 1500; ++step) {
      now += Duration(static_cast<std::int64_t>(random.exponential(2e9)));
      config::BackendGroup& group = config.groups[0];
      if (random.chance(0.05)) {
        config::Server& server = group.servers[random.below(servers)];
        if (random.chance(0.5)) {
          server.weight = static_cast<std::uint8_t>(random.below(3));
        } else {
          server.member = !server.member;
        }
        if (random.chance(0.2)) {
          group.stickiness->duration = minutes(1 + static_cast<int>(random.below(3)));
          naive.set(*group.stickiness);
        }
        scene.routed.balancer.reconfigure(config, OpenConnections::kept, now);
      }
      const auto usable = [&](std::size_t s) {
        return group.servers[s].member && group.servers[s].weight > 0;
      };
      const net::IpAddress client = client_number(static_cast<std::uint32_t>(random.below(40)));
      const auto server = scene.connect(client, now);
      bool any = false;
      for (std::size_t s = 0; s < servers; ++s) any = any || usable(s);
      BOOST_REQUIRE_EQUAL(server.has_value(), any);
      if (!server) continue;
      BOOST_REQUIRE(usable(*server));
      const NaiveBindings::Row* held = naive.held(client, now);
      const bool bound = held != nullptr && usable(held->server);
      if (bound) BOOST_REQUIRE_EQUAL(*server, held->server);
      expected.kept += bound ? 1 : 0;
      naive.sent(client, *server, bound, now);
      BOOST_REQUIRE_LE(scene.routed.balancer.stickiness(0).clients, settings.capacity);
    }
    BOOST_TEST(scene.routed.balancer.stickiness(0).counts.kept == expected.kept);
    BOOST_TEST(scene.routed.counters().conserved());
  }
}

// STK-08, SCH-10: the clients of a server that goes are sent elsewhere, nobody else's.
BOOST_AUTO_TEST_CASE(moves_the_clients_of_a_server_of_weight_0_and_no_others) {
  config::LoadBalancer config = sticky_balancer(4, lasting(minutes(20)), 2);
  StickyScene scene(config);
  std::map<net::IpAddress, std::size_t> before;
  for (std::uint32_t c = 0; c < 40; ++c) {
    before[client_number(c)] = *scene.connect(client_number(c), kStart);
  }
  config.groups[0].servers[1].weight = 0;
  scene.routed.balancer.reconfigure(config, OpenConnections::kept, after(seconds(1)));
  for (const auto& [client, server] : before) {
    const std::size_t now_on = *scene.connect(client, after(seconds(2)));
    BOOST_TEST((server == 1 ? now_on != 1 : now_on == server));
  }
  BOOST_TEST(scene.routed.balancer.stickiness(0).counts.server_out == 10u);
  BOOST_TEST(count_broken(scene.notebook, Reason::server_out) == 10u);
  BOOST_TEST(count_decided(scene.notebook, Reason::stickiness_bound) == 50u);
  // The server that comes back is nobody's.
  config.groups[0].servers[1].weight = 1;
  scene.routed.balancer.reconfigure(config, OpenConnections::kept, after(seconds(3)));
  for (const auto& [client, server] : before) {
    if (server == 1) BOOST_TEST(*scene.connect(client, after(seconds(4))) != 1u);
  }
}

// STK-15, CON-04, STK-S20: the time of a client is up while its connection is open.
BOOST_AUTO_TEST_CASE(leaves_open_connections_alone_or_cuts_them_when_the_time_is_up) {
  for (const bool cut : {false, true}) {
    config::Stickiness stickiness = lasting(minutes(1));
    stickiness.at_end =
        cut ? config::Stickiness::AtEnd::cut : config::Stickiness::AtEnd::reschedule;
    Scene scene(sticky_balancer(4, stickiness));
    const net::Endpoint first = at(kClient, 1000);
    scene.connect(first, kStickyWeb, kStart);
    scene.connect(at(kClient, 1001), kStickyWeb, after(seconds(30)));  // the time begins anew
    scene.run_to(after(seconds(90)) - Duration(1));
    BOOST_TEST(scene.basket.packets.empty());
    scene.run_to(after(seconds(90)));
    BOOST_TEST(scene.basket.packets.size() == (cut ? 4u : 0u));  // RST to both, of both
    BOOST_TEST(scene.node.gauges().established == (cut ? 0u : 2u));
    if (!cut) continue;
    for (const Bytes& packet : scene.basket.packets) {
      const Parsed rst(packet);
      BOOST_TEST(rst.sound);
      BOOST_TEST((rst.view.tcp_flags() & flag::rst) != 0);
    }
    BOOST_REQUIRE_EQUAL(scene.notebook.connections.size(), 2u);
    for (const auto& each : scene.notebook.connections) {
      BOOST_TEST((each.reason == Reason::stickiness_over));
      BOOST_TEST((each.closed_at == after(seconds(90))));
    }
    BOOST_TEST(scene.counters().conserved());
  }
}

// A change of duration counts for those that are bound; the variant that cuts looks again at once.
BOOST_AUTO_TEST_CASE(cuts_when_a_shorter_duration_is_over_already) {
  config::Stickiness stickiness = lasting(minutes(20));
  stickiness.at_end = config::Stickiness::AtEnd::cut;
  config::LoadBalancer config = sticky_balancer(2, stickiness);
  Scene scene(config);
  scene.connect(at(kClient, 1000), kStickyWeb, kStart);
  config.groups[0].stickiness->duration = minutes(1);
  scene.node.reconfigure(config, OpenConnections::as_configured, after(seconds(90)));
  scene.run_to(after(seconds(90)));
  BOOST_TEST(scene.node.gauges().established == 0u);
}

// What is watched for cutting stays in proportion to what is open, however many come and go.
BOOST_AUTO_TEST_CASE(does_not_watch_connections_that_are_long_over) {
  StickyEnds ends;
  std::size_t most = 0;
  for (std::uint32_t number = 0; number < 10'000; ++number) {
    if (ends.has_many_over(10)) {
      ends.forget_over([&](const StickyEnds::Watched& each) { return each.number + 10 >= number; });
    }
    ends.watch({after(minutes(20)) + seconds(number), kStart, number});
    most = std::max(most, ends.size());
  }
  BOOST_TEST(most <= 85u);
}

// Switched on and off in a run.
BOOST_AUTO_TEST_CASE(begins_and_ends_with_an_operation) {
  config::LoadBalancer config = sticky_balancer(4, lasting(minutes(20)));
  const config::LoadBalancer on = config;
  config.groups[0].stickiness.reset();
  const config::LoadBalancer off = config;
  StickyScene scene(off);
  const auto servers_of = [&](Instant now) {
    std::set<std::size_t> servers;
    for (int i = 0; i < 8; ++i) servers.insert(*scene.connect(ip(kClient), now));
    return servers.size();
  };
  BOOST_TEST(servers_of(kStart) == 4u);
  scene.routed.balancer.reconfigure(on, OpenConnections::as_configured, after(seconds(1)));
  BOOST_TEST(servers_of(after(seconds(1))) == 1u);
  scene.routed.balancer.reconfigure(off, OpenConnections::as_configured, after(seconds(2)));
  BOOST_TEST(servers_of(after(seconds(2))) == 4u);
  BOOST_TEST(scene.routed.balancer.stickiness(0).clients == 0u);
  BOOST_TEST(scene.routed.balancer.stickiness(0).counts.kept == 7u);  // what was, was
}

// A new algorithm schedules those that come; those that are bound stay.
BOOST_AUTO_TEST_CASE(outlives_a_change_of_the_algorithm) {
  config::LoadBalancer config = sticky_balancer(4, lasting(minutes(20)));
  StickyScene scene(config);
  const std::size_t server = *scene.connect(ip(kClient), kStart);
  config.groups[0].algorithm = config::Algorithm::weighted_least_connections;
  scene.routed.balancer.reconfigure(config, OpenConnections::as_configured, kStart);
  for (int i = 0; i < 8; ++i) BOOST_TEST(*scene.connect(ip(kClient), kStart) == server);
}

// Each binding that ends is told, with its reason, its client and the server it was to.
BOOST_AUTO_TEST_CASE(tells_why_bindings_end) {
  config::Stickiness stickiness = lasting(minutes(1));
  stickiness.capacity = 2;
  StickyScene scene(sticky_balancer(4, stickiness));
  scene.connect(client_number(1), kStart);
  scene.connect(client_number(1), after(seconds(10)));
  scene.connect(client_number(2), after(seconds(20)));
  scene.connect(client_number(3), after(seconds(30)));   // client 1 makes room
  scene.connect(client_number(2), after(seconds(100)));  // its time is up
  const auto& counts = scene.routed.balancer.stickiness(0).counts;
  BOOST_TEST(counts.evicted == 1u);
  BOOST_TEST(counts.over == 1u);
  std::vector<const telemetry::Event*> broken;
  for (const auto& event : scene.notebook.events) {
    if (event.kind == EventKind::stickiness_broken) broken.push_back(&event);
  }
  BOOST_REQUIRE_EQUAL(broken.size(), 2u);
  BOOST_TEST((broken[0]->reason == Reason::stickiness_evicted));
  BOOST_TEST((broken[0]->flow.source.address == client_number(1)));
  BOOST_TEST((broken[1]->reason == Reason::stickiness_over));
  BOOST_TEST((broken[1]->flow.source.address == client_number(2)));
  const auto kept = std::count_if(
      scene.notebook.events.begin(), scene.notebook.events.end(), [](const auto& event) {
        return event.kind == EventKind::scheduler_decision && event.reason == Reason::sticky;
      });
  BOOST_TEST(kept == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::forwarding
