#include "sim/ns3_sockets.hpp"

#include <ns3/inet-socket-address.h>
#include <ns3/simulator.h>
#include <ns3/tcp-socket-factory.h>

#include <utility>

#include "sim/clock.hpp"

namespace elblab::sim {
namespace {

using host::SocketError;

ns3::Address to_ns3_address(const net::Endpoint& endpoint) {
  const ns3::Ipv4Address address = endpoint.address.is_unspecified()
                                       ? ns3::Ipv4Address::GetAny()
                                       : ns3::Ipv4Address(endpoint.address.v4_value());
  return ns3::InetSocketAddress(address, endpoint.port);
}

net::Endpoint to_endpoint(const ns3::Address& address) {
  const auto inet = ns3::InetSocketAddress::ConvertFrom(address);
  return {net::IpAddress::v4(inet.GetIpv4().Get()), inet.GetPort()};
}

}  // namespace

Ns3Sockets::Ns3Sockets(ns3::Ptr<ns3::Node> node, net::IpAddress address,
                       std::function<void()> after_event)
    : node_(std::move(node)),
      address_(address),
      ports_(node_),
      after_event_(std::move(after_event)) {}

Ns3Sockets::~Ns3Sockets() {
  for (auto& [id, listener] : listeners_) {
    listener.socket->SetAcceptCallback(
        ns3::MakeNullCallback<bool, ns3::Ptr<ns3::Socket>, const ns3::Address&>(),
        ns3::MakeNullCallback<void, ns3::Ptr<ns3::Socket>, const ns3::Address&>());
  }
}

Ns3Connection* Ns3Sockets::find(host::SocketId socket) {
  const auto it = connections_.find(socket);
  return it == connections_.end() ? nullptr : it->second.get();
}

const Ns3Connection* Ns3Sockets::find(host::SocketId socket) const {
  const auto it = connections_.find(socket);
  return it == connections_.end() ? nullptr : it->second.get();
}

Ns3Connection& Ns3Sockets::add(ns3::Ptr<ns3::Socket> socket) {
  const host::SocketId id = next_socket_++;
  auto& place = connections_[id];
  place = std::make_unique<Ns3Connection>(*this, id, std::move(socket));
  ++counters_.open;
  return *place;
}

// To a port that is free where it names none.
bool Ns3Sockets::bind(ns3::Socket& socket, net::Endpoint local, Instant now) {
  if (local.port != 0) return socket.Bind(to_ns3_address(local)) == 0;
  while (const auto port = ports_.take(now)) {
    local.port = *port;
    if (socket.Bind(to_ns3_address(local)) == 0) return true;  // else something listens there
  }
  return false;
}

host::ConnectResult Ns3Sockets::connect(const net::Endpoint& source,
                                        const net::Endpoint& destination,
                                        host::SocketEvents& events, Instant now) {
  const auto socket = ns3::Socket::CreateSocket(node_, ns3::TcpSocketFactory::GetTypeId());
  const net::Endpoint local{source.address.is_unspecified() ? address_ : source.address,
                            source.port};
  if (!destination.address.is_v4() || !bind(*socket, local, now)) {
    ++counters_.refused_locally;
    return {0, SocketError::address_not_available};
  }
  Ns3Connection& connection = add(socket);
  ++counters_.connections_opened;
  const host::SocketId id = connection.id();
  if (!connection.connect(destination, events)) {
    connections_.erase(id);
    --counters_.open;
    ++counters_.connections_failed;
    return {0, SocketError::host_unreachable};
  }
  return {id, SocketError::none};
}

std::optional<host::ListenerId> Ns3Sockets::listen(const host::ListenOptions& options,
                                                   host::SocketEvents& events, Instant) {
  const auto socket = ns3::Socket::CreateSocket(node_, ns3::TcpSocketFactory::GetTypeId());
  if (socket->Bind(to_ns3_address(net::Endpoint{options.address, options.port})) != 0)
    return std::nullopt;
  socket->Listen();
  const host::ListenerId id = next_listener_++;
  socket->SetAcceptCallback(
      ns3::MakeNullCallback<bool, ns3::Ptr<ns3::Socket>, const ns3::Address&>(),
      ns3::Callback<void, ns3::Ptr<ns3::Socket>, const ns3::Address&>(
          [this, id](ns3::Ptr<ns3::Socket> child, const ns3::Address&) { accepted(id, child); }));
  listeners_[id] = {socket, &events, {}};
  return id;
}

void Ns3Sockets::stop_listening(host::ListenerId listener, Instant) {
  const auto it = listeners_.find(listener);
  if (it == listeners_.end()) return;
  it->second.socket->Close();
  const std::deque<host::SocketId> waiting = std::move(it->second.waiting);
  listeners_.erase(it);
  for (const host::SocketId id : waiting) refuse_waiting(id);
}

// Nobody will accept it any more.
void Ns3Sockets::refuse_waiting(host::SocketId socket) {
  Ns3Connection* connection = find(socket);
  if (connection == nullptr) return;
  if (connection->has_ended()) {
    remove(socket, SocketError::none);
  } else {
    connection->close();
  }
}

void Ns3Sockets::accepted(host::ListenerId listener, ns3::Ptr<ns3::Socket> socket) {
  const auto it = listeners_.find(listener);
  if (it == listeners_.end()) return;
  Ns3Connection& connection = add(std::move(socket));
  connection.arrived();
  it->second.waiting.push_back(connection.id());
  ++counters_.connections_accepted;
  ++counters_.established;
  it->second.events->acceptable(listener, now());
  after_event_();
}

host::SocketId Ns3Sockets::accept(host::ListenerId listener, host::SocketEvents& events, Instant) {
  const auto it = listeners_.find(listener);
  if (it == listeners_.end() || it->second.waiting.empty()) return 0;
  const host::SocketId id = it->second.waiting.front();
  it->second.waiting.pop_front();
  // One that its peer has reset meanwhile is still here: it goes after it was accepted.
  connections_.at(id)->take(events);
  return id;
}

SocketError Ns3Sockets::send(host::SocketId socket, std::span<const std::uint8_t> bytes, Instant) {
  Ns3Connection* connection = find(socket);
  return connection == nullptr ? SocketError::not_connected : connection->send(bytes);
}

SocketError Ns3Sockets::send_pattern(host::SocketId socket, std::uint64_t bytes, Instant) {
  Ns3Connection* connection = find(socket);
  return connection == nullptr ? SocketError::not_connected : connection->send_pattern(bytes);
}

void Ns3Sockets::shutdown(host::SocketId socket, Instant) {
  if (Ns3Connection* connection = find(socket)) connection->shutdown();
}

void Ns3Sockets::close(host::SocketId socket, Instant) {
  if (Ns3Connection* connection = find(socket)) connection->close();
}

host::ConnectResult Ns3Sockets::open_udp(const net::Endpoint&, const std::optional<net::Endpoint>&,
                                         host::SocketEvents&, Instant) {
  return {0, SocketError::address_not_available};
}

SocketError Ns3Sockets::send_datagram(host::SocketId, const net::Endpoint&,
                                      std::span<const std::uint8_t>, Instant) {
  return SocketError::not_connected;
}

std::optional<net::Endpoint> Ns3Sockets::local_endpoint(host::SocketId socket) const {
  const Ns3Connection* connection = find(socket);
  ns3::Address address;
  if (connection == nullptr || connection->socket()->GetSockName(address) != 0) return std::nullopt;
  return to_endpoint(address);
}

std::optional<net::Endpoint> Ns3Sockets::peer_endpoint(host::SocketId socket) const {
  const Ns3Connection* connection = find(socket);
  ns3::Address address;
  if (connection == nullptr || connection->socket()->GetPeerName(address) != 0) return std::nullopt;
  return to_endpoint(address);
}

void Ns3Sockets::established(host::SocketId) {
  ++counters_.connections_established;
  ++counters_.established;
}

void Ns3Sockets::count_end(const Ns3Connection& connection) {
  --counters_.open;
  if (connection.was_established()) {
    --counters_.established;
  } else if (connection.is_client()) {
    ++counters_.connections_failed;
  }
}

void Ns3Sockets::remove(host::SocketId socket, SocketError error) {
  auto node = connections_.extract(socket);
  if (node.empty()) return;
  node.mapped()->tell_closed(error);
  // This may run inside a callback of the very socket: it goes when that is over.
  if (gone_.empty()) ns3::Simulator::ScheduleNow([this] { gone_.clear(); });
  gone_.push_back(std::move(node.mapped()));
  after_event_();
}

}  // namespace elblab::sim
