// A host on a Fabric without a link: what it sends comes back to it, and to it alone where several
// share its address, past a balancer that takes what its servers send for answers.
#include "worlds/health/management_host.hpp"

#include <boost/test/unit_test.hpp>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "models/forwarding/balancer.hpp"
#include "models/net/icmp.hpp"
#include "models/net/packet_builder.hpp"
#include "models/network/fabric.hpp"

namespace elblab::worlds::test {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

const net::IpAddress kServer = net::IpAddress::v4(10, 0, 2, 1);
const net::IpAddress kProbing = net::IpAddress::v4(100, 125, 0, 9);
constexpr std::uint16_t kServicePort = 90;

host::HostOptions host_options(const std::string& name, const net::IpAddress& address) {
  host::HostOptions options;
  options.name = name;
  options.addresses = {address};
  return options;
}

// Answers "ping" with the port it came from.
class Service final : public host::SocketEvents {
 public:
  explicit Service(host::Sockets& sockets) : sockets_(sockets) {}
  void acceptable(host::ListenerId listener, Instant now) override {
    while (const host::SocketId socket = sockets_.accept(listener, *this, now)) {
      const auto peer = sockets_.peer_endpoint(socket);
      ports.insert(peer->port);
      const std::string text = std::to_string(peer->port);
      const std::vector<std::uint8_t> bytes(text.begin(), text.end());
      sockets_.send(socket, bytes, now);
    }
  }
  std::set<std::uint16_t> ports;

 private:
  host::Sockets& sockets_;
};

class Client final : public host::SocketEvents {
 public:
  void connected(host::SocketId, Instant) override { ++connections; }
  void received(host::SocketId, std::span<const std::uint8_t> bytes, Instant) override {
    texts.emplace_back(bytes.begin(), bytes.end());
  }
  void closed(host::SocketId, host::SocketError error, Instant) override {
    errors.push_back(error);
  }
  unsigned connections = 0;
  std::vector<std::string> texts;
  std::vector<host::SocketError> errors;
};

config::LoadBalancer kept_address_balancer() {
  config::LoadBalancer balancer;
  balancer.profile = config::find_profile("dedicated");
  balancer.address = net::IpAddress::v4(198, 51, 100, 10);
  balancer.nodes.lvs = 1;
  config::BackendGroup group;
  group.name = "app";
  group.servers.push_back({"b1", kServer, kServicePort, 1, false});
  balancer.groups.push_back(group);
  config::Listener web;
  web.name = "web";
  web.port = {80, 80};
  web.group = "app";
  balancer.listeners.push_back(web);
  return balancer;
}

// A balancer, its one server behind port 0, and management hosts.
class Scene final : public network::PortOutput, private net::PacketOutput {
 public:
  explicit Scene(unsigned hosts, unsigned shares)
      : balancer_(kept_address_balancer(), {1}, 42, recorder_),
        fabric_(std::vector<network::Route>{{net::Subnet(kServer, 32), 0}}, 1, recorder_),
        server_(host_options("b1", kServer), random::Stream(1, "b1"), recorder_, *this),
        service(server_) {
    fabric_.attach(balancer_);
    for (unsigned i = 0; i < hosts; ++i) {
      ManagementHostOptions options;
      const net::IpAddress address = shares == 1 ? kProbing.plus(i) : kProbing;
      options.host = host_options("m" + std::to_string(i), address);
      options.share = shares == 1 ? 0 : i;
      options.shares = shares;
      managers.push_back(std::make_unique<ManagementHost>(
          options, random::Stream(1, options.host.name), recorder_));
      fabric_.attach(*managers.back());
      managers.back()->start(kStart);
    }
    server_.listen({{}, kServicePort, 128}, service, kStart);
  }

  // Until nothing more happens at this moment.
  void settle() {
    for (bool busy = true; busy;) {
      busy = !to_server_.empty() || !from_server_.empty() || fabric_.next_deadline() <= now;
      fabric_.advance(now, *this);
      for (Bytes& packet : std::exchange(to_server_, {})) server_.receive(packet, now);
      for (Bytes& packet : std::exchange(from_server_, {})) fabric_.receive(0, packet, now, *this);
    }
    BOOST_TEST(fabric_.counters().conserved());
  }

  void send(network::PortIndex, std::span<const std::uint8_t> packet) override {
    to_server_.emplace_back(packet.begin(), packet.end());
  }
  network::Fabric& fabric() { return fabric_; }
  // As if the server sent it.
  void inject(Bytes packet) { from_server_.push_back(std::move(packet)); }

  Instant now = kStart + 1s;
  std::vector<std::unique_ptr<ManagementHost>> managers;

 private:
  void send(std::span<const std::uint8_t> packet) override {
    from_server_.emplace_back(packet.begin(), packet.end());
  }

  telemetry::NullRecorder recorder_;
  forwarding::Balancer balancer_;
  network::Fabric fabric_;
  host::Host server_;
  std::vector<Bytes> to_server_;
  std::vector<Bytes> from_server_;

 public:
  Service service;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(management_host)

BOOST_AUTO_TEST_CASE(it_connects_to_a_server_and_gets_its_answer) {
  Scene scene(1, 1);
  Client client;
  const auto opened =
      scene.managers[0]->sockets().connect({}, {kServer, kServicePort}, client, scene.now);
  BOOST_TEST((opened.error == host::SocketError::none));
  // It was asked for outside a call of the Fabric: the Fabric has something to do at once.
  BOOST_TEST((scene.fabric().next_deadline() <= scene.now));
  scene.settle();
  BOOST_TEST(client.connections == 1u);
  BOOST_REQUIRE_EQUAL(client.texts.size(), 1u);
  BOOST_TEST(client.texts[0] == std::to_string(*scene.service.ports.begin()));
  const network::NodeCounts counts = scene.managers[0]->counts();
  BOOST_TEST(counts.packets_sent == scene.managers[0]->counters().packets_out);
  BOOST_TEST(counts.packets_in == scene.managers[0]->counters().packets_in);
  BOOST_TEST(scene.fabric().counters().to_nodes == counts.packets_in);
}

BOOST_AUTO_TEST_CASE(a_port_that_is_closed_is_refused_and_a_server_that_is_gone_times_out) {
  Scene scene(1, 1);
  Client client;
  scene.managers[0]->sockets().connect({}, {kServer, 91}, client, scene.now);
  scene.settle();
  BOOST_REQUIRE_EQUAL(client.errors.size(), 1u);
  BOOST_TEST((client.errors[0] == host::SocketError::connection_refused));
  // Its own timers run in the Fabric: the SYN is sent again after 1 s.
  scene.managers[0]->sockets().connect({}, {net::IpAddress::v4(10, 0, 2, 99), 90}, client,
                                       scene.now);
  scene.settle();
  const auto sent = scene.managers[0]->counters().packets_out;
  BOOST_TEST((scene.fabric().next_deadline() <= scene.now + 1100ms));
  scene.now += 1100ms;
  scene.settle();
  BOOST_TEST(scene.managers[0]->counters().packets_out == sent + 1);
}

BOOST_AUTO_TEST_CASE(it_asks_for_an_echo_and_answers_one) {
  Scene scene(1, 1);
  std::vector<std::pair<std::string, int>> replies;
  scene.managers[0]->on_echo_reply([&](const net::IpAddress& from, std::uint16_t number, Instant) {
    replies.emplace_back(from.to_string(), number);
  });
  BOOST_TEST(scene.managers[0]->send_echo(kServer, 7, scene.now));
  BOOST_TEST(!scene.managers[0]->send_echo(*net::IpAddress::parse("2001:db8::1"), 8, scene.now));
  scene.settle();
  const std::vector<std::pair<std::string, int>> expected{{"10.0.2.1", 7}};
  BOOST_TEST((replies == expected));
  // From the server to it.
  Bytes request(100);
  net::IpFields ip;
  ip.source = kServer;
  ip.destination = kProbing;
  request.resize(net::build_icmp(request, ip, net::icmp_type::echo_request, 0, 0x00010002, {}));
  const auto sent = scene.managers[0]->counters().packets_out;
  scene.inject(request);
  scene.settle();
  BOOST_TEST(scene.managers[0]->counters().packets_out == sent + 1);
}

BOOST_AUTO_TEST_CASE(those_that_share_an_address_get_their_own_answers_only) {
  constexpr unsigned kHosts = 3;
  Scene scene(kHosts, kHosts);
  std::vector<Client> clients(kHosts);
  std::vector<int> replies(kHosts, 0);
  for (unsigned i = 0; i < kHosts; ++i) {
    scene.managers[i]->on_echo_reply([&replies, i](const net::IpAddress&, std::uint16_t number,
                                                   Instant) { replies[i] += number; });
  }
  for (int round = 0; round < 50; ++round) {
    for (unsigned i = 0; i < kHosts; ++i) {
      scene.managers[i]->sockets().connect({}, {kServer, kServicePort}, clients[i], scene.now);
      scene.managers[i]->send_echo(kServer, static_cast<std::uint16_t>(i + 1), scene.now);
    }
    scene.settle();
  }
  for (unsigned i = 0; i < kHosts; ++i) {
    BOOST_TEST(clients[i].connections == 50u);
    BOOST_TEST(clients[i].texts.size() == 50u);
    BOOST_TEST(clients[i].errors.empty());
    BOOST_TEST(replies[i] == 50 * static_cast<int>(i + 1));
  }
  // No two of them came from one port.
  BOOST_TEST(scene.service.ports.size() == 150u);
  // A port that is closed: the reset finds the one that asked.
  scene.managers[2]->sockets().connect({}, {kServer, 91}, clients[2], scene.now);
  scene.settle();
  BOOST_TEST(clients[2].errors.size() == 1u);
  BOOST_TEST(clients[0].errors.empty());
}

BOOST_AUTO_TEST_CASE(what_answers_nobody_is_the_first_ones) {
  Scene scene(3, 3);
  Bytes request(100);
  net::IpFields ip;
  ip.source = kServer;
  ip.destination = kProbing;
  request.resize(net::build_icmp(request, ip, net::icmp_type::echo_request, 0, 0x9C400002, {}));
  scene.inject(request);
  scene.settle();
  BOOST_TEST(scene.managers[0]->counters().packets_out == 1u);
  BOOST_TEST(scene.managers[1]->counters().packets_in == 0u);
  BOOST_TEST(scene.managers[2]->counters().packets_in == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::worlds::test
