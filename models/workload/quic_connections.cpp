#include "models/workload/quic_connections.hpp"

#include <algorithm>

#include "models/net/quic_header.hpp"
#include "models/workload/pattern.hpp"

namespace elblab::workload {

using host::SocketError;
using host::SocketId;

namespace {

constexpr std::size_t kOwnIdBytes = 8;
constexpr Duration kFirstInitialTimeout = std::chrono::seconds(1);  // RFC 9002 section 6.2.2
constexpr std::size_t kLargestPayload = kLargestDatagram - quic::kShortOverhead;

ClientParameters within_a_packet(ClientParameters parameters) {
  parameters.request_bytes = std::min<std::uint64_t>(parameters.request_bytes, kLargestPayload);
  parameters.response_bytes =
      std::clamp<std::uint64_t>(parameters.response_bytes, kRequestHeaderBytes, kLargestPayload);
  return parameters;
}

}  // namespace

QuicConnections::QuicConnections(const ClientParameters& parameters, host::Sockets& sockets,
                                 net::IpAddress source, random::Stream stream)
    : Client(within_a_packet(parameters), sockets, source),
      arrivals_(parameters.arrivals, parameters.rate_per_second, stream, parameters.on_off),
      stream_(stream.child("ids")),
      addresses_(parameters.addresses),
      connections_(parameters.connections),
      buffer_(std::max<std::size_t>(quic::kInitialBytes,
                                    quic::kShortOverhead + this->parameters().request_bytes)) {
  if (addresses_.empty()) addresses_.push_back(source);
  for (Index i = 0; i < connections_.size(); ++i) connections_[i].address = i % addresses_.size();
}

void QuicConnections::start(Instant now) {
  begin_ = std::max(parameters().begin, now);
  arrivals_.start(begin_, parameters().end);
}

Instant QuicConnections::next_deadline() const {
  drop_done();
  Instant timeout = kNever;
  if (!requests_.empty() && kNever - requests_.front().sent_at > parameters().request_timeout) {
    timeout = requests_.front().sent_at + parameters().request_timeout;
  }
  return std::min({begin_, arrivals_.next(), timeout, initial_timers_.next_deadline()});
}

void QuicConnections::advance(Instant now) {
  if (begin_ <= now) open_all(now);
  for (drop_done();
       !requests_.empty() && now - requests_.front().sent_at >= parameters().request_timeout;
       drop_done()) {
    lose(requests_.front().connection, SocketError::timed_out, now);
  }
  while (initial_timers_.next_deadline() <= now) initial_unanswered(initial_timers_.take(), now);
  while (arrivals_.next() <= now) {
    arrivals_.take();
    ++counted().requests;
    attempt(now, 0, now);
  }
}

std::uint32_t QuicConnections::established() const {
  return static_cast<std::uint32_t>(
      std::count_if(connections_.begin(), connections_.end(),
                    [](const Connection& each) { return each.phase == Phase::open; }));
}

void QuicConnections::open_all(Instant now) {
  begin_ = kNever;
  for (Index i = 0; i < connections_.size(); ++i) open(i, now);
}

void QuicConnections::open(Index index, Instant now) {
  Connection& connection = connections_[index];
  if (const SocketError refused = open_socket(index, now); refused != SocketError::none) {
    ++counted().refused_locally;
    return lose(index, refused, now);
  }
  connection.phase = Phase::connecting;
  connection.own = drawn_id();
  connection.peer = drawn_id();
  connection.packets = 0;
  connection.initials = 0;
  ++connection.openings;
  send_initial(index, now);
}

SocketError QuicConnections::open_socket(Index index, Instant now) {
  Connection& connection = connections_[index];
  const net::Endpoint from{addresses_[connection.address], parameters().source_port.value_or(0)};
  const auto result = sockets().open_udp(from, parameters().destination, events(), now);
  if (result.error != SocketError::none) return result.error;
  connection.socket = result.socket;
  indices_.insert(result.socket, index);
  return SocketError::none;
}

void QuicConnections::close_socket(Index index, Instant now) {
  const SocketId socket = connections_[index].socket;
  if (socket == 0) return;
  connections_[index].socket = 0;
  indices_.erase(socket);
  sockets().close(socket, now);
}

void QuicConnections::send_initial(Index index, Instant now) {
  Connection& connection = connections_[index];
  initial_timers_.set(now + kFirstInitialTimeout * (std::int64_t{1} << connection.initials),
                      {index, connection.openings});
  ++connection.initials;
  const auto bytes =
      quic::write_initial(buffer_, connection.peer, connection.own, connection.packets++, {});
  sockets().send_datagram(connection.socket, parameters().destination, bytes, now);
}

void QuicConnections::initial_unanswered(const InitialTimer& timer, Instant now) {
  const Connection& connection = connections_[timer.connection];
  if (connection.phase != Phase::connecting || connection.openings != timer.opening) return;
  if (connection.initials < kInitials) return send_initial(timer.connection, now);
  ++counted().connect_failures;
  lose(timer.connection, SocketError::timed_out, now);
}

void QuicConnections::accepted(Index index, std::span<const std::uint8_t> bytes, Instant now) {
  Connection& connection = connections_[index];
  const auto initial = quic::read_initial(bytes);
  const bool right = initial && initial->destination == connection.own &&
                     initial->payload.size() >= connection.token.size();
  if (!right) return count_damage();
  if (connection.phase != Phase::connecting) return;  // it came twice
  connection.phase = Phase::open;
  connection.peer = initial->source;
  std::copy_n(initial->payload.begin(), connection.token.size(), connection.token.begin());
  const Duration change = parameters().address_change;
  connection.moves_at = change > Duration{0} ? now + change : kNever;
  for (std::size_t i = 0; i < requests_.size(); ++i) {
    const Request& request = requests_[i];
    if (request.done || request.sent || request.connection != index) continue;
    transmit(first_number_ + static_cast<std::uint32_t>(i), now);
  }
}

// Where the next socket is refused the connection is given up, as it has no way to go on.
void QuicConnections::move_when_due(Index index, Instant now) {
  Connection& connection = connections_[index];
  if (connection.phase != Phase::open || connection.moves_at > now) return;
  while (connection.moves_at <= now) connection.moves_at += parameters().address_change;
  close_socket(index, now);
  connection.address = (connection.address + 1) % addresses_.size();
  ++moves_;
  if (const SocketError refused = open_socket(index, now); refused != SocketError::none) {
    ++counted().refused_locally;
    lose(index, refused, now);
  }
}

void QuicConnections::attempt(Instant wanted_at, std::uint32_t attempts, Instant now) {
  const Index index = next_;
  next_ = (next_ + 1) % static_cast<Index>(connections_.size());
  move_when_due(index, now);
  const std::uint32_t number = next_header(0).number;
  requests_.push({wanted_at, now, index, attempts + 1, false, false});
  if (connections_[index].phase == Phase::closed) open(index, now);
  if (connections_[index].phase == Phase::open) transmit(number, now);
}

void QuicConnections::transmit(std::uint32_t number, Instant now) {
  Request* const request = find(number);
  if (request == nullptr || request->done) return;
  request->sent = true;
  const Index index = request->connection;
  Connection& connection = connections_[index];
  RequestHeader header;
  header.number = number;
  header.request_bytes = parameters().request_bytes;
  header.response_bytes = parameters().response_bytes;
  const std::size_t before =
      quic::write_short_header(buffer_, connection.peer, connection.packets++).size();
  const auto size = static_cast<std::size_t>(header.request_bytes);
  write_request(std::span(buffer_).subspan(before), header, size);
  const SocketError error =
      sockets().send_datagram(connection.socket, parameters().destination,
                              std::span<const std::uint8_t>(buffer_).first(before + size), now);
  if (error != SocketError::none) lose(index, error, now);
}

QuicConnections::Request* QuicConnections::find(std::uint32_t number) {
  const std::uint32_t index = number - first_number_;  // numbers wrap, and so does this
  return index < requests_.size() ? &requests_[index] : nullptr;
}

void QuicConnections::on_datagram(SocketId socket, const net::Endpoint& from,
                                  std::span<const std::uint8_t> bytes, Instant now) {
  const Index index = indices_.find(socket);
  if (index == SocketMap::kNone || !(from == parameters().destination)) return;
  const Connection& connection = connections_[index];
  const auto header = net::parse_quic_header(bytes, kOwnIdBytes);
  if (header && header->is_long) return accepted(index, bytes, now);
  const auto payload = quic::read_short(bytes, kOwnIdBytes);
  if (payload && quic::ConnectionId(header->destination) == connection.own) {
    return take_answer(index, *payload, now);
  }
  if (connection.phase == Phase::open && quic::is_reset(bytes, connection.token)) {
    return lose(index, SocketError::connection_reset, now);
  }
  count_damage();
}

void QuicConnections::take_answer(Index index, std::span<const std::uint8_t> payload, Instant now) {
  const auto header = RequestHeader::read(payload);
  Request* const request = header ? find(header->number) : nullptr;
  const bool right = header && payload.size() == parameters().response_bytes &&
                     matches_pattern(payload.subspan(kRequestHeaderBytes), kRequestHeaderBytes) &&
                     (request == nullptr || request->connection == index);
  if (!right) return count_damage();
  if (request == nullptr || request->done) return;  // late
  request->done = true;
  count_response(request->wanted_at, now);
}

// Nobody listens there, says an ICMP error.
void QuicConnections::on_closed(SocketId socket, SocketError error, Instant now) {
  const Index index = indices_.find(socket);
  if (index == SocketMap::kNone) return;
  indices_.erase(socket);
  connections_[index].socket = 0;
  lose(index, error, now);
}

void QuicConnections::lose(Index index, SocketError error, Instant now) {
  Connection& connection = connections_[index];
  if (connection.phase == Phase::open) ++counted().connections_lost;
  close_socket(index, now);
  connection.phase = Phase::closed;
  const std::size_t count = requests_.size();  // attempts made in this loop come behind these
  for (std::size_t i = 0; i < count; ++i) {
    if (requests_[i].done || requests_[i].connection != index) continue;
    fail(requests_[i], error, now);
  }
}

// Ends `request`, which becomes invalid: a further attempt may move it.
void QuicConnections::fail(Request& request, SocketError error, Instant now) {
  request.done = true;
  const Request failed = request;
  if (failed.attempts > parameters().retries) return count_failure(error);
  ++counted().retries;
  attempt(failed.wanted_at, failed.attempts, now);
}

void QuicConnections::drop_done() const {
  while (!requests_.empty() && requests_.front().done) {
    requests_.pop();
    ++first_number_;
  }
}

quic::ConnectionId QuicConnections::drawn_id() {
  return quic::ConnectionId::of_number(stream_.next(), kOwnIdBytes);
}

}  // namespace elblab::workload
