// Packets with sources that cannot be: the host's own address, the loopback network.
#include <array>

#include "models/net/packet_builder.hpp"
#include "tests/golden/cases/situations.hpp"

namespace elblab::golden {
namespace {

using namespace net::tcp_flag;
using std::chrono::milliseconds;

// A SYN to an open port from the given source; then what became of it.
void syn_from(Scene& scene, const net::IpAddress& source) {
  scene.host().listen(kServicePort, 128);
  scene.begin();
  std::array<std::uint8_t, 64> packet{};
  net::TcpFields tcp;
  tcp.source_port = kPeerPort;
  tcp.destination_port = kServicePort;
  tcp.sequence = 1'000'000;
  tcp.flags = syn;
  tcp.window = 64240;
  tcp.options.mss = 1460;
  const std::size_t size =
      net::build_tcp(packet, {.source = source, .destination = kHostAddress}, tcp, {});
  scene.inject({packet.data(), size});
  scene.wait(milliseconds(300));
  const HostGauges gauges = scene.host().gauges();
  scene.write("SYN_RECV " + std::to_string(gauges.syn_received) + ", resets sent " +
              std::to_string(gauges.resets_sent));
}

void own_address(Scene& scene) { syn_from(scene, kHostAddress); }

void loopback_address(Scene& scene) { syn_from(scene, net::IpAddress::v4(127, 0, 0, 1)); }

void own_address_accepted(Scene& scene) {
  scene.host().set_sysctl("net.ipv4.accept_local", 1);
  syn_from(scene, kHostAddress);
}

}  // namespace

std::vector<GoldenCase> address_cases() {
  return {
      {.row = "40",
       .name = "a packet from the host's own address is dropped",
       .play = own_address,
       .expected = R"(
0.30 SYN_RECV 0, resets sent 0
)"},
      {.row = "41",
       .name = "a packet from 127/8 is dropped",
       .play = loopback_address,
       .expected = R"(
0.30 SYN_RECV 0, resets sent 0
)"},
      {.row = "42",
       .name = "with accept_local the answer loops and an own RST ends it",
       .play = own_address_accepted,
       .expected = R"(
0.30 SYN_RECV 0, resets sent 1
)"},
  };
}

}  // namespace elblab::golden
