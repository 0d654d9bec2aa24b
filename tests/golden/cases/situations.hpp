// The situations the cases start from: a listener with an established connection, a TIME_WAIT.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "models/net/packet_view.hpp"
#include "tests/golden/golden_case.hpp"
#include "tests/golden/scene.hpp"
#include "tests/golden/tcp_peer.hpp"

namespace elblab::golden {

inline constexpr std::uint16_t kServicePort = 80;
inline constexpr std::uint16_t kPeerPort = 40000;

inline net::Endpoint peer_endpoint(std::uint16_t port = kPeerPort) { return {kPeerAddress, port}; }

std::vector<std::uint8_t> to_bytes(std::string_view text);

// The peer connects to the host's listener; the connection is taken from the accept queue.
// The handshake shows the host this round-trip time.
SocketHandle establish(Scene& scene, TcpPeer& peer, Duration round_trip = {});

// As establish(), then the host closes first and the peer answers its FIN: TIME_WAIT.
void reach_time_wait(Scene& scene, TcpPeer& peer);

// The host connects to the peer's endpoint and closes first: TIME_WAIT on an ephemeral port.
void connect_and_reach_time_wait(Scene& scene, TcpPeer& peer);

// Peers at consecutive ports from `first_port`, all towards kServicePort.
std::vector<std::unique_ptr<TcpPeer>> make_clients(Scene& scene, int count,
                                                   std::uint16_t first_port = kPeerPort);

}  // namespace elblab::golden
