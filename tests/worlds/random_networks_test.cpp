// Random networks of zones, sites and balancers, and random packets through them: what holds
// whatever they are.
#include <boost/test/unit_test.hpp>
#include <deque>
#include <map>

#include "models/net/icmp.hpp"
#include "models/net/packet_builder.hpp"
#include "models/random/stream.hpp"
#include "tests/must.hpp"
#include "worlds/network.hpp"

namespace elblab::worlds {
namespace {

using Bytes = std::vector<std::uint8_t>;
using language::HostSpec;
using language::PlaceLinkSpec;
using language::Scenario;

constexpr std::uint16_t kServicePort = 90;

config::LoadBalancer random_balancer(random::Stream& random, const Scenario& scenario,
                                     std::size_t index) {
  config::LoadBalancer balancer;
  balancer.name = "lb" + std::to_string(index + 1);
  balancer.profile = config::find_profile(random.chance(0.5) ? "dedicated" : "shared");
  balancer.address = net::IpAddress::v4(198, 51, 100, static_cast<std::uint8_t>(10 + index));
  balancer.backend_subnet = *net::Subnet::parse("10.0.1.0/24");
  balancer.nodes.lvs = static_cast<unsigned>(1 + random.below(4));
  balancer.source_pool.addresses = balancer.nodes.lvs;
  balancer.source_pool.skipped = static_cast<unsigned>(8 * index);
  balancer.ip_as_backend = random.chance(0.3);
  balancer.cross_zone = random.chance(0.8);
  if (random.chance(0.3)) balancer.steering = config::Steering::five_tuple;
  for (unsigned i = 0; i < balancer.nodes.lvs; ++i) {
    balancer.node_places.push_back(
        static_cast<std::uint16_t>(random.below(scenario.places.size())));
  }
  config::BackendGroup group;
  group.name = "app";
  for (const HostSpec& host : scenario.hosts) {
    if (host.role != language::HostRole::server || !random.chance(0.7)) continue;
    config::Server server;
    server.name = host.name;
    server.address = host.addresses.front();
    server.port = kServicePort;
    server.place = static_cast<std::uint16_t>(host.place);
    group.servers.push_back(server);
  }
  balancer.groups.push_back(group);
  for (const std::uint16_t port : {80, 81}) {
    config::Listener listener;
    listener.name = "l" + std::to_string(port);
    listener.protocol = config::ListenerProtocol::tcp;
    listener.port = {port, port};
    listener.group = "app";
    balancer.listeners.push_back(listener);
  }
  return balancer;
}

Scenario random_scenario(random::Stream& random) {
  Scenario scenario;
  const std::size_t places = 1 + random.below(4);
  for (std::size_t i = 1; i < places; ++i) {
    scenario.places.push_back({"p" + std::to_string(i), language::PlaceSpec::Kind::zone});
    PlaceLinkSpec link;
    link.name = "l" + std::to_string(i);
    link.from = random.below(i);  // a tree, and sometimes a ring
    link.to = i;
    if (random.chance(0.3)) link.mtu_bytes = 600;
    scenario.place_links.push_back(link);
  }
  if (places > 2 && random.chance(0.5)) {
    PlaceLinkSpec link;
    link.name = "ring";
    link.to = places - 1;
    if (scenario.place_links.back().from != 0) scenario.place_links.push_back(link);
  }
  for (std::size_t i = 0; i < 2 + random.below(6); ++i) {
    HostSpec host;
    host.role = random.chance(0.5) ? language::HostRole::server : language::HostRole::client;
    host.name = "h" + std::to_string(i);
    host.place = random.below(places);
    host.addresses = {net::IpAddress::v4(10, 9, static_cast<std::uint8_t>(host.place),
                                         static_cast<std::uint8_t>(1 + i))};
    scenario.hosts.push_back(host);
  }
  const std::size_t balancers = 1 + random.below(3);
  for (std::size_t i = 0; i < balancers; ++i) {
    scenario.balancers.push_back(random_balancer(random, scenario, i));
  }
  return scenario;
}

config::Nat random_nat(random::Stream& random, std::size_t box) {
  config::Nat nat;
  const auto third = static_cast<std::uint8_t>(box);
  for (std::size_t i = 0; i < 1 + random.below(2); ++i) {
    nat.addresses.push_back(net::IpAddress::v4(198, 18, third, static_cast<std::uint8_t>(1 + i)));
  }
  nat.inside = {net::Subnet(net::IpAddress::v4(10, 20, third, 0), 24)};
  nat.ports = {1024, static_cast<std::uint16_t>(1024 + random.below(40))};
  constexpr config::PortOrder kOrders[]{config::PortOrder::sequential, config::PortOrder::random,
                                        config::PortOrder::preserve};
  nat.order = kOrders[random.below(3)];
  if (random.chance(0.5)) nat.mapping = config::NatMapping::per_destination;
  if (random.chance(0.5)) nat.quarantine = Duration(0);
  return nat;
}

// Boxes somewhere, each with hosts behind it.
void add_boxes(random::Stream& random, Scenario& scenario, std::size_t boxes) {
  const std::size_t outside = scenario.places.size();
  for (std::size_t i = 0; i < boxes; ++i) {
    language::MiddleboxSpec box;
    box.name = "nat" + std::to_string(i);
    box.outside_place = random.below(outside);
    box.inside_place = scenario.places.size();
    box.nat = random_nat(random, i);
    scenario.places.push_back({box.name, language::PlaceSpec::Kind::inside});
    PlaceLinkSpec link;
    link.name = box.name;
    link.from = box.outside_place;
    link.to = box.inside_place;
    if (random.chance(0.3)) link.mtu_bytes = 600;
    scenario.place_links.push_back(link);
    for (std::size_t h = 0; h < 1 + random.below(3); ++h) {
      HostSpec host;
      host.name = box.name + "-" + std::to_string(h);
      host.place = box.inside_place;
      host.behind = box.name;
      host.addresses = {box.nat.inside.front().base().plus(1 + h)};
      scenario.hosts.push_back(host);
    }
    scenario.middleboxes.push_back(box);
  }
}

Scenario with_boxes(random::Stream& random, Scenario scenario) {
  add_boxes(random, scenario, 1 + random.below(2));
  return scenario;
}

struct Delivered {
  std::size_t host = 0;
  Bytes packet;
};

// The network between its hosts: links carry at once, in the order of sending.
class Lab {
 public:
  explicit Lab(const Scenario& scenario) : scenario_(scenario), wiring_(Wiring::of(scenario)) {
    recording_ = must(Recording::open({}, {}));
    objects_ = register_objects(scenario, *recording_);
    network_.emplace(scenario, wiring_, 7, objects_, *recording_);
    traffic_.resize(scenario.places.size());
  }

  // From a host's link until everything has come out or is gone.
  std::vector<Delivered> pass(std::size_t host, Bytes packet) {
    std::vector<Delivered> delivered;
    const NetworkPort& port = wiring_.hosts[host];
    std::deque<Arrival> arrivals{{port.place, port.port, std::move(packet)}};
    std::size_t steps = 0;
    while (!arrivals.empty()) {
      BOOST_REQUIRE(++steps < 200);  // no loop
      Arrival arrival = std::move(arrivals.front());
      arrivals.pop_front();
      ++traffic_[arrival.place].delivered;
      Out out(*this, arrival.place, arrivals, delivered);
      network_->fabric(arrival.place).receive(arrival.port, arrival.packet, now_, out);
    }
    return delivered;
  }
  void later(Duration time) { now_ += time; }
  void check() const { BOOST_REQUIRE_EQUAL(network_->imbalance(traffic_).value_or(""), ""); }
  const Network& network() const { return *network_; }

 private:
  struct Arrival {
    std::size_t place;
    network::PortIndex port;
    Bytes packet;
  };

  class Out final : public network::PortOutput {
   public:
    Out(Lab& lab, std::size_t place, std::deque<Arrival>& arrivals,
        std::vector<Delivered>& delivered)
        : lab_(lab), place_(place), arrivals_(arrivals), delivered_(delivered) {}
    void send(network::PortIndex port, std::span<const std::uint8_t> packet) override {
      ++lab_.traffic_[place_].taken;
      Bytes bytes(packet.begin(), packet.end());
      for (std::size_t i = 0; i < lab_.wiring_.hosts.size(); ++i) {
        const NetworkPort& of_host = lab_.wiring_.hosts[i];
        if (of_host.place == place_ && of_host.port == port) {
          return delivered_.push_back({i, std::move(bytes)});
        }
      }
      for (std::size_t i = 0; i < lab_.wiring_.links.size(); ++i) {
        for (const std::size_t end : {0U, 1U}) {
          const NetworkPort& near = lab_.wiring_.links[i][end];
          if (near.place != place_ || near.port != port) continue;
          BOOST_REQUIRE(bytes.size() <= lab_.scenario_.place_links[i].mtu_bytes);
          const NetworkPort& far = lab_.wiring_.links[i][1 - end];
          return arrivals_.push_back({far.place, far.port, std::move(bytes)});
        }
      }
      BOOST_FAIL("a port that is nobody's");
    }

   private:
    Lab& lab_;
    std::size_t place_;
    std::deque<Arrival>& arrivals_;
    std::vector<Delivered>& delivered_;
  };

  const Scenario& scenario_;
  Wiring wiring_;
  std::unique_ptr<Recording> recording_;
  Objects objects_;
  std::optional<Network> network_;
  std::vector<PortTraffic> traffic_;
  Instant now_ = kStart;
};

Bytes tcp(const net::FlowKey& flow, std::uint8_t flags, std::size_t payload,
          std::uint8_t time_to_live = 64) {
  Bytes packet(2000);
  net::IpFields ip;
  ip.source = flow.source.address;
  ip.destination = flow.destination.address;
  ip.time_to_live = time_to_live;
  net::TcpFields fields;
  fields.source_port = flow.source.port;
  fields.destination_port = flow.destination.port;
  fields.flags = flags;
  fields.sequence = 1000;
  packet.resize(net::build_tcp(packet, ip, fields, Bytes(payload)));
  return packet;
}

net::FlowKey flow_of(Bytes packet) {
  net::PacketView view;
  BOOST_REQUIRE(net::PacketView::parse(packet, view) == net::ParseError::none);
  BOOST_REQUIRE(view.ip_checksum_ok());
  BOOST_REQUIRE(view.transport_checksum_ok());
  return view.flow();
}

std::size_t box_of(const Scenario& scenario, const HostSpec& host) {
  for (std::size_t i = 0; i < scenario.middleboxes.size(); ++i) {
    if (scenario.middleboxes[i].name == host.behind) return i;
  }
  BOOST_REQUIRE(false);
  return 0;
}

std::size_t any_host(random::Stream& random, const Scenario& scenario) {
  return random.below(scenario.hosts.size());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(random_networks)

BOOST_AUTO_TEST_CASE(account_for_every_packet_and_never_send_one_in_circles) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    random::Stream random(seed, "networks");
    Scenario scenario = random_scenario(random);
    if (random.chance(0.5)) scenario = with_boxes(random, scenario);
    Lab lab(scenario);
    for (int i = 0; i < 60; ++i) {
      const std::size_t from = any_host(random, scenario);
      net::FlowKey flow;
      flow.protocol = net::Protocol::tcp;
      flow.source = {scenario.hosts[from].addresses.front(),
                     static_cast<std::uint16_t>(1024 + random.below(6))};
      if (scenario.hosts[from].role == language::HostRole::server && random.chance(0.7)) {
        flow.source.port = kServicePort;
      }
      const bool to_balancer = random.chance(0.6);
      const auto& balancer = scenario.balancers[random.below(scenario.balancers.size())];
      const auto& other = scenario.hosts[any_host(random, scenario)];
      flow.destination = {to_balancer ? balancer.address : other.addresses.front(),
                          static_cast<std::uint16_t>(80 + random.below(11))};
      constexpr std::uint8_t kFlags[]{net::tcp_flag::syn, net::tcp_flag::ack, net::tcp_flag::rst,
                                      net::tcp_flag::fin | net::tcp_flag::ack};
      const auto time_to_live =
          static_cast<std::uint8_t>(random.chance(0.2) ? random.below(4) : 64);
      Bytes packet = tcp(flow, kFlags[random.below(4)], random.below(1400), time_to_live);
      if (random.chance(0.05)) packet[random.below(packet.size())] ^= 0x11;
      for (const Delivered& delivered : lab.pass(from, std::move(packet))) {
        BOOST_REQUIRE(delivered.packet.size() >= 20);
      }
      lab.check();
      lab.later(std::chrono::milliseconds(random.below(2000)));
    }
  }
}

// A server's answer to what it was sent comes back to who asked, from the address that was asked,
// whatever zone each of them is in.
BOOST_AUTO_TEST_CASE(lead_answers_back_through_the_node_that_passed_the_request_on) {
  std::size_t answered = 0;
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    random::Stream random(seed, "answers");
    Scenario scenario = random_scenario(random);
    if (random.chance(0.5)) scenario = with_boxes(random, scenario);
    Lab lab(scenario);
    for (std::uint16_t port = 1; port <= 12; ++port) {
      const std::size_t from = any_host(random, scenario);
      const auto& balancer = scenario.balancers[random.below(scenario.balancers.size())];
      const net::FlowKey flow{
          {scenario.hosts[from].addresses.front(), static_cast<std::uint16_t>(2000 + port)},
          {balancer.address, 80},
          net::Protocol::tcp};
      const auto requests = lab.pass(from, tcp(flow, net::tcp_flag::syn, 0));
      lab.later(std::chrono::milliseconds(1));  // the newest flow of a tuple gets the answer
      if (requests.size() != 1) continue;
      const net::FlowKey seen = flow_of(requests[0].packet);
      if (seen.destination.port != kServicePort) continue;  // refused: no server
      const auto answers = lab.pass(
          requests[0].host, tcp(seen.reversed(), net::tcp_flag::syn | net::tcp_flag::ack, 0));
      BOOST_REQUIRE_EQUAL(answers.size(), 1u);
      BOOST_REQUIRE_EQUAL(answers[0].host, from);
      BOOST_REQUIRE((flow_of(answers[0].packet) == flow.reversed()));
      ++answered;
      lab.check();
    }
  }
  BOOST_TEST(answered > 500u);
}

// What leaves a NAT box is told apart by its outer endpoint: no two flows have one towards the same
// destination, and what comes back finds who it is for.
BOOST_AUTO_TEST_CASE(translate_flows_of_inside_hosts_one_to_one) {
  struct Begun {
    const middlebox::NetworkAddressTranslator* box = nullptr;
    net::FlowKey flow;
  };
  std::size_t told_apart = 0;
  std::size_t refused = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    random::Stream random(seed, "translations");
    const Scenario scenario = with_boxes(random, random_scenario(random));
    Lab lab(scenario);
    std::vector<Begun> begun;
    for (int i = 0; i < 50; ++i) {
      const std::size_t from = any_host(random, scenario);
      const HostSpec& host = scenario.hosts[from];
      if (host.behind.empty()) continue;
      const bool to_balancer = random.chance(0.7);
      const auto& balancer = scenario.balancers[random.below(scenario.balancers.size())];
      const HostSpec& other = scenario.hosts[any_host(random, scenario)];
      if (!to_balancer && !other.behind.empty()) continue;
      const net::FlowKey flow{
          {host.addresses.front(), static_cast<std::uint16_t>(1024 + random.below(60))},
          {to_balancer ? balancer.address : other.addresses.front(), 80},
          net::Protocol::tcp};
      const auto passed = lab.pass(from, tcp(flow, net::tcp_flag::syn, 0));
      const std::size_t number = box_of(scenario, host);
      const auto& box = lab.network().middlebox(number);
      const auto outer = box.outer_flow(flow);
      if (!outer) {  // no port was left
        ++refused;
        BOOST_REQUIRE(passed.empty());
        continue;
      }
      const config::Nat& nat = scenario.middleboxes[number].nat;
      BOOST_REQUIRE(nat.ports.contains(outer->source.port));
      BOOST_REQUIRE(std::count(nat.addresses.begin(), nat.addresses.end(), outer->source.address) ==
                    1);
      BOOST_REQUIRE((outer->destination == flow.destination));
      const bool to_host = passed.size() == 1 && passed[0].host != from && !to_balancer;
      if (to_host) BOOST_REQUIRE((flow_of(passed[0].packet) == *outer));
      std::erase_if(begun, [&](const Begun& b) { return b.flow == flow; });
      for (const Begun& other_one : begun) {
        const auto others = other_one.box->outer_flow(other_one.flow);
        if (!others) continue;
        BOOST_REQUIRE(!(*others == *outer));
        ++told_apart;
      }
      begun.push_back({&box, flow});
      if (to_host) {
        const auto back = lab.pass(
            passed[0].host, tcp(outer->reversed(), net::tcp_flag::syn | net::tcp_flag::ack, 0));
        // A balancer that holds a flow with the same tuple may take the answer: a conflict.
        BOOST_REQUIRE(back.size() <= 1);
        if (lab.network().disputed() == 0 && back.size() == 1 && back[0].host == from) {
          BOOST_REQUIRE((flow_of(back[0].packet).destination == flow.source));
        }
      }
      lab.check();
    }
  }
  BOOST_TEST(told_apart > 10'000u);
  BOOST_TEST(refused > 20u);
}

// Nobody outside reaches what stands behind a box by its own address.
BOOST_AUTO_TEST_CASE(know_nothing_of_what_stands_behind_a_box) {
  random::Stream random(3, "behind");
  for (int i = 0; i < 20; ++i) {
    const Scenario scenario = with_boxes(random, random_scenario(random));
    Lab lab(scenario);
    for (std::size_t from = 0; from < scenario.hosts.size(); ++from) {
      for (const HostSpec& to : scenario.hosts) {
        if (to.behind.empty() || to.behind == scenario.hosts[from].behind) continue;
        const net::FlowKey flow{{scenario.hosts[from].addresses.front(), 2000},
                                {to.addresses.front(), 80},
                                net::Protocol::tcp};
        BOOST_REQUIRE(lab.pass(from, tcp(flow, net::tcp_flag::syn, 0)).empty());
        lab.check();
      }
    }
  }
}

// RFC 1191: who sent it is told, and nothing longer passes (Lab looks at each link).
BOOST_AUTO_TEST_CASE(tell_the_sender_of_a_packet_that_is_too_long_for_a_link) {
  Scenario scenario;
  scenario.places.push_back({"office", language::PlaceSpec::Kind::site});
  PlaceLinkSpec link;
  link.name = "vpn";
  link.to = 1;
  link.mtu_bytes = 1400;
  scenario.place_links.push_back(link);
  for (std::size_t i = 0; i < 2; ++i) {
    HostSpec host;
    host.name = "h" + std::to_string(i);
    host.place = i;
    host.addresses = {net::IpAddress::v4(10, 9, static_cast<std::uint8_t>(i), 1)};
    scenario.hosts.push_back(host);
  }
  random::Stream random(1, "balancer");
  scenario.balancers.push_back(random_balancer(random, scenario, 0));
  scenario.balancers.front().node_places.clear();
  Lab lab(scenario);
  const net::FlowKey flow{{scenario.hosts[0].addresses.front(), 1000},
                          {scenario.hosts[1].addresses.front(), 90},
                          net::Protocol::tcp};
  BOOST_TEST(lab.pass(0, tcp(flow, net::tcp_flag::ack, 1360)).at(0).host == 1u);
  const auto told = lab.pass(0, tcp(flow, net::tcp_flag::ack, 1361));
  BOOST_REQUIRE_EQUAL(told.size(), 1u);
  BOOST_TEST(told[0].host == 0u);
  net::PacketView notice;
  Bytes bytes = told[0].packet;
  BOOST_REQUIRE(net::PacketView::parse(bytes, notice) == net::ParseError::none);
  BOOST_TEST(notice.icmp_type() == 3);
  BOOST_TEST(notice.icmp_code() == 4);
  BOOST_TEST(net::load32(notice.transport().data() + 4) == 1400u);
  BOOST_TEST(notice.transport_checksum_ok());
  BOOST_TEST((net::quoted_flow(notice) == std::optional(flow)));
  lab.check();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::worlds
