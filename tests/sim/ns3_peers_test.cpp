// What ns-3's TCP does at its limits: a run goes on, and says what happened.
#include <ns3/inet-socket-address.h>
#include <ns3/internet-stack-helper.h>
#include <ns3/simulator.h>
#include <ns3/tcp-socket-factory.h>

#include <boost/test/unit_test.hpp>
#include <set>

#include "scenarios/language/scenario_file.hpp"
#include "sim/ns3_ports.hpp"
#include "tests/sim/run_fixture.hpp"

namespace elblab::sim::test {
namespace {

using namespace std::chrono_literals;

language::Scenario only_run_of(const std::string& yaml) {
  const auto loaded = language::ScenarioFile::parse(yaml, "test.elb.yaml");
  for (const auto& error : loaded.errors) BOOST_ERROR(error.to_string());
  BOOST_REQUIRE(loaded.file);
  return *loaded.file->decode("run").scenario;
}

const std::string kBalancer = R"(
balancer:
  listeners: {web: {protocol: tcp, port: 80, group: app}}
  groups: {app: {servers: {b1: {port: 1}}}}
)";

// An ns-3 node of nothing but its stack.
struct NodeWithStack {
  NodeWithStack() { ns3::InternetStackHelper().Install(node); }
  ~NodeWithStack() { ns3::Simulator::Destroy(); }
  ns3::Ptr<ns3::Socket> bound_to(std::uint16_t port) const {
    auto socket = ns3::Socket::CreateSocket(node, ns3::TcpSocketFactory::GetTypeId());
    const ns3::InetSocketAddress address(ns3::Ipv4Address("10.0.0.1"), port);
    BOOST_REQUIRE(socket->Bind(address) == 0);
    return socket;
  }
  ns3::Ptr<ns3::Node> node = ns3::CreateObject<ns3::Node>();
};

}  // namespace

BOOST_AUTO_TEST_SUITE(ns3_peers)

// The users' patience ends while the accept queue still holds their connections.
BOOST_AUTO_TEST_CASE(server_accepts_connections_that_were_reset_while_they_waited) {
  const TracedRun run(only_run_of(R"(
scenario: T-1
title: Impatient users
duration: 10s
hosts:
  c1: {role: client}
  b1: {role: server, stack: ns3, service: {accept_rate: 10/s}}
workload:
  w: {from: c1, to: web, users: 50, request_timeout: 500ms, for: 3s}
)" + kBalancer));
  BOOST_TEST(run.result().conservation_problem == "");
  BOOST_TEST(run.total("request_failures", "w") >= 100);
  BOOST_TEST(run.total("responses", "w") > 0);
  // None is left that nobody has: all were reset, the last ones before the end.
  BOOST_TEST(run.maximum("established", "b1") >= 50);
  BOOST_TEST(run.samples("established", "b1").back().value == 0);
}

// ns-3.37 read through a null pointer when what it had sent filled the receiver's window exactly.
BOOST_AUTO_TEST_CASE(sender_waits_when_the_receiver_window_is_exactly_full) {
  const TracedRun run(only_run_of(R"(
scenario: T-2
title: Large requests through a lossy line
sample_interval: 1ms
duration: 100ms
hosts:
  c1: {role: client}
  c2: {role: client, link: {delay: 2ms, kind: csma}}
  c3: {role: client, link: {delay: 100ms}}
  c4: {role: client}
  c5: {role: client, link: {kind: csma}, stack: ns3}
  c6: {role: client}
  c8: {role: client, link: {rate: 1bps}}
  b1: {role: server, link: {delay: 2ms, loss: 5%}}
  b2: {role: server, service: {accept_rate: 0.1/s, backlog: 10}}
balancer:
  nodes: {lvs: 64}
  listeners: {web: {protocol: tcp, port: 80, group: app}}
  groups: {app: {servers: {b1: {port: 1}, b2: {port: 1, weight: 2}}}}
workload:
  w: {from: [c5, c2, c4, c6, c3, c8], to: web, users: 50, request: 300KB}
)"));
  BOOST_TEST(run.result().conservation_problem == "");
  BOOST_TEST(run.result().packets > 1000U);
}

BOOST_AUTO_TEST_CASE(each_port_is_given_out_once_while_it_is_used) {
  const NodeWithStack host;
  Ns3Ports ports(host.node);
  std::set<std::uint16_t> taken;
  std::set<std::uint16_t> kept;  // the others belong to nobody: free when they are counted
  std::vector<ns3::Ptr<ns3::Socket>> sockets;
  for (std::uint32_t i = 0; i < Ns3Ports::kCount; ++i) {
    const auto port = ports.take(kStart);
    BOOST_REQUIRE(port.has_value());
    BOOST_REQUIRE(taken.insert(*port).second);
    if (i % 16 == 0) sockets.push_back(host.bound_to(*kept.insert(*port).first));
  }
  BOOST_TEST(*taken.begin() == Ns3Ports::kFirst);
  BOOST_TEST(*taken.rbegin() == Ns3Ports::kLast);
  while (const auto port = ports.take(kStart)) BOOST_REQUIRE(!kept.contains(*port));
  BOOST_TEST(!ports.take(kStart + Ns3Ports::kRecount / 2).has_value());
  BOOST_TEST(ports.take(kStart + Ns3Ports::kRecount).has_value());
}

BOOST_AUTO_TEST_CASE(port_comes_back_when_ns3_lets_go_of_it) {
  const NodeWithStack host;
  Ns3Ports ports(host.node);
  std::vector<ns3::Ptr<ns3::Socket>> sockets;
  while (const auto port = ports.take(kStart)) {
    if (sockets.size() == 3) break;  // the others belong to nobody: free at the next count
    sockets.push_back(host.bound_to(*port));
  }
  while (ports.take(kStart)) {
  }
  sockets[1]->Listen();
  sockets[1]->Close();
  std::set<std::uint16_t> free;
  while (const auto port = ports.take(kStart + Ns3Ports::kRecount)) free.insert(*port);
  BOOST_TEST(free.size() == Ns3Ports::kCount - 2);
  BOOST_TEST(!free.contains(Ns3Ports::kFirst + 1));
  BOOST_TEST(free.contains(Ns3Ports::kFirst + 2));
  BOOST_TEST(!free.contains(Ns3Ports::kFirst + 3));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::sim::test
