// Random networks with network ACLs, security groups and firewalls, balancers and zones, and random
// packets through them. What comes out is held against each rule read for itself: no packet reaches
// a host whose rules refuse it, what every rule on its way allows arrives, and everything is
// accounted for, by filter too.
#include <boost/test/unit_test.hpp>
#include <deque>
#include <map>
#include <set>

#include "models/net/packet_builder.hpp"
#include "models/random/stream.hpp"
#include "tests/access/reference_rules.hpp"
#include "tests/must.hpp"
#include "worlds/network.hpp"

namespace elblab::worlds {
namespace {

using Bytes = std::vector<std::uint8_t>;
using Rules = std::vector<config::PacketRule>;
using language::HostSpec;
using language::Scenario;
using telemetry::Reason;

constexpr std::uint16_t kServicePort = 90;

net::IpAddress host_address(std::size_t subnet, std::size_t number) {
  return net::IpAddress::v4(10, 9, static_cast<std::uint8_t>(subnet),
                            static_cast<std::uint8_t>(1 + number));
}

config::PacketRule random_rule(random::Stream& random, bool allow) {
  config::PacketRule rule;
  rule.allow = allow;
  rule.traffic.protocol = static_cast<config::RuleProtocol>(random.below(3));  // all, tcp, udp
  if (rule.traffic.protocol != config::RuleProtocol::all && random.chance(0.7)) {
    const auto first =
        static_cast<std::uint16_t>(random.chance(0.5) ? kServicePort : random.below(100));
    rule.traffic.ports.push_back({first, static_cast<std::uint16_t>(first + random.below(20))});
  }
  const auto some_subnet = [&] {
    if (random.chance(0.2)) return *net::Subnet::parse("10.0.1.0/24");  // a balancer's sources
    return net::Subnet(host_address(random.below(4), 0), random.chance(0.5) ? 24 : 16);
  };
  if (random.chance(0.5)) rule.from.push_back(some_subnet());
  if (random.chance(0.3)) rule.to.push_back(some_subnet());
  return rule;
}

Rules random_rules(random::Stream& random, double share_allowed) {
  Rules rules;
  for (std::uint64_t i = random.below(4); i > 0; --i) {
    rules.push_back(random_rule(random, random.chance(share_allowed)));
  }
  if (random.chance(0.5)) {
    rules.emplace_back();
    rules.back().allow = true;
  }
  return rules;
}

// Subnets of one place each; every host in one of them.
void add_subnets_and_hosts(random::Stream& random, Scenario& scenario) {
  for (std::size_t i = 0; i < 4; ++i) {
    language::SubnetSpec subnet;
    subnet.name = "s" + std::to_string(i);
    subnet.cidr = net::Subnet(host_address(i, 0), 24);
    subnet.place = random.below(scenario.places.size());
    if (random.chance(0.5)) subnet.acl = {random_rules(random, 0.6), random_rules(random, 0.6)};
    scenario.subnets.push_back(subnet);
  }
  for (const char* name : {"g0", "g1"}) {
    config::SecurityGroup group;
    group.name = name;
    group.in = random_rules(random, 1);
    if (random.chance(0.5)) group.out = random_rules(random, 1);
    group.stateful = random.chance(0.8);
    scenario.security_groups.push_back(group);
  }
  for (std::size_t i = 0; i < 3 + random.below(5); ++i) {
    const std::size_t at = random.below(4);
    HostSpec host;
    host.name = "h" + std::to_string(i);
    host.subnet = scenario.subnets[at].name;
    host.place = scenario.subnets[at].place;
    host.addresses = {host_address(at, i)};
    if (random.chance(0.3)) host.security_groups.push_back("g0");
    if (random.chance(0.3)) host.security_groups.push_back("g1");
    if (random.chance(0.3)) host.firewall = {random_rules(random, 0.5), random_rules(random, 0.5)};
    scenario.hosts.push_back(host);
  }
}

config::LoadBalancer random_balancer_over(random::Stream& random, const Scenario& scenario,
                                          std::size_t index) {
  config::LoadBalancer balancer;
  balancer.name = "lb" + std::to_string(index + 1);
  balancer.profile = config::find_profile(random.chance(0.5) ? "dedicated" : "shared");
  balancer.address = net::IpAddress::v4(198, 51, 100, static_cast<std::uint8_t>(10 + index));
  balancer.backend_subnet = *net::Subnet::parse("10.0.1.0/24");
  balancer.nodes.lvs = static_cast<unsigned>(1 + random.below(3));
  balancer.source_pool.addresses = balancer.nodes.lvs;
  balancer.source_pool.skipped = static_cast<unsigned>(8 * index);
  balancer.ip_as_backend = random.chance(0.3);
  if (random.chance(0.5)) {
    balancer.transfer_rules =
        random.chance(0.5) ? config::RuleEnforcement::enforced : config::RuleEnforcement::bypassed;
  }
  for (unsigned i = 0; i < balancer.nodes.lvs; ++i) {
    balancer.node_places.push_back(
        static_cast<std::uint16_t>(random.below(scenario.places.size())));
  }
  config::BackendGroup group;
  group.name = "app";
  for (const HostSpec& host : scenario.hosts) {
    config::Server server;
    server.name = host.name;
    server.address = host.addresses.front();
    server.port = kServicePort;
    server.place = static_cast<std::uint16_t>(host.place);
    group.servers.push_back(server);
  }
  balancer.groups.push_back(group);
  config::Listener listener;
  listener.name = "web";
  listener.protocol = config::ListenerProtocol::tcp;
  listener.port = {80, 80};
  listener.group = "app";
  balancer.listeners.push_back(listener);
  return balancer;
}

Scenario filtered_scenario(random::Stream& random) {
  Scenario scenario;
  for (std::size_t i = 1; i < 1 + random.below(3); ++i) {
    scenario.places.push_back({"p" + std::to_string(i), language::PlaceSpec::Kind::zone});
    language::PlaceLinkSpec link;
    link.name = "l" + std::to_string(i);
    link.from = random.below(i);
    link.to = i;
    scenario.place_links.push_back(link);
  }
  add_subnets_and_hosts(random, scenario);
  for (std::size_t i = 0; i < 1 + random.below(2); ++i) {
    scenario.balancers.push_back(random_balancer_over(random, scenario, i));
  }
  return scenario;
}

Bytes packet_of(const net::FlowKey& flow, std::uint8_t flags) {
  Bytes packet(200);
  net::IpFields ip;
  ip.source = flow.source.address;
  ip.destination = flow.destination.address;
  if (flow.protocol == net::Protocol::udp) {
    packet.resize(net::build_udp(packet, ip, flow.source.port, flow.destination.port, Bytes(10)));
    return packet;
  }
  net::TcpFields fields;
  fields.source_port = flow.source.port;
  fields.destination_port = flow.destination.port;
  fields.flags = flags;
  packet.resize(net::build_tcp(packet, ip, fields, Bytes(10)));
  return packet;
}

net::PacketView view_of(Bytes& packet) {
  net::PacketView view;
  BOOST_REQUIRE(net::PacketView::parse(packet, view) == net::ParseError::none);
  return view;
}

struct Arrived {
  std::size_t host = 0;
  Bytes packet;
};

// The network between its hosts: links carry at once, in the order of sending.
class FilteredLab {
 public:
  explicit FilteredLab(const Scenario& scenario)
      : scenario_(scenario), wiring_(Wiring::of(scenario)) {
    recording_ = must(Recording::open({}, {}));
    objects_ = register_objects(scenario, *recording_);
    network_.emplace(scenario.balancers, wiring_, 7, objects_, *recording_);
    network_->set_filters(scenario, wiring_, 7, objects_);
    traffic_.resize(scenario.places.size());
    for (std::size_t i = 0; i < wiring_.hosts.size(); ++i) hosts_[key(wiring_.hosts[i])] = i;
    for (const auto& ends : wiring_.links) {
      far_[key(ends[0])] = ends[1];
      far_[key(ends[1])] = ends[0];
    }
  }

  std::vector<Arrived> pass(std::size_t host, Bytes packet) {
    std::vector<Arrived> arrived;
    under_way_.push_back({wiring_.hosts[host], std::move(packet)});
    for (int steps = 0; !under_way_.empty(); ++steps) {
      BOOST_REQUIRE(steps < 200);
      auto [at, bytes] = std::move(under_way_.front());
      under_way_.pop_front();
      ++traffic_[at.place].delivered;
      Out out(*this, at.place, arrived);
      network_->fabric(at.place).receive(at.port, bytes, now_, out);
    }
    return arrived;
  }
  void later(Duration time) { now_ += time; }

  std::uint64_t dropped(Reason reason) const {
    std::uint64_t sum = 0;
    for (std::size_t place = 0; place < network_->places(); ++place) {
      sum += network_->fabric(place).counters().dropped[static_cast<std::size_t>(reason)];
    }
    return sum;
  }

  // Packets of every fabric, of the balancers, and of each filter against the reasons of drops.
  void check_books() const {
    BOOST_REQUIRE_EQUAL(network_->imbalance(traffic_).value_or(""), "");
    const NetworkFilters* const filters = network_->filters();
    if (filters == nullptr) return;
    std::uint64_t by_acls = 0;
    std::uint64_t by_groups = 0;
    std::uint64_t by_firewalls = 0;
    for (std::size_t i = 0; i < scenario_.subnets.size(); ++i) add(filters->acl(i), by_acls);
    for (std::size_t i = 0; i < scenario_.hosts.size(); ++i) {
      add(filters->of_host(i).security_groups, by_groups);
      add(filters->of_host(i).host_firewall, by_firewalls);
    }
    BOOST_REQUIRE_EQUAL(by_acls, dropped(Reason::network_acl));
    BOOST_REQUIRE_EQUAL(by_groups, dropped(Reason::security_group));
    BOOST_REQUIRE_EQUAL(by_firewalls, dropped(Reason::host_firewall));
  }

 private:
  static std::pair<std::size_t, network::PortIndex> key(const NetworkPort& at) {
    return {at.place, at.port};
  }
  static void add(const network::Filter* filter, std::uint64_t& sum) {
    if (filter != nullptr) sum += filter->blocked().packets;
  }

  class Out final : public network::PortOutput {
   public:
    Out(FilteredLab& lab, std::size_t place, std::vector<Arrived>& arrived)
        : lab_(lab), place_(place), arrived_(arrived) {}
    void send(network::PortIndex port, std::span<const std::uint8_t> packet) override {
      ++lab_.traffic_[place_].taken;
      Bytes bytes(packet.begin(), packet.end());
      const std::pair at{place_, port};
      if (const auto host = lab_.hosts_.find(at); host != lab_.hosts_.end()) {
        arrived_.push_back({host->second, std::move(bytes)});
      } else {
        lab_.under_way_.emplace_back(lab_.far_.at(at), std::move(bytes));
      }
    }

   private:
    FilteredLab& lab_;
    std::size_t place_;
    std::vector<Arrived>& arrived_;
  };

  const Scenario& scenario_;
  Wiring wiring_;
  std::unique_ptr<Recording> recording_;
  Objects objects_;
  std::optional<Network> network_;
  std::map<std::pair<std::size_t, network::PortIndex>, std::size_t> hosts_;
  std::map<std::pair<std::size_t, network::PortIndex>, NetworkPort> far_;
  std::deque<std::pair<NetworkPort, Bytes>> under_way_;
  std::vector<PortTraffic> traffic_;
  Instant now_ = kStart;
};

// The rules of a scenario, one after the other as they read.
class RulesAsTheyRead {
 public:
  explicit RulesAsTheyRead(const Scenario& scenario) : scenario_(scenario) {}

  static bool first_decides(const Rules& rules, const net::PacketView& packet, bool otherwise) {
    const auto match = access::first_match_by_scan(rules, packet);
    return match ? rules[*match].allow : otherwise;
  }

  const language::SubnetSpec& subnet_of(std::size_t host) const {
    const auto at = std::find_if(
        scenario_.subnets.begin(), scenario_.subnets.end(),
        [&](const auto& subnet) { return subnet.name == scenario_.hosts[host].subnet; });
    BOOST_REQUIRE(at != scenario_.subnets.end());
    return *at;
  }
  const net::Subnet& cidr_of(std::size_t host) const { return subnet_of(host).cidr; }
  bool acl_allows(std::size_t host, const net::PacketView& packet, bool in) const {
    const auto& acl = subnet_of(host).acl;
    return !acl || first_decides(in ? acl->in : acl->out, packet, false);
  }
  bool firewall_allows(std::size_t host, const net::PacketView& packet, bool in) const {
    const auto& firewall = scenario_.hosts[host].firewall;
    return !firewall || first_decides(in ? firewall->in : firewall->out, packet, true);
  }
  // By a rule, whatever is known of the connection.
  bool groups_allow(std::size_t host, const net::PacketView& packet, bool in) const {
    const auto& names = scenario_.hosts[host].security_groups;
    if (names.empty()) return true;
    for (const config::SecurityGroup& group : scenario_.security_groups) {
      if (std::find(names.begin(), names.end(), group.name) == names.end()) continue;
      if (!in && !group.out) return true;
      if (first_decides(in ? group.in : *group.out, packet, false)) return true;
    }
    return false;
  }
  // Whether one of its groups lets answers pass.
  bool is_stateful(std::size_t host) const {
    const auto& names = scenario_.hosts[host].security_groups;
    return std::any_of(scenario_.security_groups.begin(), scenario_.security_groups.end(),
                       [&](const config::SecurityGroup& group) {
                         return group.stateful &&
                                std::find(names.begin(), names.end(), group.name) != names.end();
                       });
  }

 private:
  const Scenario& scenario_;
};

struct Sent {
  std::size_t from = 0;
  net::FlowKey flow;
  Bytes packet;
};

std::size_t any_host_of(random::Stream& random, const Scenario& scenario) {
  return random.below(scenario.hosts.size());
}

Sent random_packet(random::Stream& random, const Scenario& scenario) {
  Sent sent;
  sent.from = any_host_of(random, scenario);
  const auto& to = scenario.hosts[any_host_of(random, scenario)];
  const auto& balancer = scenario.balancers[random.below(scenario.balancers.size())];
  const bool to_balancer = random.chance(0.4);
  sent.flow.protocol = to_balancer || random.chance(0.7) ? net::Protocol::tcp : net::Protocol::udp;
  sent.flow.source = {
      scenario.hosts[sent.from].addresses.front(),
      random.chance(0.4) ? kServicePort : static_cast<std::uint16_t>(1024 + random.below(4))};
  sent.flow.destination = {
      to_balancer ? balancer.address : to.addresses.front(),
      static_cast<std::uint16_t>(random.chance(0.5) ? kServicePort : 1024 + random.below(4))};
  if (to_balancer) sent.flow.destination.port = 80;
  constexpr std::uint8_t kFlags[]{net::tcp_flag::syn, net::tcp_flag::syn, net::tcp_flag::ack,
                                  net::tcp_flag::syn | net::tcp_flag::ack};
  sent.packet = packet_of(sent.flow, kFlags[random.below(4)]);
  return sent;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(filtered_networks)

BOOST_AUTO_TEST_CASE(let_no_packet_reach_a_host_whose_rules_refuse_it) {
  std::size_t direct = 0;
  std::size_t through_balancers = 0;
  std::size_t as_answers = 0;
  std::array<std::uint64_t, 3> refused{};
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    random::Stream random(seed, "filtered networks");
    const Scenario scenario = filtered_scenario(random);
    FilteredLab lab(scenario);
    const RulesAsTheyRead rules(scenario);
    // What went out of, or came in to, each host: of these connections its groups may know.
    std::set<std::pair<std::size_t, std::string>> seen;
    std::set<std::string> forwarded;
    bool bypassed = false;
    for (const auto& balancer : scenario.balancers) {
      bypassed = bypassed || config::transfer_bypasses_rules(balancer);
    }
    for (int i = 0; i < 150; ++i) {
      Sent sent = random_packet(random, scenario);
      seen.insert({sent.from, sent.flow.to_string()});
      for (Arrived& arrived : lab.pass(sent.from, sent.packet)) {
        const net::PacketView view = view_of(arrived.packet);
        const bool rewritten = !(view.flow() == sent.flow);
        // Once a balancer holds a connection with this tuple, nobody can tell direct packets from
        // it.
        const bool may_be_exempt =
            bypassed && (rewritten || forwarded.contains(view.flow().to_string()));
        BOOST_TEST_CONTEXT("seed " << seed << ": " << sent.flow.to_string() << " came to "
                                   << scenario.hosts[arrived.host].name << " as "
                                   << view.flow().to_string()) {
          BOOST_REQUIRE(rules.firewall_allows(arrived.host, view, true));
          BOOST_REQUIRE(rules.firewall_allows(sent.from, view_of(sent.packet), false));
          // What is for the subnet it comes from does not leave it, even where a balancer takes it.
          const bool leaves = !rules.cidr_of(sent.from).contains(sent.flow.destination.address);
          const bool enters = rewritten || leaves;
          if (!may_be_exempt) {
            BOOST_REQUIRE(!leaves || rules.acl_allows(sent.from, view_of(sent.packet), false));
            BOOST_REQUIRE(!enters || rules.acl_allows(arrived.host, view, true));
          }
          const bool known = rules.is_stateful(arrived.host) &&
                             (seen.contains({arrived.host, view.flow().to_string()}) ||
                              seen.contains({arrived.host, view.flow().reversed().to_string()}));
          BOOST_REQUIRE(may_be_exempt || known || rules.groups_allow(arrived.host, view, true));
          if (known) ++as_answers;
        }
        seen.insert({arrived.host, view.flow().to_string()});
        if (rewritten) forwarded.insert(view.flow().to_string());
        ++(rewritten ? through_balancers : direct);
      }
      lab.later(std::chrono::milliseconds(random.below(3000)));
      lab.check_books();
    }
    refused[0] += lab.dropped(Reason::network_acl);
    refused[1] += lab.dropped(Reason::security_group);
    refused[2] += lab.dropped(Reason::host_firewall);
  }
  // The test has seen enough of everything.
  BOOST_TEST(direct > 3000u);
  BOOST_TEST(through_balancers > 1000u);
  BOOST_TEST(as_answers > 100u);
  for (const std::uint64_t each : refused) BOOST_TEST(each > 500u);
}

// Past the balancers, what no rule refuses arrives, and what a stateless one refuses does not.
BOOST_AUTO_TEST_CASE(let_pass_what_every_rule_on_the_way_allows) {
  std::size_t arrived = 0;
  std::size_t stopped = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    random::Stream random(seed, "allowed packets");
    const Scenario scenario = filtered_scenario(random);
    FilteredLab lab(scenario);
    const RulesAsTheyRead rules(scenario);
    for (int i = 0; i < 100; ++i) {
      Sent sent;
      sent.from = any_host_of(random, scenario);
      const std::size_t to = any_host_of(random, scenario);
      if (to == sent.from) continue;
      sent.flow = {
          {scenario.hosts[sent.from].addresses.front(), static_cast<std::uint16_t>(2000 + i)},
          {scenario.hosts[to].addresses.front(), static_cast<std::uint16_t>(random.below(120))},
          net::Protocol::udp};
      sent.packet = packet_of(sent.flow, 0);
      Bytes bytes = sent.packet;
      const net::PacketView view = view_of(bytes);
      const bool within = scenario.hosts[to].subnet == scenario.hosts[sent.from].subnet;
      const bool allowed =
          rules.firewall_allows(sent.from, view, false) &&
          rules.groups_allow(sent.from, view, false) &&
          (within ||
           (rules.acl_allows(sent.from, view, false) && rules.acl_allows(to, view, true))) &&
          rules.groups_allow(to, view, true) && rules.firewall_allows(to, view, true);
      const auto came = lab.pass(sent.from, sent.packet);
      BOOST_REQUIRE_EQUAL(came.size(), allowed ? 1u : 0u);
      if (allowed) BOOST_REQUIRE_EQUAL(came.front().host, to);
      ++(allowed ? arrived : stopped);
      lab.check_books();
    }
  }
  BOOST_TEST(arrived > 2000u);
  BOOST_TEST(stopped > 2000u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::worlds
