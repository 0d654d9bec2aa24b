// Ephemeral ports: the order they are drawn in, and what happens when none is left (BW-07).
#include <algorithm>
#include <set>

#include "tests/golden/cases/situations.hpp"

namespace elblab::golden {
namespace {

using namespace net::tcp_flag;
using std::chrono::milliseconds;

constexpr int kPorts = 20;
constexpr std::uint16_t kFirstPort = 40000;

void narrow_range(Scene& scene) {
  scene.host().set_sysctl("net.ipv4.ip_local_port_range.low", kFirstPort);
  scene.host().set_sysctl("net.ipv4.ip_local_port_range.high", kFirstPort + kPorts - 1);
}

// Connects once and returns the source port of its SYN; 0 with the error when none was sent.
struct Attempt {
  std::uint16_t port = 0;
  host::SocketError error = host::SocketError::none;
};

Attempt attempt(Scene& scene, std::uint16_t destination_port) {
  TcpPeer peer(scene, peer_endpoint(destination_port));
  const ConnectOutcome outcome = scene.host().connect(peer.local());
  if (outcome.error != host::SocketError::none) return {.error = outcome.error};
  peer.wait_for(syn);
  return {.port = peer.host_port()};
}

// "even x 10, odd x 10": the runs of equal parity, relative to the range's first port.
std::string parity_runs(const std::vector<std::uint16_t>& ports) {
  std::string text;
  for (std::size_t at = 0; at < ports.size();) {
    std::size_t end = at;
    while (end < ports.size() && ports[end] % 2 == ports[at] % 2) ++end;
    if (!text.empty()) text += ", ";
    text += (ports[at] % 2 == 0 ? "even x " : "odd x ") + std::to_string(end - at);
    at = end;
  }
  return text;
}

void order(Scene& scene) {
  narrow_range(scene);
  scene.begin();
  scene.hide_packets();
  for (const std::uint16_t destination_port : {80, 81}) {
    std::vector<std::uint16_t> ports;
    for (int i = 0; i < kPorts; ++i) ports.push_back(attempt(scene, destination_port).port);
    const std::set<std::uint16_t> distinct(ports.begin(), ports.end());
    scene.write("ports to destination " + std::to_string(destination_port) + ": " +
                parity_runs(ports) + ", " + std::to_string(distinct.size()) + " distinct");
  }
}

void random_offset(Scene& scene) {
  constexpr int kDestinations = 12;
  scene.begin();
  scene.hide_packets();
  std::vector<std::uint16_t> ports;
  for (int i = 0; i < kDestinations; ++i) {
    ports.push_back(attempt(scene, static_cast<std::uint16_t>(80 + i)).port);
  }
  const auto in_range = std::count_if(ports.begin(), ports.end(), [](std::uint16_t port) {
    return port >= 32768 && port <= 60999;
  });
  const auto [low, high] = std::minmax_element(ports.begin(), ports.end());
  scene.write("first ports: " + parity_runs(ports));
  scene.write_figure("in 32768-60999", static_cast<double>(in_range), kDestinations, kDestinations);
  // Twelve uniform draws span less than a quarter of the range once in 60,000.
  scene.write(*high - *low > 7000 ? "spread over the range" : "in one place");
}

void exhaustion(Scene& scene) {
  narrow_range(scene);
  scene.hide_packets();
  for (int i = 0; i < kPorts; ++i) attempt(scene, 80);
  scene.begin();
  scene.write("connect 21 to port 80: " + errno_name(attempt(scene, 80).error));
  scene.wait(milliseconds(300));
  scene.write("connect to port 81: " + errno_name(attempt(scene, 81).error));
}

void held_by_time_wait(Scene& scene) {
  narrow_range(scene);
  for (int i = 0; i < kPorts; ++i) {
    TcpPeer peer(scene, peer_endpoint(80));
    connect_and_reach_time_wait(scene, peer);
  }
  scene.begin();
  scene.write("sockets in TIME_WAIT: " + std::to_string(scene.host().gauges().time_wait));
  scene.write("connect 21 to port 80: " + errno_name(attempt(scene, 80).error));
  scene.wait(milliseconds(300));
  scene.write("connect to port 81: " + errno_name(attempt(scene, 81).error));
}

// tcp_tw_reuse 1: connect() may take a 4-tuple out of TIME_WAIT when timestamps tell old segments
// from new ones and the last is more than a second old.
void reuse_of_time_wait(Scene& scene) {
  scene.host().set_sysctl("net.ipv4.tcp_tw_reuse", 1);
  narrow_range(scene);
  for (int i = 0; i < kPorts; ++i) {
    TcpPeer peer(scene, peer_endpoint(80));
    peer.set_timestamp(1000);
    connect_and_reach_time_wait(scene, peer);
  }
  scene.begin();
  scene.hide_packets();
  scene.write("at once: " + errno_name(attempt(scene, 80).error));
  scene.wait_until(milliseconds(2500));
  scene.write("later: " + errno_name(attempt(scene, 80).error));
  scene.write("sockets in TIME_WAIT: " + std::to_string(scene.host().gauges().time_wait));
}

}  // namespace

std::vector<GoldenCase> port_cases() {
  return {
      {.row = "17",
       .name = "ports are drawn per destination, even ones first",
       .play = order,
       .expected = R"(
- ports to destination 80: even x 10, odd x 10, 20 distinct
- ports to destination 81: even x 10, odd x 10, 20 distinct
)"},
      {.row = "17b",
       .name = "each destination starts at a random even port",
       .play = random_offset,
       .expected = R"(
- first ports: even x 12
- in 32768-60999: 12
- spread over the range
)"},
      {.row = "18",
       .name = "the 21st connection over 20 ports fails without a SYN",
       .play = exhaustion,
       .expected = R"(
0.00 connect 21 to port 80: EADDRNOTAVAIL
0.30 > S seq 0 mss 1460 sackOK ts ws 7
0.30 connect to port 81: none
)"},
      {.row = "19",
       .name = "ports in TIME_WAIT are not drawn for the same destination",
       .play = held_by_time_wait,
       .expected = R"(
0.00 sockets in TIME_WAIT: 20
0.00 connect 21 to port 80: EADDRNOTAVAIL
0.30 > S seq 0 mss 1460 sackOK ts ws 7
0.30 connect to port 81: none
)"},
      {.row = "19b",
       .name = "with tcp_tw_reuse 1 a port leaves TIME_WAIT after more than a second",
       .play = reuse_of_time_wait,
       .expected = R"(
0.00 at once: EADDRNOTAVAIL
2.50 later: none
2.50 sockets in TIME_WAIT: 19
)"},
  };
}

}  // namespace elblab::golden
