// Accept queue, SYN queue, cookies: rows 20–23, BW-08.
#include <boost/test/unit_test.hpp>

#include "models/net/packet_builder.hpp"
#include "tests/host/scene.hpp"

namespace elblab::host::testing {
namespace {

BOOST_AUTO_TEST_SUITE(listeners)

BOOST_AUTO_TEST_CASE(accept_queue_holds_backlog_plus_one) {  // row 20
  for (const int backlog : {0, 1, 4, 16}) {
    Scene scene({}, backlog);
    scene.service.accept_at_once = false;
    for (int i = 0; i < 20; ++i) {
      scene.connect();
      scene.world.run_for(5ms);
    }
    const auto expected = static_cast<std::size_t>(std::min(backlog + 1, 20));
    BOOST_TEST(scene.world.server().accept_queue_length(scene.listener) == expected);
    BOOST_TEST(scene.world.server().counters().accept_queue == expected);
    BOOST_TEST(scene.world.server().counters().accept_queue_limit ==
               static_cast<std::size_t>(backlog + 1));
    BOOST_TEST(scene.world.client().counters().accept_queue_limit == 0U);
    BOOST_TEST(scene.app.connected_count == static_cast<int>(expected));
  }
}

BOOST_AUTO_TEST_CASE(somaxconn_cuts_the_backlog) {
  TwoHosts::Options options;
  options.server_sysctls.somaxconn = 2;
  Scene scene(options, 100);
  scene.service.accept_at_once = false;
  for (int i = 0; i < 10; ++i) {
    scene.connect();
    scene.world.run_for(5ms);
  }
  BOOST_TEST(scene.world.server().accept_queue_length(scene.listener) == 3U);
}

BOOST_AUTO_TEST_CASE(clients_of_a_full_queue_get_in_when_accept_makes_room) {  // BW-08
  Scene scene({}, 4);
  scene.service.accept_at_once = false;
  for (int i = 0; i < 20; ++i) {
    scene.connect();
    scene.world.run_for(5ms);
  }
  BOOST_TEST(scene.app.connected_count == 5);
  // A server that takes one connection every 100 ms serves all before the SYNs run out.
  int taken = 0;
  for (int i = 0; i < 1000 && taken < 20; ++i) {
    if (scene.world.server().accept(scene.listener, scene.service, scene.world.now()) != 0) ++taken;
    scene.world.run_for(100ms);
  }
  BOOST_TEST(taken == 20);
  // Nothing but SYNs was lost, and each that was came again.
  const HostCounters& client = scene.world.client().counters();
  BOOST_TEST(client.syn_retransmissions >= 15U);
  BOOST_TEST(client.syn_retransmissions == client.retransmissions);
  BOOST_TEST(scene.app.connected_count == 20);
}

// Rows 21, 22: backlog 8; the final ACKs of five handshakes come (again, after their SYN+ACK was
// resent) when nine others have filled the accept queue.
struct LateAcks {
  explicit LateAcks(TwoHosts::Options options = {}) : scene(options, 8) {
    scene.service.accept_at_once = false;
    scene.world.wire().drop = [](const net::PacketView& packet) {
      return packet.source() == kClientAddress && packet.tcp_flags() == net::tcp_flag::ack;
    };
    for (int i = 0; i < 5; ++i) scene.connect();
    scene.world.run_for(10ms);
    scene.world.wire().drop = nullptr;
    for (int i = 0; i < 9; ++i) {
      scene.connect();
      scene.world.run_for(5ms);
    }
    scene.world.run_for(1100ms);
  }
  Scene scene;
};

BOOST_AUTO_TEST_CASE(final_acks_beyond_the_queue_leave_syn_received) {
  LateAcks late;
  Scene& scene = late.scene;
  BOOST_TEST(scene.world.server().counters().established == 9U);
  BOOST_TEST(scene.world.server().counters().syn_received == 5U);
  BOOST_TEST(scene.world.server().counters().listen_overflows == 5U);
  for (int i = 0; i < 9; ++i) {
    scene.world.server().accept(scene.listener, scene.service, scene.world.now());
  }
  scene.world.run_for(3s);  // the next SYN+ACK leaves 3 s after the first
  BOOST_TEST(scene.world.server().accept_queue_length(scene.listener) == 5U);
  BOOST_TEST(scene.world.server().counters().syn_received == 0U);
}

BOOST_AUTO_TEST_CASE(abort_on_overflow_resets_them) {
  TwoHosts::Options options;
  options.server_sysctls.tcp_abort_on_overflow = 1;
  LateAcks late(options);
  BOOST_TEST(late.scene.world.server().counters().established == 9U);
  BOOST_TEST(late.scene.world.server().counters().syn_received == 0U);
  BOOST_TEST(late.scene.world.server().counters().resets_sent == 5U);
  BOOST_TEST(late.scene.app.closed_count == 5);
}

BOOST_AUTO_TEST_CASE(data_before_accept_waits_for_it) {
  Scene scene;
  scene.service.accept_at_once = false;
  scene.service.check_pattern = true;
  scene.app.on_connected = [&](SocketId id, Instant now) {
    scene.world.client().send_pattern(id, 5000, now);
    scene.world.client().shutdown(id, now);
  };
  scene.connect();
  scene.world.run_for(1s);
  BOOST_TEST(scene.service.received_bytes == 0U);
  BOOST_TEST(scene.world.server().accept(scene.listener, scene.service, scene.world.now()) != 0U);
  scene.world.run_for(10ms);
  BOOST_TEST(scene.service.received_bytes == 5000U);
  BOOST_TEST(scene.service.wrong_bytes == 0U);
  BOOST_TEST(scene.service.finished_count == 1);
}

// Five connections in a full queue, each with ten bytes, all reset before anyone accepts.
struct ResetInQueue {
  ResetInQueue() : scene({}, 4) {
    scene.service.accept_at_once = false;
    scene.app.on_connected = [&](SocketId id, Instant now) {
      scene.world.client().send_pattern(id, 10, now);
    };
    std::vector<SocketId> ids;
    for (int i = 0; i < 5; ++i) ids.push_back(scene.connect().socket);
    scene.world.run_for(10ms);
    for (const SocketId id : ids) scene.world.client().abort(id, scene.world.now());
    scene.world.run_for(10ms);
  }
  SocketId accept() {
    return scene.world.server().accept(scene.listener, scene.service, scene.world.now());
  }
  Host& server() { return scene.world.server(); }
  Scene scene;
};

BOOST_FIXTURE_TEST_CASE(a_connection_reset_in_the_queue_keeps_its_place, ResetInQueue) {
  BOOST_TEST(server().accept_queue_length(scene.listener) == 5U);
  BOOST_TEST(server().counters().open == 0U);
  BOOST_TEST(server().counters().established == 0U);
  BOOST_TEST(server().counters().connections_accepted == 5U);
  scene.connect();
  scene.world.run_for(10ms);
  BOOST_TEST(server().counters().listen_overflows == 1U);
  for (int i = 1; i <= 5; ++i) {
    BOOST_TEST(accept() != 0U);
    BOOST_TEST(scene.service.closed_count == i - 1);  // not from inside accept()
    scene.world.run_for(1ms);
    BOOST_TEST(scene.service.received_bytes == 10U * static_cast<unsigned>(i));
    BOOST_TEST(scene.service.closed_count == i);
    BOOST_CHECK(scene.service.errors.back() == SocketError::connection_reset);
  }
  BOOST_TEST(accept() == 0U);
  const auto& records = scene.world.server_rows().connections;
  BOOST_REQUIRE_EQUAL(records.size(), 5U);
  for (const auto& record : records) {
    BOOST_CHECK(record.reason == telemetry::Reason::reset_by_peer);
    BOOST_TEST(record.bytes_received == 10U);
  }
}

BOOST_FIXTURE_TEST_CASE(what_is_handed_out_reset_can_only_be_closed, ResetInQueue) {
  const SocketId socket = accept();
  const std::uint64_t packets = scene.world.packets();
  BOOST_CHECK(server().send_pattern(socket, 1, scene.world.now()) == SocketError::not_connected);
  server().shutdown(socket, scene.world.now());
  server().close(socket, scene.world.now());
  server().abort(accept(), scene.world.now());
  scene.world.run_for(1s);
  BOOST_TEST(scene.world.packets() == packets);
  BOOST_TEST(scene.service.received_bytes == 0U);
  BOOST_TEST(scene.service.closed_count == 2);
  BOOST_CHECK(scene.service.errors == std::vector(2, SocketError::none));
  BOOST_TEST(scene.world.server_rows().connections.size() == 5U);
}

BOOST_FIXTURE_TEST_CASE(its_client_may_use_the_same_port_again_while_it_waits, ResetInQueue) {
  const net::Endpoint source = scene.world.server_rows().connections.front().flow.source;
  BOOST_TEST(accept() != 0U);  // a free place
  scene.world.client().connect(source, {scene.world.server_address(), 80}, scene.app,
                               scene.world.now());
  scene.world.run_for(10ms);
  BOOST_TEST(scene.app.connected_count == 6);
  BOOST_TEST(server().counters().established == 1U);
}

BOOST_FIXTURE_TEST_CASE(a_stopped_listener_forgets_those_reset_in_its_queue, ResetInQueue) {
  const std::uint64_t packets = scene.world.packets();
  server().stop_listening(scene.listener, scene.world.now());
  scene.world.run_for(1s);
  BOOST_TEST(scene.world.packets() == packets);
  BOOST_TEST(scene.service.closed_count == 0);
  server().finish(scene.world.now());
  BOOST_TEST(scene.world.server_rows().connections.size() == 5U);
  BOOST_TEST(server().counters().open == 0U);
}

BOOST_FIXTURE_TEST_CASE(the_end_of_a_run_makes_no_second_record_of_them, ResetInQueue) {
  server().finish(scene.world.now());
  BOOST_TEST(scene.world.server_rows().connections.size() == 5U);
  BOOST_TEST(server().counters().open == 0U);
}

BOOST_AUTO_TEST_CASE(stopped_listener_resets_the_unaccepted_and_refuses_the_next) {
  Scene scene;
  scene.service.accept_at_once = false;
  scene.connect();
  scene.world.run_for(10ms);
  scene.world.server().stop_listening(scene.listener, scene.world.now());
  scene.world.run_for(10ms);
  BOOST_REQUIRE_EQUAL(scene.app.errors.size(), 1U);
  BOOST_TEST((scene.app.errors[0] == SocketError::connection_reset));
  scene.connect();
  scene.world.run_for(10ms);
  BOOST_REQUIRE_EQUAL(scene.app.errors.size(), 2U);
  BOOST_TEST((scene.app.errors[1] == SocketError::connection_refused));
  BOOST_TEST(scene.world.server().counters().open == 0U);
}

void flood(Scene& scene, int count) {
  std::array<std::uint8_t, 100> buffer;
  for (int i = 0; i < count; ++i) {
    net::IpFields ip;
    ip.source =
        net::IpAddress::v4(10, 1, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i));
    ip.destination = kServerAddress;
    net::TcpFields tcp;
    tcp.source_port = 1000;
    tcp.destination_port = 80;
    tcp.sequence = static_cast<std::uint32_t>(i);
    tcp.flags = net::tcp_flag::syn;
    tcp.window = 65535;
    const std::size_t size = net::build_tcp(buffer, ip, tcp, {});
    scene.world.server().receive(std::span(buffer).first(size), scene.world.now());
  }
}

BOOST_AUTO_TEST_CASE(syn_flood_without_cookies_stops_at_the_backlog) {  // row 23
  TwoHosts::Options options;
  options.server_sysctls.tcp_syncookies = 0;
  Scene scene(options, 128);
  flood(scene, 3000);
  BOOST_TEST(scene.world.packets() == 129U);
  BOOST_TEST(scene.world.server().counters().syn_received == 129U);
}

BOOST_AUTO_TEST_CASE(syn_flood_with_cookies_is_answered_and_lets_clients_in) {  // row 23
  TwoHosts::Options options;
  options.wire.reordering = 0;
  Scene scene(options, 128);
  flood(scene, 3000);
  BOOST_TEST(scene.world.packets() == 3000U);
  BOOST_TEST(scene.world.server().counters().syn_received == 129U);
  BOOST_TEST(scene.world.server().counters().syncookies_sent == 2871U);
  scene.service.check_pattern = true;
  scene.app.on_connected = [&](SocketId id, Instant now) {
    scene.world.client().send_pattern(id, 1'000'000, now);
  };
  scene.connect();
  scene.world.run_for(2s);
  BOOST_TEST(scene.app.connected_count == 1);
  BOOST_TEST(scene.service.received_bytes == 1'000'000U);
  BOOST_TEST(scene.service.wrong_bytes == 0U);
}

BOOST_AUTO_TEST_CASE(half_open_connections_time_out) {  // row 6: 1, 3, 7, 15, 31, gone at 63 s
  Scene scene;
  flood(scene, 1);
  scene.world.run_for(62s);
  BOOST_TEST(scene.world.server().counters().syn_received == 1U);
  BOOST_TEST(scene.world.packets() == 6U);
  scene.world.run_for(2s);
  BOOST_TEST(scene.world.server().counters().syn_received == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::host::testing
