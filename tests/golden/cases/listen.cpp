// The SYN queue and the accept queue of a listener.
#include <array>
#include <functional>
#include <set>

#include "models/net/packet_builder.hpp"
#include "tests/golden/cases/situations.hpp"

namespace elblab::golden {
namespace {

using namespace net::tcp_flag;
using std::chrono::milliseconds;

void write_queues(Scene& scene) {
  const HostGauges gauges = scene.host().gauges();
  scene.write("established " + std::to_string(gauges.established) + ", SYN_RECV " +
              std::to_string(gauges.syn_received));
}

void accept_queue_limit(Scene& scene) {
  constexpr int kClients = 20;
  scene.host().listen(kServicePort, 4);
  const auto clients = make_clients(scene, kClients);
  scene.begin();
  scene.hide_packets();
  int answered = 0;
  for (const auto& client : clients) {
    client->send(syn);
    if (!client->wait_for(syn | ack, milliseconds(30))) continue;
    ++answered;
    client->send(ack);
    scene.wait(milliseconds(5));
  }
  scene.write("handshakes answered: " + std::to_string(answered));
  write_queues(scene);
}

void accept_queue_limit_with_abort(Scene& scene) {
  scene.host().set_sysctl("net.ipv4.tcp_abort_on_overflow", 1);
  accept_queue_limit(scene);
}

// A full queue of three whose second connection the client ends while it waits; then, whether a
// newcomer gets in, and what accept() hands out.
void ended_in_accept_queue(Scene& scene, const std::function<void(TcpPeer&)>& end) {
  const ListenerHandle listener = scene.host().listen(kServicePort, 2);
  const auto clients = make_clients(scene, 4);
  for (int i = 0; i < 3; ++i) clients[static_cast<std::size_t>(i)]->open_connection();
  scene.begin();
  end(*clients[1]);
  scene.wait_until(milliseconds(100));
  write_queues(scene);
  clients[3]->send(syn);
  scene.wait_until(milliseconds(200));
  std::vector<SocketHandle> accepted;
  while (const auto socket = scene.host().accept(listener)) accepted.push_back(*socket);
  scene.wait_until(milliseconds(300));
  for (const SocketHandle socket : accepted) scene.write_socket(socket);
  clients[3]->send_at(syn, 0, 0);
  scene.wait_until(milliseconds(400));
}

void reset_in_accept_queue(Scene& scene) {
  ended_in_accept_queue(scene, [](TcpPeer& client) { client.send(rst | ack); });
}

void data_and_reset_in_accept_queue(Scene& scene) {
  ended_in_accept_queue(scene, [](TcpPeer& client) {
    client.send(psh | ack, "data");
    client.send(rst | ack);
  });
}

void data_and_fin_in_accept_queue(Scene& scene) {
  ended_in_accept_queue(scene, [](TcpPeer& client) { client.send(psh | fin | ack, "data"); });
}

// Five clients fill half of an accept queue of nine, nine more wait in SYN_RECV, then their final
// ACKs meet the full queue. Counts what the five that do not fit get back, by flags.
struct Overflow {
  explicit Overflow(Scene& the_scene) : scene(the_scene), clients(make_clients(scene, 14)) {
    listener = scene.host().listen(kServicePort, 8);
    for (int i = 0; i < 5; ++i) clients[static_cast<std::size_t>(i)]->open_connection();
    for (std::size_t i = 5; i < clients.size(); ++i) {
      clients[i]->send(syn);
      clients[i]->wait_for(syn | ack);
    }
    scene.begin();
    scene.hide_packets();
    scene.observe([this](const net::PacketView& packet, Duration) {
      if (packet.tcp_flags() == (syn | ack)) ++syn_acks;
      if (packet.tcp_flags() & rst) ++resets;
    });
    for (std::size_t i = 5; i < clients.size(); ++i) clients[i]->send(ack);
    scene.wait_until(milliseconds(300));
  }

  Scene& scene;
  std::vector<std::unique_ptr<TcpPeer>> clients;
  ListenerHandle listener = 0;
  int syn_acks = 0;
  int resets = 0;
};

void final_ack_meets_full_queue(Scene& scene) {
  Overflow overflow(scene);
  write_queues(scene);
  TcpPeer& waiting = *overflow.clients.back();
  const std::uint64_t before = waiting.segments_received();
  waiting.send(psh | ack, "data");
  scene.wait_until(milliseconds(600));
  scene.write("answers to data: " + std::to_string(waiting.segments_received() - before));
  scene.wait_until(milliseconds(1500));
  scene.write("SYN+ACKs sent again: " + std::to_string(overflow.syn_acks));
  const auto accepted = scene.host().accept(overflow.listener);
  scene.write(accepted ? "one accepted" : "none accepted");
  waiting.send_at(psh | ack, 1, 1, "data");
  scene.wait_until(milliseconds(1700));
  write_queues(scene);
}

void final_ack_meets_full_queue_with_abort(Scene& scene) {
  scene.host().set_sysctl("net.ipv4.tcp_abort_on_overflow", 1);
  Overflow overflow(scene);
  write_queues(scene);
  scene.write("resets: " + std::to_string(overflow.resets));
  scene.write("SYN+ACKs sent again: " + std::to_string(overflow.syn_acks));
}

void inject_syn(Scene& scene, std::uint16_t port) {
  std::array<std::uint8_t, 64> packet{};
  net::TcpFields tcp;
  tcp.source_port = port;
  tcp.destination_port = kServicePort;
  tcp.sequence = 1'000'000;
  tcp.flags = syn;
  tcp.window = 64240;
  tcp.options.mss = 1460;
  const std::size_t size =
      net::build_tcp(packet, {.source = kPeerAddress, .destination = kHostAddress}, tcp, {});
  scene.inject({packet.data(), size});
}

// 3000 SYNs within 300 ms, before the first SYN+ACK is due again.
void flood(Scene& scene) {
  constexpr int kSyns = 3000;
  scene.host().listen(kServicePort, 128);
  std::set<std::uint16_t> answered;
  scene.observe([&](const net::PacketView& packet, Duration) {
    if (packet.tcp_flags() == (syn | ack)) answered.insert(packet.destination_port());
  });
  scene.begin();
  scene.hide_packets();
  for (int i = 0; i < kSyns; ++i) {
    if (i % 100 == 0) scene.wait_until(milliseconds(i / 10));
    inject_syn(scene, static_cast<std::uint16_t>(10000 + i));
  }
  scene.wait(milliseconds(200));
  scene.write("clients answered: " + std::to_string(answered.size()));
  write_queues(scene);
}

void flood_without_cookies(Scene& scene) {
  scene.host().set_sysctl("net.ipv4.tcp_syncookies", 0);
  flood(scene);
}

void cookie_completes(Scene& scene) {
  scene.host().set_sysctl("net.ipv4.tcp_syncookies", 2);
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  const ListenerHandle listener = scene.host().listen(kServicePort, 128);
  scene.begin();
  peer.send(syn);
  peer.wait_for(syn | ack);
  write_queues(scene);
  peer.send(ack);
  scene.wait(milliseconds(100));
  write_queues(scene);
  const auto socket = scene.host().accept(listener);
  peer.send(psh | ack, "data");
  scene.wait(milliseconds(100));
  scene.write_socket(socket.value());
}

void wrong_cookie(Scene& scene) {
  scene.host().set_sysctl("net.ipv4.tcp_syncookies", 2);
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  scene.host().listen(kServicePort, 128);
  scene.begin();
  peer.send(syn);
  peer.wait_for(syn | ack);
  peer.send_at(ack, 1, 12345);
  scene.wait(milliseconds(100));
  write_queues(scene);
}

}  // namespace

std::vector<GoldenCase> listen_cases() {
  constexpr Tolerance kAnyPace{.base = milliseconds(2000)};
  return {
      {.row = "20",
       .name = "an accept queue holds backlog + 1, more SYNs are dropped silently",
       .play = accept_queue_limit,
       .expected = R"(
0.50 handshakes answered: 5
0.50 established 5, SYN_RECV 0
)",
       .tolerance = kAnyPace},
      {.row = "20b",
       .name = "abort_on_overflow does not change that SYNs are dropped silently",
       .play = accept_queue_limit_with_abort,
       .expected = R"(
0.50 handshakes answered: 5
0.50 established 5, SYN_RECV 0
)",
       .tolerance = kAnyPace},
      {.row = "20c",
       .name = "a connection reset in the accept queue keeps its place and is handed out",
       .play = reset_in_accept_queue,
       .expected = R"(
0.00 < R. seq 1 ack 1 win 64240
0.10 established 2, SYN_RECV 0
0.10 < S seq 0 mss 1460
0.30 socket: connected
0.30 socket: ECONNRESET
0.30 socket: connected
0.30 < S seq 0 mss 1460
0.30 > S. seq 0 ack 1 mss 1460
)"},
      {.row = "20d",
       .name = "what it sent before the reset is read first",
       .play = data_and_reset_in_accept_queue,
       .expected = R"(
0.00 < . seq 1 ack 1 len 4
0.00 < R. seq 5 ack 1 win 64240
0.00 > . seq 1 ack 5
0.10 established 2, SYN_RECV 0
0.10 < S seq 0 mss 1460
0.30 socket: connected
0.30 socket: ECONNRESET, 4 bytes
0.30 socket: connected
0.30 < S seq 0 mss 1460
0.30 > S. seq 0 ack 1 mss 1460
)"},
      {.row = "20e",
       .name = "a connection finished in the accept queue is handed out with its data and its end",
       .play = data_and_fin_in_accept_queue,
       .expected = R"(
0.00 < F. seq 1 ack 1 len 4
0.00 > . seq 1 ack 6
0.10 established 2, SYN_RECV 0
0.10 < S seq 0 mss 1460
0.30 socket: connected
0.30 socket: connected, 4 bytes, end of file
0.30 socket: connected
0.30 < S seq 0 mss 1460
0.30 > S. seq 0 ack 1 mss 1460
)"},
      {.row = "21",
       .name = "a final ACK that meets a full accept queue is dropped",
       .play = final_ack_meets_full_queue,
       .expected = R"(
0.30 established 9, SYN_RECV 5
0.60 answers to data: 0
1.50 SYN+ACKs sent again: 5
1.50 one accepted
1.70 established 10, SYN_RECV 4
)"},
      {.row = "22",
       .name = "with abort_on_overflow each such client is reset",
       .play = final_ack_meets_full_queue_with_abort,
       .expected = R"(
0.30 established 9, SYN_RECV 0
0.30 resets: 5
0.30 SYN+ACKs sent again: 0
)"},
      {.row = "23",
       .name = "a SYN flood is answered by cookies",
       .play = flood,
       .expected = R"(
0.50 clients answered: 3000
0.50 established 0, SYN_RECV 129
)",
       .tolerance = kAnyPace},
      {.row = "23b",
       .name = "without cookies a SYN flood stops at the backlog",
       .play = flood_without_cookies,
       .expected = R"(
0.50 clients answered: 129
0.50 established 0, SYN_RECV 129
)",
       .tolerance = kAnyPace},
      {.row = "23c",
       .name = "the ACK of a cookie completes a handshake nobody remembers",
       .play = cookie_completes,
       .expected = R"(
0.00 < S seq 0 mss 1460
0.00 > S. seq 0 ack 1 mss 1460
0.00 established 0, SYN_RECV 0
0.00 < . seq 1 ack 1
0.10 established 1, SYN_RECV 0
0.10 < . seq 1 ack 1 len 4
0.10 > . seq 1 ack 5
0.20 socket: connected, 4 bytes
)"},
      {.row = "23d", .name = "a wrong cookie is reset", .play = wrong_cookie, .expected = R"(
0.00 < S seq 0 mss 1460
0.00 > S. seq 0 ack 1 mss 1460
0.00 < . seq 1 ack 12345
0.00 > R seq 12345 win 0
0.10 established 0, SYN_RECV 0
)"},
  };
}

}  // namespace elblab::golden
