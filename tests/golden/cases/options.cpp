// Unknown and malformed TCP options (kind 254 is the TOA option of SRC-17).
#include "tests/golden/cases/situations.hpp"

namespace elblab::golden {
namespace {

using namespace net::tcp_flag;
using std::chrono::milliseconds;

void connect_and_send(Scene& scene, std::vector<std::uint8_t> option_bytes) {
  TcpPeer peer(scene, peer_endpoint(), kServicePort);
  peer.set_raw_options(std::move(option_bytes));
  scene.begin();
  const SocketHandle socket = establish(scene, peer);
  peer.send(psh | ack, "data");
  scene.wait(milliseconds(200));
  scene.write_socket(socket);
}

void unknown_option(Scene& scene) {
  // Kind 254, length 8: port 40000, address 192.0.2.7.
  connect_and_send(scene, {254, 8, 0x9C, 0x40, 192, 0, 2, 7});
}

void malformed_option(Scene& scene) { connect_and_send(scene, {254, 0, 0, 0}); }

constexpr std::string_view kDelivered = R"(
0.00 < S seq 0 mss 1460
0.00 > S. seq 0 ack 1 mss 1460
0.00 < . seq 1 ack 1
0.00 < . seq 1 ack 1 len 4
0.00 > . seq 1 ack 5
0.20 socket: connected, 4 bytes
)";

}  // namespace

std::vector<GoldenCase> option_cases() {
  return {
      {.row = "24",
       .name = "an unknown option is stepped over",
       .play = unknown_option,
       .expected = kDelivered},
      {.row = "25",
       .name = "an option of length 0 ends the walk, the segment counts",
       .play = malformed_option,
       .expected = kDelivered},
  };
}

}  // namespace elblab::golden
