// Whose addresses are whose: as they stand, by rules, by guessing; and what is said when nothing
// fits.
#include <boost/test/unit_test.hpp>

#include "tests/must.hpp"
#include "tests/replay/capture_fixture.hpp"

namespace elblab::replay {
namespace {

using namespace test;
using forwarding::full_nat_balancer;
using forwarding::kept_address_balancer;

const net::Endpoint kWeb = at(kVirtual, 80);
const net::Endpoint kFront = at("192.0.2.99", 443);

bool contains(const std::string& text, const std::string& part) {
  const bool found = text.find(part) != std::string::npos;
  if (!found) BOOST_TEST_MESSAGE(text);
  return found;
}

// One line per sentence.
std::string said(const Replayed& replayed) {
  std::string all;
  for (const std::string& sentence : replayed.report.roles.sentences) all += sentence + "\n";
  return all;
}

Tape conversations(const net::Endpoint& with, int count) {
  Tape tape;
  for (int n = 0; n < count; ++n) {
    const auto port = static_cast<std::uint16_t>(2000 + n);
    tape.add(conversation(at(kClient, port), with, 100u * port));
  }
  return tape;
}

// As conversation(), each request once as it came to a balancer and once as it left it.
void add_both_sides(Tape& tape, const net::Endpoint& client, const net::Endpoint& front,
                    const net::Endpoint& source, const net::Endpoint& server,
                    std::uint32_t sequence) {
  const auto outside = conversation(client, front, sequence);
  const auto inside = conversation(source, server, sequence);
  for (std::size_t i = 0; i < outside.size(); ++i) {
    const bool request = i == 0 || i == 2 || i == 3 || i == 5 || i == 7;
    tape.add(request ? outside[i] : inside[i]).add(request ? inside[i] : outside[i]);
  }
}

ReplayOptions guessing() {
  ReplayOptions options;
  options.roles.guess = true;
  return options;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(roles)

BOOST_AUTO_TEST_CASE(requests_and_answers_of_servers_alone_are_what_goes_into_a_balancer) {
  Tape tape;
  const auto outside = conversation(at(kClient, 2000), kWeb);
  const auto inside = conversation(at(kClient, 2000), at("10.0.2.1", 90));
  for (std::size_t i = 0; i < outside.size(); ++i) {
    const bool request = i == 0 || i == 2 || i == 3 || i == 5 || i == 7;
    tape.add(request ? outside[i] : inside[i]);
  }
  const Replayed replayed(tape, kept_address_balancer());
  replayed.check_accounts();
  BOOST_TEST((replayed.report.roles.side == Side::before_balancer));
  BOOST_TEST(replayed.report.engine.packets_forwarded == 8u);
}

BOOST_AUTO_TEST_CASE(requests_passed_on_to_dead_servers_are_not_direct_access) {
  Tape tape;
  const Bytes syn = tcp(at(kClient, 2000), kWeb, {flag::syn, 77, 0});
  for (int i = 0; i < 3; ++i) {
    tape.add(syn).add(tcp(at(kClient, 2000), at("10.0.2.1", 90), {flag::syn, 77, 0}));
  }
  const Replayed replayed(tape, kept_address_balancer());
  BOOST_TEST((replayed.report.roles.side == Side::both_sides));
  BOOST_TEST(replayed.count(Verdict::output) == 3u);
}

BOOST_AUTO_TEST_CASE(what_occurs_is_named_when_nothing_fits) {
  const Replayed replayed(conversations(kFront, 7), kept_address_balancer());
  BOOST_REQUIRE(replayed.error.has_value());
  BOOST_TEST((replayed.error->cause == ReplayError::Cause::bad_input));
  const std::string& error = replayed.error->message;
  BOOST_TEST(contains(error, "neither the balancer's address 198.51.100.10"));
  BOOST_TEST(contains(error, "10.0.2.1:90"));
  BOOST_TEST(contains(error, "192.0.2.99:443 receives 7 of 7 SYNs and answers 7"));
  BOOST_TEST(contains(error, "--map 192.0.2.99:443=web"));
  BOOST_TEST(contains(error, "--guess"));
}

BOOST_AUTO_TEST_CASE(the_endpoint_asked_most_is_guessed_to_be_the_listener) {
  Tape tape = conversations(kFront, 20);
  tape.add(conversation(at(kClient, 9000), at("192.0.2.50", 22)));
  const Replayed replayed(tape, full_nat_balancer(), guessing());
  replayed.check_accounts();
  BOOST_TEST((replayed.report.roles.side == Side::client_side));
  BOOST_TEST(contains(said(replayed),
                      "192.0.2.99:443 receives 20 of 21 SYNs and answers 20: taken as listener web "
                      "(tcp 80)"));
  BOOST_TEST(replayed.report.engine.sessions_opened == 20u);
  BOOST_TEST(replayed.count(Verdict::elsewhere) == 8u);
}

BOOST_AUTO_TEST_CASE(the_endpoint_with_the_listeners_own_port_is_preferred) {
  Tape tape = conversations(at("192.0.2.50", 22), 9);
  tape.add(conversation(at(kClient, 9000), at("192.0.2.99", 80)));
  const Replayed replayed(tape, full_nat_balancer(), guessing());
  BOOST_TEST(contains(said(replayed), "192.0.2.99:80 receives 1 of 10 SYNs"));
  BOOST_TEST(replayed.report.engine.sessions_opened == 1u);
}

BOOST_AUTO_TEST_CASE(endpoints_that_syns_are_passed_on_to_are_guessed_to_be_servers) {
  Tape tape;
  for (std::uint16_t n = 0; n < 10; ++n) {
    const auto port = static_cast<std::uint16_t>(2000 + n);
    const net::Endpoint source = at("172.16.0.9", static_cast<std::uint16_t>(50000 + n));
    const net::Endpoint server = at(n % 2 == 0 ? "172.16.1.1" : "172.16.1.2", 8080);
    add_both_sides(tape, at(kClient, port), kFront, source, server, 1000u * port);
  }
  const Replayed replayed(tape, full_nat_balancer(), guessing());
  replayed.check_accounts();
  BOOST_TEST((replayed.report.roles.side == Side::both_sides));
  BOOST_TEST(contains(said(replayed),
                      "172.16.1.1:8080 receives 5 SYNs that had been sent to "
                      "192.0.2.99:443 before: taken as server app/b1"));
  BOOST_TEST(contains(said(replayed), "taken as server app/b2"));
  BOOST_TEST(replayed.report.engine.sessions_opened == 10u);
  BOOST_TEST(replayed.report.engine.dropped_total() == 0u);
  BOOST_TEST(replayed.count(Verdict::output) == 80u);
  BOOST_TEST(replayed.report.decisions_seen == 10u);
}

BOOST_AUTO_TEST_CASE(several_endpoints_of_one_port_are_guessed_to_be_servers) {
  Tape tape;
  for (std::uint16_t n = 0; n < 10; ++n) {
    const net::Endpoint server = at(n % 2 == 0 ? "172.16.1.1" : "172.16.1.2", 8080);
    tape.add(conversation(at(kClient, static_cast<std::uint16_t>(2000 + n)), server, 1000u * n));
  }
  const Replayed replayed(tape, kept_address_balancer(), guessing());
  replayed.check_accounts();
  BOOST_TEST((replayed.report.roles.side == Side::server_side));
  BOOST_TEST(contains(said(replayed), "taken as server app/b2"));
  BOOST_TEST(replayed.report.engine.sessions_opened == 10u);
  BOOST_TEST(replayed.report.engine.dropped_total() == 0u);
}

BOOST_AUTO_TEST_CASE(datagrams_are_guessed_by_who_is_sent_the_first) {
  Tape tape;
  const net::Endpoint resolver = at("192.0.2.53", 5353);
  for (std::uint16_t n = 0; n < 10; ++n) {
    const net::Endpoint client = at(kClient, static_cast<std::uint16_t>(2000 + n));
    tape.add(udp(client, resolver, 30)).add(udp(resolver, client, 60));
  }
  const Replayed replayed(tape, full_nat_balancer(), guessing());
  replayed.check_accounts();
  BOOST_TEST(contains(said(replayed),
                      "192.0.2.53:5353 receives 10 of 10 first datagrams and answers 10: taken as "
                      "listener resolver (udp 53)"));
  BOOST_TEST(replayed.report.engine.packets_forwarded == 20u);
}

BOOST_AUTO_TEST_CASE(a_rule_for_what_does_not_occur_is_refused) {
  const auto balancer = kept_address_balancer();
  ReplayOptions options;
  options.roles.rules = {listener_rule("192.0.2.1:443=web", balancer)};
  const Replayed replayed(conversations(kFront, 3), balancer, options);
  BOOST_REQUIRE(replayed.error.has_value());
  BOOST_TEST((replayed.error->cause == ReplayError::Cause::bad_input));
  BOOST_TEST(contains(replayed.error->message, "192.0.2.1:443 does not occur in"));
  BOOST_TEST(contains(replayed.error->message, "192.0.2.99:443 receives 3 of 3 SYNs"));
}

BOOST_AUTO_TEST_CASE(mistakes_in_rules_are_answered_with_what_would_be_right) {
  const auto balancer = kept_address_balancer();
  const auto wrong_listener = [&](const std::string& text) {
    return message_of(parse_listener_rule(text, {&balancer, 1}));
  };
  const auto wrong_server = [&](const std::string& text) {
    return message_of(parse_server_rule(text, {&balancer, 1}));
  };
  BOOST_TEST(contains(wrong_listener("192.0.2.1:443"), "for example 203.0.113.5:443=web"));
  BOOST_TEST(contains(wrong_listener("192.0.2.1=web"), "is no address with a port"));
  BOOST_TEST(contains(wrong_listener("192.0.2.1:70000=web"), "is no address with a port"));
  BOOST_TEST(contains(wrong_listener("192.0.2.1:443=wbe"), "no listener 'wbe' (there are: web"));
  BOOST_TEST(contains(wrong_server("192.0.2.1:443=b1"), "no server 'b1' (there are: app/b1"));
  BOOST_TEST(contains(wrong_server("[2001:db8::1]:443=app/b1"), "other family"));
  BOOST_TEST(listener_rule("[2001:db8::1]:443=web", balancer).ours.to_string() ==
             "[2001:db8:f::10]:80");
}

BOOST_AUTO_TEST_CASE(captures_without_a_packet_are_refused_with_one_message) {
  const Replayed empty(Tape(), kept_address_balancer());
  BOOST_REQUIRE(empty.error.has_value());
  BOOST_TEST((empty.error->cause == ReplayError::Cause::bad_input));
  BOOST_TEST(contains(empty.error->message, "no IP packet"));
  const Replayed missing(std::filesystem::path("/no/such.pcap"), kept_address_balancer());
  BOOST_REQUIRE(missing.error.has_value());
  BOOST_TEST((missing.error->cause == ReplayError::Cause::bad_input));
  BOOST_TEST(contains(missing.error->message, "/no/such.pcap"));
}

BOOST_AUTO_TEST_CASE(a_capture_of_fragments_alone_is_replayed_and_counted) {
  Tape tape;
  for (int i = 0; i < 3; ++i) {
    Bytes fragment = udp(at(kClient, 1), kWeb, 100);
    fragment[6] = 0x20;  // more fragments
    fragment[10] = fragment[11] = 0;
    tape.add(fragment);
  }
  const Replayed replayed(tape, kept_address_balancer());
  replayed.check_accounts();
  BOOST_TEST(replayed.dropped(telemetry::Reason::fragment) == 3u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::replay
