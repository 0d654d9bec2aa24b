// Packet in, packet out, byte for byte. The bytes were made by an independent builder (struct and
// checksum arithmetic outside this program) for the situations named.
#include <boost/test/unit_test.hpp>

#include "tests/forwarding/scene.hpp"

namespace elblab::forwarding {
namespace {

struct Step {
  const char* what;
  const char* in;
  const char* out;
};

void play(const config::LoadBalancer& balancer, std::initializer_list<Step> steps) {
  Scene scene(balancer);
  for (const Step& step : steps) {
    BOOST_TEST_CONTEXT(step.what) { BOOST_TEST(to_hex(scene.pass(from_hex(step.in))) == step.out); }
  }
  BOOST_TEST(scene.counters().packets_in == steps.size());
  BOOST_TEST(scene.counters().packets_forwarded == steps.size());
  BOOST_TEST(scene.counters().conserved());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(translation)

BOOST_AUTO_TEST_CASE(keeps_the_clients_endpoint_and_rewrites_the_destination) {  // FWD-10, FTC-08
  play(kept_address_balancer(),
       {{"client:100 -> virtual:80 arrives as client:100 -> server:90",
         "45000028123440004006c256cb007107c633640a00640050000003e8000000005002faf04a100000",
         "45000028123440003f06e193cb0071070a0002010064005a000003e8000000005002faf068430000"},
        {"the answer comes back from virtual:80",
         "45000028123440004006e0930a000201cb007107005a006400001388000003e95012fe8851120000",
         "45000028123440003f06c356c633640acb0071070050006400001388000003e95012fe8832df0000"}});
}

BOOST_AUTO_TEST_CASE(rewrites_both_endpoints_in_full_nat) {  // FWD-01, FWD-04, FWD-05
  config::LoadBalancer balancer = full_nat_balancer();
  // So that the pool's address is the one in the vector: 10.0.1.254.
  balancer.profile = config::find_profile("dedicated");
  balancer.backend_subnet = *net::Subnet::parse("10.0.1.0/24");
  balancer.ip_as_backend = true;  // FWD-11
  play(balancer, {{"client:5353 -> virtual:53 arrives as pool:1024 -> server:90",
                   "45000021123440004011c252cb007107c633640a14e90035000d409e68656c6c6f",
                   "45000021123440003f11119a0a0001fe0a0002010400005a000d9fa968656c6c6f"},
                  {"the answer to pool:1024 reaches client:5353 from virtual:53",
                   "4500002212344000401110990a0002010a0001fe005a0400000ea921616e73776572",
                   "45000022123440003f11c351c633640acb007107003514e9000e4a16616e73776572"}});
}

BOOST_AUTO_TEST_CASE(serves_ipv6_clients_from_ipv6_servers) {  // FWD-19
  play(kept_address_balancer(),
       {{"client:100 -> virtual:80 over IPv6",
         "600000000014064020010db800000000000000000000000720010db8000f00000000000000000010"
         "00640050000003e8000000005002faf054be0000",
         "600000000014063f20010db800000000000000000000000720010db8000b00000000000000000001"
         "0064005a000003e8000000005002faf054c70000"}});
}

BOOST_AUTO_TEST_CASE(spreads_new_connections_and_keeps_each_on_its_server) {  // SCH-03
  Scene scene(kept_address_balancer());
  for (std::uint16_t port = 1000; port < 1010; ++port) {
    const net::Endpoint client = at(kClient, port);
    const net::FlowKey seen = scene.connect(client, at(kVirtual, 80));
    BOOST_TEST(seen.destination.to_string() == (port % 2 == 0 ? "10.0.2.1:90" : "10.0.2.2:90"));
    const Parsed later(
        scene.pass(tcp(client, at(kVirtual, 80), {flag::ack, kClientNext, kServerNext, 200})));
    BOOST_TEST((later.flow == seen));
  }
  BOOST_TEST(scene.node.scheduled_connections(0, 0) == 5u);
  BOOST_TEST(scene.node.active_connections(0, 1) == 5u);
  BOOST_TEST(scene.notebook.count(telemetry::EventKind::scheduler_decision) == 10u);
}

BOOST_AUTO_TEST_CASE(translates_every_port_of_a_range_to_the_servers_port) {  // FTC-04
  config::LoadBalancer balancer = kept_address_balancer();
  balancer.listeners[0].port = {8000, 8999};
  Scene scene(balancer);
  for (const std::uint16_t port : {std::uint16_t{8000}, std::uint16_t{8999}}) {
    const net::Endpoint client = at(kClient, port);
    const net::FlowKey seen = scene.connect(client, at(kVirtual, port));
    BOOST_TEST(seen.destination.port == 90);
    const Parsed answer(
        scene.pass(tcp(seen.destination, seen.source, {flag::ack, kServerNext, kClientNext, 5})));
    BOOST_TEST((answer.flow.source == at(kVirtual, port)));
  }
  BOOST_TEST(scene.pass(tcp(at(kClient, 1), at(kVirtual, 9000), {flag::syn})).empty());
}

BOOST_AUTO_TEST_CASE(counts_the_client_side_both_ways) {  // MET-05..08
  Scene scene(kept_address_balancer());
  const net::FlowKey seen = scene.connect(at(kClient, 1000), at(kVirtual, 80));
  scene.pass(tcp(at(kClient, 1000), at(kVirtual, 80), {flag::ack, kClientNext, kServerNext, 100}));
  scene.pass(tcp(seen.destination, seen.source, {flag::ack, kServerNext, kClientNext + 100, 60}));
  const ForwarderCounters& counters = scene.counters();
  BOOST_TEST(counters.packets_from_clients == 3u);
  BOOST_TEST(counters.bytes_from_clients == 3 * 40u + 100u);
  BOOST_TEST(counters.packets_to_clients == 2u);
  BOOST_TEST(counters.bytes_to_clients == 2 * 40u + 60u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::forwarding
