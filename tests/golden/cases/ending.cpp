// Segments an established connection must not take, and the ways a connection ends. Beyond the
// first table: measured with the cases themselves.
#include "tests/golden/cases/situations.hpp"

namespace elblab::golden {
namespace {

using namespace net::tcp_flag;
using std::chrono::milliseconds;
using std::chrono::seconds;

void write_queues(Scene& scene) {
  const HostGauges gauges = scene.host().gauges();
  scene.write("established " + std::to_string(gauges.established) + ", SYN_RECV " +
              std::to_string(gauges.syn_received) + ", TIME_WAIT " +
              std::to_string(gauges.time_wait));
}

// One segment at an established connection, then what it got and what became of the connection.
void segment_at_established(Scene& scene, std::uint8_t flags, std::uint32_t sequence,
                            std::uint32_t acknowledgment, std::string_view payload) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  const SocketHandle socket = establish(scene, peer);
  scene.begin();
  peer.send_at(flags, sequence, acknowledgment, payload);
  scene.wait(milliseconds(300));
  scene.write_socket(socket);
}

void ack_of_unsent_data(Scene& scene) { segment_at_established(scene, psh | ack, 1, 5000, "data"); }
void ancient_ack(Scene& scene) {
  segment_at_established(scene, psh | ack, 1, 0U - 1'000'000U, "data");
}
void data_far_outside(Scene& scene) {
  segment_at_established(scene, psh | ack, 10'000'000, 1, "data");
}
void data_with_fin(Scene& scene) { segment_at_established(scene, fin | psh | ack, 1, 1, "data"); }
void data_without_ack(Scene& scene) { segment_at_established(scene, psh, 1, 0, "data"); }
void repeated_syn_ack(Scene& scene) { segment_at_established(scene, syn | ack, 0, 1, {}); }

void old_timestamp(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  peer.set_timestamp(100'000);
  const SocketHandle socket = establish(scene, peer);
  scene.begin();
  peer.set_timestamp(50'000);
  peer.send_at(psh | ack, 1, 1, "data");
  scene.wait(milliseconds(200));
  peer.set_timestamp(100'001);
  peer.send(psh | ack, "data");
  scene.wait(milliseconds(200));
  scene.write_socket(socket);
}

void fin_without_answer(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  const SocketHandle socket = establish(scene, peer);
  scene.begin();
  scene.host().close(socket);
  scene.wait_until(milliseconds(2000));
}

void simultaneous_close(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  const SocketHandle socket = establish(scene, peer);
  scene.begin();
  scene.host().close(socket);
  peer.wait_for(fin);
  peer.send_at(fin | ack, 1, 1);
  scene.wait_until(milliseconds(100));
  peer.send_at(ack, 2, 2);
  scene.wait_until(milliseconds(300));
  write_queues(scene);
}

void peer_closes_first(Scene& scene) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  const SocketHandle socket = establish(scene, peer);
  scene.begin();
  peer.send(fin | ack);
  peer.wait_for(ack);
  scene.host().close(socket);
  peer.wait_for(fin);
  peer.send(ack);
  scene.wait(milliseconds(100));
  write_queues(scene);
}

// The kernel turns the count into a time, 200 ms * (2^4 - 1) = 3 s, and counts it from the first
// retransmission: a fourth one fits (tcp_retries2 in ip-sysctl.rst: a hypothetical timeout).
void retries_run_out(Scene& scene) {
  scene.host().set_sysctl("net.ipv4.tcp_retries2", 3);
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  const SocketHandle socket = establish(scene, peer);
  scene.begin();
  scene.host().send(socket, to_bytes("data"));
  scene.wait_for([&] { return scene.host().state(socket).phase == SocketPhase::failed; },
                 seconds(8));
  scene.write_socket(socket);
}

void syn_ack_retries_run_out(Scene& scene) {
  scene.host().set_sysctl("net.ipv4.tcp_synack_retries", 1);
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  scene.host().listen(kServicePort, 128);
  scene.begin();
  peer.send(syn);
  peer.wait_for(syn | ack);
  scene.wait_until(milliseconds(2500));
  write_queues(scene);
  scene.wait_until(milliseconds(4500));
  write_queues(scene);
  peer.send(ack);
  scene.wait(milliseconds(300));
}

void time_wait_buckets(Scene& scene) {
  scene.host().set_sysctl("net.ipv4.tcp_max_tw_buckets", 3);
  for (int i = 0; i < 6; ++i) {
    TcpPeer peer(scene, peer_endpoint(80));
    connect_and_reach_time_wait(scene, peer);
  }
  scene.begin();
  write_queues(scene);
}

void listener_closed(Scene& scene) {
  const ListenerHandle listener = scene.host().listen(kServicePort, 128);
  const auto clients = make_clients(scene, 2);
  clients[0]->open_connection();
  clients[1]->send(syn);
  clients[1]->wait_for(syn | ack);
  scene.wait(milliseconds(50));
  scene.begin();
  scene.host().stop_listening(listener);
  scene.wait(milliseconds(200));
  clients[1]->send(ack);
  scene.wait(milliseconds(200));
  write_queues(scene);
}

}  // namespace

std::vector<GoldenCase> ending_cases() {
  constexpr Tolerance kTimerWheel{.base = milliseconds(80), .late_fraction = 0.07};
  return {
      {.row = "56",
       .name = "a segment that acknowledges unsent data is dropped and draws an ACK",
       .play = ack_of_unsent_data,
       .expected = R"(
0.00 < . seq 1 ack 5000 len 4
0.00 > . seq 1 ack 1
0.30 socket: connected
)",
       .version_note =
           "as RFC 9293 3.10.7.4 asks; seen on 6.18.44, a kernel may also drop it silently"},
      {.row = "56b",
       .name = "an acknowledgment older than any window draws a challenge ACK",
       .play = ancient_ack,
       .expected = R"(
0.00 < . seq 1 ack 4293967296 len 4
0.00 > . seq 1 ack 1
0.30 socket: connected
)"},
      {.row = "56c",
       .name = "data far outside the window draws an ACK",
       .play = data_far_outside,
       .expected = R"(
0.00 < . seq 10000000 ack 1 len 4
0.00 > . seq 1 ack 1
0.30 socket: connected
)"},
      {.row = "56d",
       .name = "data and FIN may come in one segment",
       .play = data_with_fin,
       .expected = R"(
0.00 < F. seq 1 ack 1 len 4
0.00 > . seq 1 ack 6
0.30 socket: connected, 4 bytes, end of file
)"},
      {.row = "56e",
       .name = "data without the ACK flag is dropped",
       .play = data_without_ack,
       .expected = R"(
0.00 < none seq 1 len 4
0.30 socket: connected
)"},
      {.row = "56f",
       .name = "a SYN+ACK on an established connection draws a challenge ACK",
       .play = repeated_syn_ack,
       .expected = R"(
0.00 < S. seq 0 ack 1 mss 1460
0.00 > . seq 1 ack 1
0.30 socket: connected
)"},
      {.row = "56g",
       .name = "data with an older timestamp draws an ACK and is dropped",
       .play = old_timestamp,
       .expected = R"(
0.00 < . seq 1 ack 1 len 4 ts
0.00 > . seq 1 ack 1 ts
0.20 < . seq 1 ack 1 len 4 ts
0.20 > . seq 1 ack 5 ts
0.40 socket: connected, 4 bytes
)"},
      {.row = "57",
       .name = "a FIN without an answer is sent again after 200 ms, then doubling",
       .play = fin_without_answer,
       .expected = R"(
0.00 > F. seq 1 ack 1
0.20 > F. seq 1 ack 1
0.60 > F. seq 1 ack 1
1.40 > F. seq 1 ack 1
)",
       .tolerance = kTimerWheel},
      {.row = "57b",
       .name = "two FINs that cross lead to TIME_WAIT",
       .play = simultaneous_close,
       .expected = R"(
0.00 > F. seq 1 ack 1
0.00 < F. seq 1 ack 1
0.00 > . seq 2 ack 2
0.10 < . seq 2 ack 2
0.30 established 0, SYN_RECV 0, TIME_WAIT 1
)"},
      {.row = "57c",
       .name = "who closes second has no TIME_WAIT",
       .play = peer_closes_first,
       .expected = R"(
0.00 < F. seq 1 ack 1
0.00 > . seq 1 ack 2
0.00 > F. seq 1 ack 2
0.00 < . seq 2 ack 2
0.10 established 0, SYN_RECV 0, TIME_WAIT 0
)"},
      {.row = "57d",
       .name = "tcp_retries2 bounds the retransmissions: ETIMEDOUT",
       .play = retries_run_out,
       .expected = R"(
0.00 > . seq 1 ack 1 len 4
0.20 > . seq 1 ack 1 len 4
0.60 > . seq 1 ack 1 len 4
1.40 > . seq 1 ack 1 len 4
3.00 > . seq 1 ack 1 len 4
6.20 socket: ETIMEDOUT
)",
       .tolerance = kTimerWheel},
      {.row = "57e",
       .name = "tcp_synack_retries bounds SYN_RECV, a later ACK is reset",
       .play = syn_ack_retries_run_out,
       .expected = R"(
0.00 < S seq 0 mss 1460
0.00 > S. seq 0 ack 1 mss 1460
1.00 > S. seq 0 ack 1 mss 1460
2.50 established 0, SYN_RECV 1, TIME_WAIT 0
4.50 established 0, SYN_RECV 0, TIME_WAIT 0
4.50 < . seq 1 ack 1
4.50 > R seq 1 win 0
)"},
      {.row = "57f",
       .name = "tcp_max_tw_buckets bounds the sockets in TIME_WAIT",
       .play = time_wait_buckets,
       .expected = "0.00 established 0, SYN_RECV 0, TIME_WAIT 3"},
      {.row = "57g",
       .name = "closing a listener resets the connections in its accept queue",
       .play = listener_closed,
       .expected = R"(
0.00 > R. seq 1 ack 1 win 64240
0.20 < . seq 1 ack 1
0.20 > R seq 1 win 0
0.40 established 0, SYN_RECV 0, TIME_WAIT 0
)"},
  };
}

}  // namespace elblab::golden
