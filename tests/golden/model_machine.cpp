#include "tests/golden/model_machine.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace elblab::golden {
namespace {

host::HostOptions host_options() {
  host::HostOptions options;
  options.name = "host under test";
  options.addresses = {kHostAddress, kHostAddress6};
  return options;
}

}  // namespace

ModelMachine::ModelMachine(std::uint64_t seed)
    : host_(host_options(), random::Stream(seed, "golden"), recorder_, *this) {
  host_.advance(now_);
}

void ModelMachine::set_sysctl(std::string_view name, std::int64_t value) {
  const host::SysctlEntry* entry = host::find_sysctl(name);
  if (entry == nullptr) throw std::invalid_argument("no such sysctl: " + std::string(name));
  host_.set_sysctl(*entry, value);
}

ListenerHandle ModelMachine::listen(std::uint16_t port, int backlog) {
  host::ListenOptions options;
  options.address = address_;
  options.port = port;
  options.backlog = backlog;
  const auto listener = host_.listen(options, *this, now_);
  if (!listener) throw std::runtime_error("listen failed");
  listeners_.push_back({.id = *listener, .accepts_at_once = false});
  return static_cast<ListenerHandle>(listeners_.size() - 1);
}

void ModelMachine::stop_listening(ListenerHandle listener) {
  host_.stop_listening(listeners_.at(listener).id, now_);
}

std::optional<SocketHandle> ModelMachine::accept(ListenerHandle listener) {
  const SocketHandle handle = keep(0, SocketPhase::connected);
  const host::SocketId id = host_.accept(listeners_.at(listener).id, *this, now_);
  if (id == 0) {
    sockets_.pop_back();
    return std::nullopt;
  }
  sockets_[handle].id = id;
  host_.read_on_demand(id);
  return handle;
}

ConnectOutcome ModelMachine::connect(const net::Endpoint& destination, std::uint16_t source_port) {
  const SocketHandle handle = keep(0, SocketPhase::connecting);
  const host::ConnectResult result =
      host_.connect({address_, source_port}, destination, *this, now_);
  Socket& socket = sockets_[handle];
  socket.id = result.socket;
  host_.read_on_demand(result.socket);
  if (result.error != host::SocketError::none) {
    socket.state.phase = SocketPhase::failed;
    socket.state.error = result.error;
  }
  return {.socket = handle, .error = result.error};
}

SocketHandle ModelMachine::open_udp(std::uint16_t port, const std::optional<net::Endpoint>& peer) {
  const SocketHandle handle = keep(0, SocketPhase::connected);
  const host::ConnectResult result = host_.open_udp({address_, port}, peer, *this, now_);
  if (result.error != host::SocketError::none) throw std::runtime_error("open_udp failed");
  sockets_[handle].id = result.socket;
  sockets_[handle].datagrams_to = peer;
  return handle;
}

SocketHandle ModelMachine::keep(host::SocketId id, SocketPhase phase) {
  Socket socket;
  socket.id = id;
  socket.state.phase = phase;
  sockets_.push_back(socket);
  return static_cast<SocketHandle>(sockets_.size() - 1);
}

ModelMachine::Socket* ModelMachine::find(host::SocketId id) {
  const auto known = std::find_if(sockets_.begin(), sockets_.end(),
                                  [id](const Socket& socket) { return socket.id == id; });
  if (known != sockets_.end()) return known->closed ? nullptr : &*known;
  if (!sockets_.empty() && sockets_.back().id == 0) return &sockets_.back();
  return nullptr;
}

void ModelMachine::send(SocketHandle handle, std::span<const std::uint8_t> bytes) {
  const Socket& socket = sockets_.at(handle);
  if (socket.datagrams_to) {
    host_.send_datagram(socket.id, *socket.datagrams_to, bytes, now_);
  } else if (socket.state.phase != SocketPhase::connecting) {
    host_.send(socket.id, bytes, now_);
  }
}

void ModelMachine::shutdown(SocketHandle socket) { host_.shutdown(sockets_.at(socket).id, now_); }
void ModelMachine::close(SocketHandle socket) {
  sockets_.at(socket).closed = true;
  host_.close(sockets_.at(socket).id, now_);
}
void ModelMachine::abort(SocketHandle socket) {
  sockets_.at(socket).closed = true;
  host_.abort(sockets_.at(socket).id, now_);
}

void ModelMachine::read(SocketHandle socket) { host_.read(sockets_.at(socket).id, now_); }

bool ModelMachine::failed(host::SocketId id, host::SocketError error, Instant) {
  if (Socket* socket = find(id)) {
    socket->state.phase = SocketPhase::failed;
    socket->state.error = error;
  }
  return true;
}

void ModelMachine::forget_sockets() {
  sockets_.clear();
  listeners_.clear();
  reads_at_once_ = true;
}

void ModelMachine::attend() {
  for (ListenerHandle handle = 0; handle < listeners_.size(); ++handle) {
    while (listeners_[handle].accepts_at_once && accept(handle)) {
    }
  }
  for (Socket& socket : sockets_) {
    if (socket.closed || socket.ended_by == host::SocketError::none) continue;
    socket.state.phase = SocketPhase::failed;
    socket.state.error = socket.ended_by;
  }
  if (!reads_at_once_) return;
  // By index: an application may open sockets when it reads.
  for (SocketHandle handle = 0; handle < sockets_.size(); ++handle) {
    if (!sockets_[handle].datagrams_to) host_.read(sockets_[handle].id, now_);
  }
}

SocketState ModelMachine::state(SocketHandle socket) {
  attend();
  return sockets_.at(socket).state;
}

HostGauges ModelMachine::gauges() {
  const host::HostCounters& counters = host_.counters();
  return {.syn_received = counters.syn_received,
          .established = counters.established,
          .time_wait = counters.time_wait,
          .resets_sent = counters.resets_sent};
}

void ModelMachine::inject(std::span<const std::uint8_t> packet) {
  std::vector<std::uint8_t> copy(packet.begin(), packet.end());
  host_.receive(copy, now_);
}

std::optional<EmittedPacket> ModelMachine::next_packet(Duration deadline) {
  const Instant end = kBegin + deadline;
  attend();
  while (emitted_.empty()) {
    const Instant next = std::max(host_.next_deadline(), now_);
    if (next > end) {
      now_ = std::max(now_, end);
      return std::nullopt;
    }
    now_ = next;
    host_.advance(now_);
    attend();
  }
  EmittedPacket packet = std::move(emitted_.front());
  emitted_.pop_front();
  return packet;
}

void ModelMachine::send(std::span<const std::uint8_t> packet) {
  emitted_.push_back({.at = now(), .bytes = {packet.begin(), packet.end()}});
}

void ModelMachine::connected(host::SocketId id, Instant) {
  if (Socket* socket = find(id)) socket->state.phase = SocketPhase::connected;
}

void ModelMachine::received(host::SocketId id, std::span<const std::uint8_t> bytes, Instant) {
  if (Socket* socket = find(id)) socket->state.bytes_received += bytes.size();
}

void ModelMachine::peer_finished(host::SocketId id, Instant) {
  if (Socket* socket = find(id)) socket->state.peer_finished = true;
}

void ModelMachine::closed(host::SocketId id, host::SocketError error, Instant) {
  Socket* socket = find(id);
  if (socket != nullptr) socket->ended_by = error;
}

void ModelMachine::datagram(host::SocketId id, const net::Endpoint&,
                            std::span<const std::uint8_t> bytes, Instant) {
  if (Socket* socket = find(id)) socket->state.bytes_received += bytes.size();
}

}  // namespace elblab::golden
