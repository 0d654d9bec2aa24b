// QUIC connections whose client changes its address, against a UdpResponder over a perfect network
// of 1 ms each way; and the bytes of their packets.
#include <boost/test/unit_test.hpp>
#include <set>

#include "models/net/bytes.hpp"
#include "models/net/quic_header.hpp"
#include "models/workload/make_application.hpp"
#include "models/workload/quic_connections.hpp"
#include "models/workload/quic_service.hpp"
#include "models/workload/udp_responder.hpp"
#include "tests/workload/fake_network.hpp"

using namespace elblab;
using namespace elblab::workload;
using namespace std::chrono_literals;
using host::SocketError;
using testing::at_ms;
using testing::FakeNetwork;

namespace {

const net::Endpoint kService{net::IpAddress::v4(10, 0, 0, 2), 443};

std::vector<net::IpAddress> addresses(std::uint8_t count) {
  std::vector<net::IpAddress> made;
  for (std::uint8_t i = 1; i <= count; ++i) made.push_back(net::IpAddress::v4(10, 0, 1, i));
  return made;
}

struct World {
  FakeNetwork network;
  ClientParameters parameters;
  ServerParameters service;
  std::unique_ptr<Server> server;
  std::unique_ptr<Client> client;

  World() {
    parameters.kind = Kind::quic;
    parameters.connections = 5;
    parameters.rate_per_second = 50;
    parameters.end = at_ms(10000);
    parameters.destination = kService;
    parameters.addresses = addresses(3);
    service.port = kService.port;
    service.udp = true;
    service.connection_id_seed = 77;
  }
  void start() {
    server = make_server(service, network);
    client = make_client(parameters, network, net::IpAddress::v4(10, 0, 1, 1),
                         random::Stream(1, "client"));
    server->start(network.now());
    client->start(network.now());
  }
  void run(Instant until) { network.run({server.get(), client.get()}, until); }
  const ClientCounters& counters() const { return client->counters(); }
  std::uint64_t failures(SocketError error) const {
    return counters().request_failures[static_cast<std::size_t>(error)];
  }
  QuicConnections& quic() { return dynamic_cast<QuicConnections&>(*client); }
};

std::vector<std::uint8_t> copy(std::span<const std::uint8_t> bytes) {
  return {bytes.begin(), bytes.end()};
}

}  // namespace

BOOST_FIXTURE_TEST_CASE(connections_stay_open_and_carry_all_requests, World) {
  start();
  run(at_ms(11000));
  BOOST_TEST(counters().requests == 500U);
  BOOST_TEST(counters().responses == 500U);
  BOOST_TEST(counters().damaged_responses == 0U);
  BOOST_TEST(quic().established() == 5U);
  BOOST_TEST(network.sources.size() == 5U);
  BOOST_TEST(server->counters().sessions_begun == 5U);
  BOOST_TEST(server->counters().sessions_kept == 500U);
  BOOST_TEST(server->counters().sessions_lost == 0U);
  // The first request of the first connection waits for its handshake: 2 ms more.
  BOOST_CHECK(client->take_response_times().sum == 500 * 2ms + 2ms);
  BOOST_CHECK(client->next_deadline() == kNever);
}

// Each of five connections has its first request after 2 s, 4 s, 6 s and 8 s from the next address;
// the server knows it by its ID.
BOOST_FIXTURE_TEST_CASE(a_connection_moves_to_the_next_address_and_keeps_its_server_session,
                        World) {
  parameters.address_change = 2s;
  start();
  run(at_ms(11000));
  BOOST_TEST(quic().moves() == 20U);
  BOOST_TEST(network.sources.size() == 25U);
  BOOST_TEST(network.open_sockets() == 6U);  // the server's too: the old ones are closed
  std::set<net::Endpoint> seen(network.sources.begin(), network.sources.end());
  BOOST_TEST(seen.size() == 25U);
  for (std::size_t i = 0; i < 5; ++i) {
    BOOST_TEST((network.sources[i].address == parameters.addresses[i % 3]));
  }
  BOOST_TEST(counters().responses == 500U);
  BOOST_TEST(server->counters().sessions_begun == 5U);
  BOOST_TEST(server->counters().sessions_lost == 0U);
}

// Another server of the service, which did not accept the connections: its resets are understood,
// and the connections are opened anew.
BOOST_FIXTURE_TEST_CASE(a_server_that_does_not_know_a_connection_resets_it, World) {
  parameters.end = at_ms(4000);
  start();
  run(at_ms(1999));
  BOOST_TEST(counters().responses == 100U);
  BOOST_REQUIRE(server->set_listening(false, network.now()));
  service.connection_id_seed = 78;
  const auto other = make_server(service, network);
  other->start(network.now());
  network.run({server.get(), other.get(), client.get()}, at_ms(5000));
  BOOST_TEST(other->counters().sessions_lost == 5U);
  BOOST_TEST(other->counters().sessions_begun == 5U);
  BOOST_TEST(failures(SocketError::connection_reset) == 5U);
  BOOST_TEST(counters().connections_lost == 5U);
  BOOST_TEST(counters().responses == 195U);
  BOOST_TEST(counters().damaged_responses == 0U);
}

BOOST_FIXTURE_TEST_CASE(a_request_that_was_reset_is_sent_again_where_that_is_wanted, World) {
  parameters.end = at_ms(4000);
  parameters.retries = 5;  // it may meet all five connections
  start();
  run(at_ms(1999));
  BOOST_REQUIRE(server->set_listening(false, network.now()));
  service.connection_id_seed = 78;
  const auto other = make_server(service, network);
  other->start(network.now());
  network.run({server.get(), other.get(), client.get()}, at_ms(5000));
  BOOST_TEST(counters().failures() == 0U);
  BOOST_TEST(counters().responses == 200U);
  BOOST_TEST(counters().retries == 5U);
}

BOOST_FIXTURE_TEST_CASE(an_initial_is_sent_again_with_growing_pauses_and_given_up, World) {
  parameters.connections = 1;
  parameters.rate_per_second = 0;
  network.silent = true;
  start();
  run(at_ms(62999));
  BOOST_TEST(counters().connect_failures == 0U);
  run(at_ms(63000));  // 1 + 2 + 4 + 8 + 16 + 32 s
  BOOST_TEST(counters().connect_failures == 1U);
  BOOST_TEST(quic().established() == 0U);
  BOOST_TEST(network.open_sockets() == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_request_without_answer_fails_at_its_timeout_with_its_connection, World) {
  parameters.connections = 1;
  parameters.rate_per_second = 2;
  parameters.end = at_ms(1400);  // at 0, 500 and 1000 ms
  parameters.request_timeout = 2s;
  start();
  run(at_ms(900));
  BOOST_TEST(counters().responses == 2U);
  network.silent = true;
  run(at_ms(2999));
  BOOST_TEST(counters().failures() == 0U);
  run(at_ms(3000));
  BOOST_TEST(failures(SocketError::timed_out) == 1U);
  BOOST_TEST(counters().connections_lost == 1U);
  BOOST_TEST(network.open_sockets() == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_host_without_ports_fails_what_is_asked_of_it, World) {
  network.local_error = SocketError::address_not_available;
  parameters.end = at_ms(100);
  start();
  run(at_ms(1000));
  BOOST_TEST(failures(SocketError::address_not_available) == 5U);
  BOOST_TEST(counters().refused_locally >= 5U);
}

BOOST_FIXTURE_TEST_CASE(damaged_answers_are_counted_and_not_taken, World) {
  parameters.end = at_ms(1000);
  parameters.request_timeout = 500ms;
  start();
  run(at_ms(500));
  network.damage = true;
  run(at_ms(3000));
  BOOST_TEST(counters().damaged_responses + server->counters().damaged_requests +
                 server->counters().malformed_requests + server->counters().sessions_lost >
             0U);
  BOOST_TEST(counters().responses + counters().failures() == counters().requests);
}

BOOST_AUTO_TEST_CASE(an_initial_is_as_long_as_it_must_be_and_says_whose_it_is) {
  std::vector<std::uint8_t> buffer(1500, 0xEE);
  const quic::ConnectionId to(std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6, 7, 8});
  const quic::ConnectionId from(std::vector<std::uint8_t>{9, 10, 11});
  const std::vector<std::uint8_t> payload{1, 1, 2, 3, 5};
  const auto bytes = quic::write_initial(buffer, to, from, 7, payload);
  BOOST_TEST(bytes.size() == 1200U);  // RFC 9000 section 14.1
  BOOST_TEST(quic::is_quic(bytes));
  const auto header = net::parse_quic_header(bytes, 8);
  BOOST_REQUIRE(header.has_value());
  BOOST_TEST(header->is_long);
  BOOST_TEST(header->version == 1U);
  BOOST_TEST((copy(header->destination) == copy(to.bytes())));
  BOOST_TEST((copy(header->source) == copy(from.bytes())));
  // Section 17.2.2, by hand: flags, version, both IDs behind their lengths, no token, the length
  // in two bytes, the number in four.
  BOOST_TEST(bytes[0] == 0xC3U);
  const std::size_t after_ids = 5 + 1 + 8 + 1 + 3;
  BOOST_TEST(bytes[after_ids] == 0U);
  const std::size_t length = (bytes[after_ids + 1] & 0x3FU) << 8 | bytes[after_ids + 2];
  BOOST_TEST((bytes[after_ids + 1] >> 6) == 1);
  BOOST_TEST(length == 1200 - after_ids - 3);
  BOOST_TEST(net::load32(bytes.data() + after_ids + 3) == 7U);
  const auto read = quic::read_initial(bytes);
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST((copy(read->payload.first(payload.size())) == payload));
  BOOST_TEST(read->payload[payload.size()] == 0U);  // PADDING
  for (std::size_t cut = 0; cut < 1200; ++cut) {
    BOOST_REQUIRE(!quic::read_initial(bytes.first(cut)).has_value());
  }
}

// RFC 9000 section 10.3: a reset is shorter than what it answers, looks like a short header, and
// ends with the token.
BOOST_AUTO_TEST_CASE(a_reset_is_shorter_than_what_it_answers_and_only_its_token_tells_it) {
  std::vector<std::uint8_t> buffer(1500);
  const quic::ConnectionId id = quic::ConnectionId::of_number(5, 8);
  const quic::ResetToken token = quic::reset_token(id);
  const quic::ResetToken other = quic::reset_token(quic::ConnectionId::of_number(6, 8));
  for (std::size_t answered = 0; answered < 200; ++answered) {
    const auto reset = quic::write_reset(buffer, answered, token, answered);
    if (answered <= 21) {
      BOOST_REQUIRE(reset.empty());
      continue;
    }
    BOOST_REQUIRE_LT(reset.size(), answered);
    BOOST_REQUIRE_GE(reset.size(), 21U);
    BOOST_REQUIRE_EQUAL(reset[0] & 0xC0, 0x40);
    BOOST_REQUIRE(quic::is_reset(reset, token));
    BOOST_REQUIRE(!quic::is_reset(reset, other));
  }
}

BOOST_AUTO_TEST_CASE(requests_of_other_workloads_are_no_quic) {
  RequestHeader header;
  for (std::uint32_t number = 0; number < 1000; ++number) {
    header.number = number * 4'294'967;
    BOOST_REQUIRE(!quic::is_quic(header.write()));
  }
}

// Any bytes: nothing is read beyond them, and no more is accepted than there are Initials.
BOOST_AUTO_TEST_CASE(a_service_takes_any_bytes) {
  random::Stream random(1, "bytes");
  QuicService service(8, 1);
  std::vector<std::uint8_t> out(2000);
  std::size_t accepted = 0;
  for (int i = 0; i < 20000; ++i) {
    std::vector<std::uint8_t> bytes(random.chance(0.1) ? 1200 + random.below(10)
                                                       : random.below(60));
    for (std::uint8_t& byte : bytes) {
      byte = static_cast<std::uint8_t>(random.chance(0.5) ? random.below(24) : random.next());
    }
    if (bytes.size() > 8 && random.chance(0.7)) {
      bytes[0] = 0xC0;
      net::store32(bytes.data() + 1, quic::kVersion1);
    }
    const net::Endpoint from{net::IpAddress::v4(static_cast<std::uint32_t>(random.below(50))), 9};
    const auto carried = service.read(bytes);
    if (carried && !carried->number) {
      BOOST_REQUIRE_LT(service.reset_of(bytes, out).size(), std::max<std::size_t>(bytes.size(), 1));
    }
    const auto made = service.accept(bytes, from);
    if (!made) continue;
    BOOST_REQUIRE_GE(bytes.size(), quic::kInitialBytes);
    if (made->is_new) ++accepted;
    BOOST_REQUIRE_LT(made->number, service.connections());
    BOOST_REQUIRE_EQUAL(service.accepting(made->number, out).size(), quic::kInitialBytes);
  }
  BOOST_TEST(service.connections() == accepted);
  BOOST_TEST(accepted > 0U);
}

BOOST_AUTO_TEST_CASE(ids_of_one_byte_run_out_and_never_repeat) {
  QuicService service(1, 1);
  std::vector<std::uint8_t> buffer(1500);
  std::vector<std::uint8_t> out(1500);
  std::set<std::vector<std::uint8_t>> ids;
  for (std::uint64_t i = 0; i < 400; ++i) {
    const auto initial = quic::write_initial(buffer, quic::ConnectionId::of_number(i, 8),
                                             quic::ConnectionId::of_number(1000 + i, 8), 0, {});
    const auto made = service.accept(initial, {net::IpAddress::v4(1), 9});
    if (!made) continue;
    const auto answer = quic::read_initial(service.accepting(made->number, out));
    BOOST_REQUIRE(answer.has_value());
    BOOST_REQUIRE(ids.insert(copy(answer->source.bytes())).second);
  }
  BOOST_TEST(service.connections() <= 256U);
  BOOST_TEST(service.connections() > 200U);
}

// An Initial that comes again gets the same ID.
BOOST_AUTO_TEST_CASE(an_initial_that_comes_again_is_the_same_connection) {
  QuicService service(8, 1);
  std::vector<std::uint8_t> buffer(1500);
  const net::Endpoint from{net::IpAddress::v4(1), 9};
  const auto initial = copy(quic::write_initial(buffer, quic::ConnectionId::of_number(1, 8),
                                                quic::ConnectionId::of_number(2, 8), 0, {}));
  const auto first = service.accept(initial, from);
  const auto again = service.accept(initial, from);
  const auto other = service.accept(initial, {net::IpAddress::v4(2), 9});
  BOOST_REQUIRE((first && again && other));
  BOOST_TEST(first->is_new);
  BOOST_TEST(!again->is_new);
  BOOST_TEST(again->number == first->number);
  BOOST_TEST(other->is_new);
}
