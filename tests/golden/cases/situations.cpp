#include "tests/golden/cases/situations.hpp"

#include <stdexcept>

namespace elblab::golden {
namespace {

using namespace net::tcp_flag;

void require(bool reached, const char* what) {
  if (!reached) throw std::runtime_error(std::string("the host did not ") + what);
}

void close_first(Scene& scene, TcpPeer& peer, SocketHandle socket) {
  scene.host().close(socket);
  require(peer.wait_for(fin), "send its FIN");
  peer.send(fin | ack);
  require(peer.wait_for(ack), "acknowledge the FIN");
}

}  // namespace

std::vector<std::uint8_t> to_bytes(std::string_view text) { return {text.begin(), text.end()}; }

SocketHandle establish(Scene& scene, TcpPeer& peer, Duration round_trip) {
  const ListenerHandle listener = scene.host().listen(peer.host_port(), 128);
  require(peer.open_connection(round_trip), "answer the SYN");
  std::optional<SocketHandle> socket;
  require(scene.wait_for(
              [&] {
                if (!socket) socket = scene.host().accept(listener);
                return socket.has_value();
              },
              std::chrono::seconds(1)),
          "complete the handshake");
  return *socket;
}

void reach_time_wait(Scene& scene, TcpPeer& peer) {
  close_first(scene, peer, establish(scene, peer));
}

void connect_and_reach_time_wait(Scene& scene, TcpPeer& peer) {
  const ConnectOutcome outcome = scene.host().connect(peer.local());
  require(outcome.error == host::SocketError::none, "send a SYN");
  require(peer.accept_connection(), "complete the handshake");
  close_first(scene, peer, outcome.socket);
}

std::vector<std::unique_ptr<TcpPeer>> make_clients(Scene& scene, int count,
                                                   std::uint16_t first_port) {
  std::vector<std::unique_ptr<TcpPeer>> clients;
  for (int i = 0; i < count; ++i) {
    const auto port = static_cast<std::uint16_t>(first_port + i);
    clients.push_back(std::make_unique<TcpPeer>(scene, peer_endpoint(port), kServicePort));
  }
  return clients;
}

}  // namespace elblab::golden
