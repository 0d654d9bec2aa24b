// Whatever arrives, a host neither crashes nor breaks its own rules; and it holds many flows.
#include <boost/test/unit_test.hpp>

#include "models/net/packet_builder.hpp"
#include "tests/host/scene.hpp"

namespace elblab::host::testing {
namespace {

BOOST_AUTO_TEST_SUITE(robustness)

BOOST_AUTO_TEST_CASE(random_bytes_are_dropped_and_counted) {
  Scene scene;
  random::Stream stream(7, "garbage");
  for (int i = 0; i < 20'000; ++i) {
    std::vector<std::uint8_t> bytes(stream.below(200));
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(stream.next());
    if (!bytes.empty() && i % 2 == 0) bytes[0] = i % 4 == 0 ? 0x45 : 0x60;
    scene.world.server().receive(bytes, scene.world.now());
  }
  const HostCounters& counters = scene.world.server().counters();
  std::uint64_t dropped = 0;
  for (const std::uint64_t count : counters.dropped) dropped += count;
  BOOST_TEST(dropped == counters.packets_in);
  BOOST_TEST(counters.open == 0U);
}

// A TCP segment with random fields near a connection's state, in either direction.
std::size_t random_segment(random::Stream& stream, std::span<std::uint8_t> out,
                           const net::Endpoint& from, const net::Endpoint& to,
                           std::uint32_t sequence, std::uint32_t acknowledgment) {
  net::IpFields ip;
  ip.source = from.address;
  ip.destination = to.address;
  net::TcpFields tcp;
  tcp.source_port = from.port;
  tcp.destination_port = to.port;
  const auto near = [&](std::uint32_t base) {
    switch (stream.below(4)) {
      case 0:
        return base;
      case 1:
        return base + static_cast<std::uint32_t>(stream.below(5));
      case 2:
        return base + static_cast<std::uint32_t>(stream.below(100'000)) - 50'000U;
      default:
        return static_cast<std::uint32_t>(stream.next());
    }
  };
  tcp.sequence = near(sequence);
  tcp.acknowledgment = near(acknowledgment);
  tcp.flags = stream.chance(0.6) ? net::tcp_flag::ack : static_cast<std::uint8_t>(stream.below(64));
  tcp.window = static_cast<std::uint16_t>(stream.next());
  std::array<std::uint8_t, 40> options{};
  const std::size_t option_bytes = 4 * stream.below(11);
  for (std::size_t i = 0; i < option_bytes; ++i) {
    options[i] = static_cast<std::uint8_t>(stream.chance(0.7) ? stream.below(12) : stream.next());
  }
  std::array<std::uint8_t, 1400> payload{};
  const std::size_t bytes = stream.chance(0.5) ? 0 : stream.below(payload.size());
  return net::build_tcp_raw_options(out, ip, tcp, std::span(options).first(option_bytes),
                                    std::span(payload).first(bytes));
}

BOOST_AUTO_TEST_CASE(forged_segments_with_right_checksums_never_break_the_books) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    TwoHosts::Options options;
    options.seed = seed;
    options.wire.loss = 0.02;
    options.client_sysctls.tcp_sack = static_cast<std::int64_t>(seed % 2);
    options.client_sysctls.tcp_timestamps = static_cast<std::int64_t>(seed % 3 != 0);
    Scene scene(options, 4);
    random::Stream stream(seed, "forger");
    std::uint32_t last_sequence = 0;
    std::uint32_t last_acknowledgment = 0;
    scene.world.wire().drop = [&](const net::PacketView& packet) {
      if (packet.source() == kClientAddress) {
        last_sequence = packet.sequence();
        last_acknowledgment = packet.acknowledgment();
      }
      return false;
    };
    scene.app.on_connected = [&](SocketId id, Instant now) {
      scene.world.client().send_pattern(id, 20'000, now);
    };
    scene.service.on_received = [&](SocketId id, Instant now) {
      scene.world.server().send_pattern(id, 500, now);
    };
    std::array<std::uint8_t, 1500> buffer;
    for (int round = 0; round < 300; ++round) {
      const net::Endpoint client{kClientAddress, static_cast<std::uint16_t>(42000 + round / 10)};
      const net::Endpoint server{kServerAddress, 80};
      if (round % 10 == 0)
        scene.world.client().connect(client, server, scene.app, scene.world.now());
      for (int i = 0; i < 5; ++i) {
        std::size_t size =
            random_segment(stream, buffer, client, server, last_sequence, last_acknowledgment);
        scene.world.server().receive(std::span(buffer).first(size), scene.world.now());
        size = random_segment(stream, buffer, server, client, last_acknowledgment, last_sequence);
        scene.world.client().receive(std::span(buffer).first(size), scene.world.now());
      }
      scene.world.run_for(Duration{static_cast<std::int64_t>(stream.below(300'000'000))});
    }
    scene.world.client().finish(scene.world.now());
    scene.world.server().finish(scene.world.now());
    for (Host* host : {&scene.world.client(), &scene.world.server()}) {
      BOOST_TEST(host->counters().open == 0U);
      BOOST_TEST(host->counters().established == 0U);
      BOOST_TEST(host->counters().syn_received == 0U);
    }
    // Every connect() gave one record and, but for those still open at the end, one closed().
    const HostCounters& counters = scene.world.client().counters();
    std::uint64_t as_client = 0;
    for (const auto& row : scene.world.client_rows().connections) {
      if (row.role == telemetry::ConnectionRole::client) ++as_client;
    }
    BOOST_TEST(as_client == counters.connections_opened + counters.refused_locally);
    BOOST_TEST(static_cast<std::uint64_t>(scene.app.closed_count) <= counters.connections_opened);
  }
}

BOOST_AUTO_TEST_CASE(mutated_packets_of_a_live_transfer_never_corrupt_it) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    TwoHosts::Options options;
    options.seed = seed;
    Scene scene(options);
    random::Stream stream(seed, "mutator");
    scene.service.check_pattern = true;
    bool mutating = false;
    scene.world.wire().drop = [&](const net::PacketView& packet) {
      if (mutating || !stream.chance(0.3)) return false;
      mutating = true;
      // Bits flip on the wire; the checksum tells.
      std::vector<std::uint8_t> copy(packet.bytes().begin(), packet.bytes().end());
      for (int i = 0; i < 3; ++i) {
        copy[stream.below(copy.size())] ^= static_cast<std::uint8_t>(1U << stream.below(8));
      }
      (packet.source() == kClientAddress ? scene.world.server() : scene.world.client())
          .receive(copy, scene.world.now());
      mutating = false;
      return false;
    };
    scene.app.on_connected = [&](SocketId id, Instant now) {
      scene.world.client().send_pattern(id, 100'000, now);
      scene.world.client().close(id, now);
    };
    scene.connect();
    scene.world.run_for(60s);
    BOOST_TEST(scene.service.received_bytes == 100'000U);
    BOOST_TEST(scene.service.wrong_bytes == 0U);
  }
}

BOOST_AUTO_TEST_CASE(a_hundred_thousand_flows_live_side_by_side) {
  TwoHosts::Options options;
  options.client_sysctls.ip_local_port_range_low = 1024;
  options.client_sysctls.ip_local_port_range_high = 65535;
  Scene scene(options, 4096);
  scene.service.close_on_finish = true;
  scene.world.server().listen({{}, 81, 4096}, scene.service, scene.world.now());
  const std::size_t before = scene.world.server().memory_bytes();
  std::vector<SocketId> sockets;
  for (int i = 0; i < 100'000; ++i) {
    const std::uint16_t port = i % 2 == 0 ? 80 : 81;
    sockets.push_back(scene.world.client()
                          .connect({}, {kServerAddress, port}, scene.app, scene.world.now())
                          .socket);
    if (i % 100 == 99) scene.world.run_for(1ms);
  }
  scene.world.run_for(1s);
  BOOST_TEST(scene.app.connected_count == 100'000);
  BOOST_TEST(scene.world.server().counters().established == 100'000U);
  const std::size_t each = (scene.world.server().memory_bytes() - before) / 100'000;
  BOOST_TEST_MESSAGE(each << " bytes per idle connection, flow table included");
  BOOST_TEST(each < 450U);
  for (const SocketId id : sockets) scene.world.client().send_pattern(id, 10, scene.world.now());
  scene.world.run_for(2s);
  BOOST_TEST(scene.service.received_bytes == 1'000'000U);
  for (const SocketId id : sockets) scene.world.client().close(id, scene.world.now());
  scene.world.run_for(2s);
  BOOST_TEST(scene.world.client().counters().time_wait == 100'000U);
  BOOST_TEST(scene.world.server().counters().open == 0U);
  scene.world.run_for(62s);
  BOOST_TEST(scene.world.client().counters().time_wait == 0U);
}

BOOST_AUTO_TEST_CASE(same_seed_gives_the_same_run) {
  const auto run = [](std::uint64_t seed) {
    TwoHosts::Options options;
    options.seed = seed;
    options.wire.loss = 0.05;
    options.wire.reordering = 0.1;
    Scene scene(options);
    scene.app.on_connected = [&](SocketId id, Instant now) {
      scene.world.client().send_pattern(id, 50'000, now);
      scene.world.client().close(id, now);
    };
    for (int i = 0; i < 20; ++i) scene.connect();
    scene.world.run_for(100s);
    std::vector<std::int64_t> facts{static_cast<std::int64_t>(scene.world.packets())};
    for (const auto& row : scene.world.client_rows().connections) {
      facts.push_back(row.closed_at.time_since_epoch().count());
      facts.push_back(row.flow.source.port);
    }
    return facts;
  };
  BOOST_TEST((run(3) == run(3)));
  BOOST_TEST((run(3) != run(4)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::host::testing
