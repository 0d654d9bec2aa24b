// The access list of a listener: who may open a connection (ACL-01, ACL-02, ACL-04).
#include <boost/test/unit_test.hpp>

#include "tests/forwarding/scene.hpp"

namespace elblab::forwarding {
namespace {

using telemetry::Reason;
using Kind = config::AccessControl::Kind;

const net::Endpoint kInside = at("203.0.113.7", 1000);
const net::Endpoint kOutside = at("198.18.0.7", 1000);
const net::Endpoint kWeb = at(kVirtual, 80);
const net::Endpoint kResolver = at(kVirtual, 53);

// Of both listeners.
config::LoadBalancer with_access(Kind kind, std::initializer_list<const char*> entries) {
  config::LoadBalancer balancer = kept_address_balancer();
  config::AccessControl access{kind, {}};
  for (const char* entry : entries) access.entries.push_back(*net::Subnet::parse(entry));
  for (config::Listener& listener : balancer.listeners) listener.access = access;
  return balancer;
}

void expect_served(Scene& scene, const net::Endpoint& client) {
  BOOST_TEST(!scene.pass(tcp(client, kWeb, {flag::syn})).empty());
  BOOST_TEST(!scene.pass(udp(client, kResolver, 5)).empty());
}

void expect_denied(Scene& scene, const net::Endpoint& client) {
  const std::uint64_t before = scene.dropped(Reason::access_control);
  BOOST_TEST(scene.pass(tcp(client, kWeb, {flag::syn})).empty());  // silently (OPEN-12)
  BOOST_TEST(scene.pass(udp(client, kResolver, 5)).empty());
  BOOST_TEST(scene.pass(tcp(client, kWeb, {flag::ack})).empty());
  BOOST_TEST(scene.dropped(Reason::access_control) == before + 3);  // counted (ACL-05)
  BOOST_TEST((scene.notebook.events.back().reason == Reason::access_control));
  BOOST_TEST(scene.counters().packets_made == 0u);
  BOOST_TEST(scene.counters().conserved());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(access_control)

BOOST_AUTO_TEST_CASE(serves_everybody_where_it_is_off) {
  Scene scene(kept_address_balancer());
  expect_served(scene, kInside);
  expect_served(scene, kOutside);
}

BOOST_AUTO_TEST_CASE(serves_only_those_on_the_whitelist) {  // SEC-01
  Scene scene(with_access(Kind::whitelist, {"203.0.113.0/24"}));
  expect_served(scene, kInside);
  expect_denied(scene, kOutside);
}

BOOST_AUTO_TEST_CASE(keeps_out_those_on_the_blacklist) {  // SEC-02
  Scene scene(with_access(Kind::blacklist, {"198.18.0.0/16", "2001:db8:bad::/48"}));
  expect_served(scene, kInside);
  expect_denied(scene, kOutside);
  const net::Endpoint web_v6 = at("2001:db8:f::10", 80);
  BOOST_TEST(scene.pass(tcp(at("2001:db8:bad::1", 9), web_v6, {flag::syn})).empty());
  BOOST_TEST(!scene.pass(tcp(at("2001:db8:900d::1", 9), web_v6, {flag::syn})).empty());
}

BOOST_AUTO_TEST_CASE(with_an_empty_whitelist_serves_nobody) {  // ACL-03, SEC-03
  Scene scene(with_access(Kind::whitelist, {}));
  expect_denied(scene, kInside);
  expect_denied(scene, kOutside);
}

BOOST_AUTO_TEST_CASE(is_a_matter_of_each_listener) {  // ACL-01
  config::LoadBalancer balancer = with_access(Kind::whitelist, {"203.0.113.0/24"});
  balancer.listeners[1].access.reset();
  Scene scene(balancer);
  BOOST_TEST(scene.pass(tcp(kOutside, kWeb, {flag::syn})).empty());
  BOOST_TEST(!scene.pass(udp(kOutside, kResolver, 5)).empty());
}

BOOST_AUTO_TEST_CASE(counts_what_it_denies_for_each_listener_by_its_place_in_the_file) {  // MET-32
  config::LoadBalancer balancer = with_access(Kind::whitelist, {"203.0.113.0/24"});
  std::swap(balancer.listeners[0], balancer.listeners[1]);
  Scene scene(balancer);
  const Bytes query = udp(kOutside, kResolver, 5);
  scene.pass(query);
  scene.pass(query);
  const Bytes syn = tcp(kOutside, kWeb, {flag::syn});
  scene.pass(syn);
  expect_served(scene, kInside);
  const bool web_first = balancer.listeners[0].protocol == config::ListenerProtocol::tcp;
  BOOST_TEST(scene.node.blocked(web_first ? 0 : 1).packets == 1u);
  BOOST_TEST(scene.node.blocked(web_first ? 0 : 1).bytes == syn.size());
  BOOST_TEST(scene.node.blocked(web_first ? 1 : 0).packets == 2u);
  BOOST_TEST(scene.node.blocked(web_first ? 1 : 0).bytes == 2 * query.size());
}

BOOST_AUTO_TEST_CASE(sees_the_client_also_in_full_nat) {
  config::LoadBalancer balancer = full_nat_balancer();
  balancer.listeners[0].access =
      config::AccessControl{Kind::blacklist, {*net::Subnet::parse("198.18.0.0/16")}};
  Scene scene(balancer);
  BOOST_TEST(scene.pass(tcp(kOutside, kWeb, {flag::syn})).empty());
  BOOST_TEST(!scene.pass(tcp(kInside, kWeb, {flag::syn})).empty());
}

BOOST_AUTO_TEST_CASE(does_not_answer_for_ports_that_nobody_listens_on) {
  Scene scene(with_access(Kind::whitelist, {"203.0.113.0/24"}));
  BOOST_TEST(scene.pass(tcp(kOutside, at(kVirtual, 81), {flag::syn})).empty());
  BOOST_TEST(scene.dropped(Reason::no_listener) == 1u);
  BOOST_TEST(scene.dropped(Reason::access_control) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::forwarding
