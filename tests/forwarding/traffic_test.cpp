// Laws that hold for any traffic: many clients, both modes, both IP versions, both protocols, with
// every packet checked by full recomputation.
#include <boost/test/unit_test.hpp>
#include <map>
#include <set>

#include "models/random/stream.hpp"
#include "tests/forwarding/scene.hpp"

namespace elblab::forwarding {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// A client's side and what the server saw of it.
struct Flow {
  net::FlowKey client;
  net::FlowKey server;
};

class Traffic {
 public:
  Traffic(const config::LoadBalancer& balancer, bool full_nat, std::uint64_t seed)
      : scene(balancer), full_nat_(full_nat), random_(seed, "traffic") {}

  void step() {
    now_ += Duration(static_cast<std::int64_t>(random_.below(4'000'000)));
    while (scene.node.next_deadline() <= now_) {
      scene.node.advance(scene.node.next_deadline(), scene.basket);
    }
    made_ += scene.basket.packets.size();
    scene.basket.packets.clear();
    if (flows_.empty() || random_.chance(0.3)) {
      open();
    } else {
      talk(flows_[random_.below(flows_.size())]);
    }
  }

  void drain() {
    scene.run_to(now_ + seconds(400));
    made_ += scene.basket.packets.size();
  }

  std::uint64_t made() const { return made_; }
  Scene scene;

 private:
  void open() {
    const bool v6 = !full_nat_ && random_.chance(0.4);
    const bool is_udp = random_.chance(0.3);
    const auto host = static_cast<std::uint32_t>(random_.below(200));
    const net::Endpoint client{
        v6 ? ip("2001:db8::").plus(host) : net::IpAddress::v4(0xCB007100u + host),
        static_cast<std::uint16_t>(1 + random_.below(65535))};
    const net::Endpoint to{v6 ? ip("2001:db8:f::10") : ip(kVirtual),
                           static_cast<std::uint16_t>(is_udp ? 53 : 80)};
    const Flow flow{{client, to, is_udp ? net::Protocol::udp : net::Protocol::tcp}, {}};
    const Bytes out = scene.pass(
        is_udp ? udp(client, to, random_.below(900)) : tcp(client, to, {flag::syn, 1000}), now_);
    BOOST_REQUIRE(!out.empty());
    flows_.push_back({flow.client, check_at_server(out, flow.client)});
  }

  net::FlowKey check_at_server(const Bytes& out, const net::FlowKey& client) {
    const Parsed parsed(out);
    BOOST_REQUIRE(parsed.sound);
    BOOST_REQUIRE_EQUAL(parsed.flow.destination.port, 90);
    BOOST_REQUIRE_EQUAL(parsed.flow.source.address.is_v4(), client.source.address.is_v4());
    if (!full_nat_) BOOST_REQUIRE(parsed.flow.source == client.source);
    return parsed.flow;
  }

  void talk(const Flow& flow) {
    const std::size_t size = random_.below(1200);
    const bool is_udp = flow.client.protocol == net::Protocol::udp;
    const bool up = random_.chance(0.5);
    const net::FlowKey& sent = up ? flow.client : flow.server.reversed();
    const std::uint8_t flags = random_.chance(0.03)  ? flag::rst
                               : random_.chance(0.1) ? flag::fin
                                                     : flag::ack;
    const Bytes packet = is_udp ? udp(sent.source, sent.destination, size)
                                : tcp(sent.source, sent.destination, {flags, 1001, 5001, size});
    const std::set<std::string> alive = open_tuples();
    const Bytes out = scene.pass(packet, now_);
    if (out.empty() || !alive.contains(flow.server.to_string())) return;  // ended meanwhile
    const Parsed parsed(out);
    BOOST_REQUIRE(parsed.sound);
    const Parsed before(packet);
    BOOST_REQUIRE(std::equal(parsed.view.payload().begin(), parsed.view.payload().end(),
                             before.view.payload().begin(), before.view.payload().end()));
    if (!up && full_nat_) BOOST_REQUIRE(parsed.flow.destination == owner(flow.server).source);
    if (!up) BOOST_REQUIRE(parsed.flow.source.address == flow.client.destination.address);
  }

  // Reconstructed from the records alone: which server-side tuples are in use.
  std::set<std::string> open_tuples() {
    for (; read_ < scene.notebook.connections.size(); ++read_) {
      closed_.insert(scene.notebook.connections[read_].translated.to_string());
    }
    std::set<std::string> alive;
    for (const Flow& flow : flows_) alive.insert(flow.server.to_string());
    if (!full_nat_) return alive;
    for (const std::string& tuple : closed_) alive.erase(tuple);
    return alive;
  }

  const net::FlowKey& owner(const net::FlowKey& server) const {
    for (auto flow = flows_.rbegin(); flow != flows_.rend(); ++flow) {
      if (flow->server == server) return flow->client;
    }
    throw std::logic_error("a tuple without a flow");
  }

  bool full_nat_;
  random::Stream random_;
  Instant now_ = kStart;
  std::vector<Flow> flows_;
  std::set<std::string> closed_;
  std::size_t read_ = 0;
  std::uint64_t made_ = 0;
};

void check_laws_after(Traffic& traffic) {
  const Scene& scene = traffic.scene;
  const ForwarderCounters& counters = scene.counters();
  BOOST_TEST(counters.conserved());
  BOOST_TEST(counters.packets_made == traffic.made());
  BOOST_TEST(scene.node.gauges().all() == 0u);
  BOOST_TEST(scene.node.gauges().source_ports_in_use == 0u);
  BOOST_TEST((scene.node.next_deadline() == kNever));
  BOOST_TEST(counters.sessions_opened == counters.sessions_closed);
  BOOST_TEST(scene.notebook.connections.size() == counters.sessions_closed);
  std::uint64_t scheduled = 0;
  for (std::size_t group = 0; group < 2; ++group) {
    for (std::size_t server = 0; server < 4; ++server) {
      BOOST_TEST(scene.node.active_connections(group, server) == 0u);
      scheduled += scene.node.scheduled_connections(group, server);
    }
  }
  BOOST_TEST(scheduled == counters.sessions_opened);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(traffic)

BOOST_AUTO_TEST_CASE(of_any_kind_keeps_the_laws_with_the_clients_address_kept) {
  Traffic traffic(kept_address_balancer(), false, 1);
  for (int i = 0; i < 6000; ++i) traffic.step();
  traffic.drain();
  check_laws_after(traffic);
}

BOOST_AUTO_TEST_CASE(of_any_kind_keeps_the_laws_in_full_nat) {
  config::LoadBalancer balancer = full_nat_balancer();
  balancer.source_pool = {4, {1024, 9000}};
  Traffic traffic(balancer, true, 2);
  for (int i = 0; i < 6000; ++i) traffic.step();
  traffic.drain();
  check_laws_after(traffic);
}

// Two sessions alive at the same time never share a server-side tuple, as the records tell it.
BOOST_AUTO_TEST_CASE(in_full_nat_maps_sessions_one_to_one) {
  config::LoadBalancer balancer = full_nat_balancer();
  balancer.source_pool = {1, {2000, 2099}};
  Scene scene(balancer);
  random::Stream random(3, "one to one");
  Instant now = kStart;
  for (int i = 0; i < 20000; ++i) {
    now += milliseconds(random.below(30));
    scene.run_to(now);
    const net::Endpoint client{
        net::IpAddress::v4(0xCB007100u + static_cast<std::uint32_t>(random.below(250))),
        static_cast<std::uint16_t>(1 + random.below(300))};
    const std::uint8_t flags = random.chance(0.5) ? flag::syn : flag::rst;
    scene.pass(tcp(client, at(kVirtual, 80), {flags, 1000}), now);
  }
  scene.node.finish(now);
  std::map<std::string, std::vector<std::pair<Instant, Instant>>> lives;
  for (const auto& record : scene.notebook.connections) {
    lives[record.translated.to_string()].emplace_back(record.opened_at, record.closed_at);
  }
  std::size_t reused = 0;
  for (auto& [tuple, spans] : lives) {
    std::sort(spans.begin(), spans.end());
    for (std::size_t i = 1; i < spans.size(); ++i) {
      BOOST_REQUIRE(spans[i].first >= spans[i - 1].second);
      ++reused;
    }
  }
  BOOST_TEST(reused > 500u);
  BOOST_TEST(scene.dropped(telemetry::Reason::no_source_port) > 0u);
}

BOOST_AUTO_TEST_CASE(that_comes_and_goes_does_not_grow_the_tables) {
  Scene scene(kept_address_balancer());
  std::size_t settled = 0;
  for (int round = 0; round < 30; ++round) {
    const Instant begin = after(seconds(100 * round));
    for (std::uint16_t port = 1; port <= 2000; ++port) {
      scene.pass(tcp(at(kClient, static_cast<std::uint16_t>(port + 100 * round)), at(kVirtual, 80),
                     {flag::syn}),
                 begin);
    }
    scene.run_to(begin + seconds(60));
    BOOST_REQUIRE_EQUAL(scene.node.gauges().all(), 0u);
    if (round == 0) settled = scene.node.memory_bytes();
  }
  BOOST_TEST(scene.node.memory_bytes() == settled);
}

// Tuples chosen to meet in one place of the index: as far as this seed's hash goes, the worst case.
BOOST_AUTO_TEST_CASE(whose_hashes_collide_is_still_told_apart) {
  Scene scene(kept_address_balancer());  // hash seed 42
  std::vector<net::Endpoint> clients;
  for (std::uint32_t n = 0; clients.size() < 800; ++n) {
    const net::Endpoint client{net::IpAddress::v4(0x0B000000u + n / 60000),
                               static_cast<std::uint16_t>(1 + n % 60000)};
    const net::FlowKey key{client, at(kVirtual, 53), net::Protocol::udp};
    if (net::hash_of(key, 42) >> 54 == 513) clients.push_back(client);  // the top 10 bits agree
  }
  std::map<std::string, std::string> server_of;
  for (const auto& client : clients) {
    server_of[client.to_string()] =
        Parsed(scene.pass(udp(client, at(kVirtual, 53), 9))).flow.destination.to_string();
  }
  BOOST_TEST(scene.node.gauges().udp == clients.size());
  for (const auto& client : clients) {
    const Parsed again(scene.pass(udp(client, at(kVirtual, 53), 9)));
    BOOST_REQUIRE_EQUAL(again.flow.destination.to_string(), server_of[client.to_string()]);
    const Parsed answer(scene.pass(udp(again.flow.destination, client, 5)));
    BOOST_REQUIRE(answer.flow.destination == client);
  }
  scene.run_to(after(seconds(300)));
  BOOST_TEST(scene.node.gauges().all() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::forwarding
