#include "tests/golden/scene.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "tests/golden/packet_text.hpp"
#include "tests/golden/tcp_peer.hpp"

namespace elblab::golden {
namespace {

// How often a condition about the application is looked at while no packet comes.
constexpr Duration kLookInterval = std::chrono::milliseconds(5);

std::string figure_text(double figure) {
  char text[32];
  std::snprintf(text, sizeof text, figure == std::floor(figure) ? "%.0f" : "%.3f", figure);
  return text;
}

}  // namespace

void Scene::begin() {
  origin_ = host_.now();
  packets_shown_ = true;
}

void Scene::wait(Duration length) { run_until(host_.now() + length, nullptr); }

void Scene::wait_until(Duration at) { run_until(origin_ + at, nullptr); }

bool Scene::wait_for(const std::function<bool()>& condition, Duration limit) {
  run_until(host_.now() + limit, condition);
  return condition();
}

void Scene::run_until(Duration deadline, const std::function<bool()>& condition) {
  while (!condition || !condition()) {
    const Duration step = condition ? std::min(deadline, host_.now() + kLookInterval) : deadline;
    if (auto packet = host_.next_packet(step)) {
      receive(*packet);
    } else if (step == deadline) {
      return;
    }
  }
}

void Scene::receive(EmittedPacket& emitted) {
  net::PacketView packet;
  const bool parsed = net::PacketView::parse(emitted.bytes, packet) == net::ParseError::none;
  SequenceOrigin origin;
  if (parsed) {
    if (TcpPeer* peer = peer_of(packet)) {
      peer->receive(packet);
      origin = {peer->host_initial_sequence(), peer->initial_sequence()};
    }
    if (observer_) observer_(packet, emitted.at - origin_);
  }
  if (packets_shown_) {
    transcript_.push_back({emitted.at - origin_, "> " + packet_text(emitted.bytes, origin), {}});
  }
}

TcpPeer* Scene::peer_of(const net::PacketView& packet) {
  if (packet.protocol() != net::Protocol::tcp) return nullptr;
  const auto exact = std::find_if(peers_.begin(), peers_.end(),
                                  [&](TcpPeer* peer) { return peer->owns(packet.flow()); });
  if (exact != peers_.end()) return *exact;
  const auto open = std::find_if(peers_.begin(), peers_.end(),
                                 [&](TcpPeer* peer) { return peer->adopts(packet.flow()); });
  return open == peers_.end() ? nullptr : *open;
}

void Scene::write_injected(const std::string& text) {
  if (packets_shown_) transcript_.push_back({now(), "< " + text, {}});
}

void Scene::write(std::string text, std::string note) {
  transcript_.push_back({now(), std::move(text), std::move(note)});
}

void Scene::write_figure(const std::string& label, double figure, double low, double high) {
  const std::string exact = figure_text(figure);
  if (figure < low || figure > high) {
    write(label + ": " + exact);
  } else if (low == high) {
    write(label + ": " + exact);
  } else {
    write(label + ": " + figure_text(low) + ".." + figure_text(high), exact);
  }
}

void Scene::write_socket(SocketHandle socket) {
  const SocketState state = host_.state(socket);
  std::string text = "socket: ";
  switch (state.phase) {
    case SocketPhase::connecting:
      text += "connecting";
      break;
    case SocketPhase::connected:
      text += "connected";
      break;
    case SocketPhase::failed:
      text += errno_name(state.error);
      break;
  }
  if (state.bytes_received > 0) text += ", " + std::to_string(state.bytes_received) + " bytes";
  if (state.peer_finished) text += ", end of file";
  write(text);
}

std::string errno_name(host::SocketError error) {
  switch (error) {
    case host::SocketError::none:
      return "none";
    case host::SocketError::address_in_use:
      return "EADDRINUSE";
    case host::SocketError::address_not_available:
      return "EADDRNOTAVAIL";
    case host::SocketError::connection_refused:
      return "ECONNREFUSED";
    case host::SocketError::connection_reset:
      return "ECONNRESET";
    case host::SocketError::timed_out:
      return "ETIMEDOUT";
    case host::SocketError::host_unreachable:
      return "EHOSTUNREACH";
    case host::SocketError::not_connected:
      return "ENOTCONN";
  }
  return "unknown error";
}

}  // namespace elblab::golden
