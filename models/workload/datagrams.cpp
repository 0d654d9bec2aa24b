#include "models/workload/datagrams.hpp"

#include <algorithm>

#include "models/workload/pattern.hpp"

namespace elblab::workload {

using host::SocketError;
using host::SocketId;

namespace {

ClientParameters within_a_datagram(ClientParameters parameters) {
  parameters.request_bytes = std::min<std::uint64_t>(parameters.request_bytes, kLargestDatagram);
  parameters.response_bytes =
      std::clamp<std::uint64_t>(parameters.response_bytes, kRequestHeaderBytes, kLargestDatagram);
  return parameters;
}

std::uint32_t count_fixed(const ClientParameters& parameters) {
  return parameters.source_port ? 1 : parameters.connections;
}

}  // namespace

Datagrams::Datagrams(const ClientParameters& parameters, host::Sockets& sockets,
                     net::IpAddress source, random::Stream stream)
    : Client(within_a_datagram(parameters), sockets, source),
      arrivals_(parameters.arrivals, parameters.rate_per_second, stream, parameters.on_off),
      fixed_count_(count_fixed(parameters)),
      buffer_(std::max(kRequestHeaderBytes,
                       static_cast<std::size_t>(this->parameters().request_bytes))) {
  // Slots of a new pool are given out from 0 on.
  for (std::uint32_t i = 0; i < fixed_count_; ++i) flows_.acquire();
}

void Datagrams::start(Instant now) {
  arrivals_.start(std::max(parameters().begin, now), parameters().end);
}

Instant Datagrams::next_deadline() const {
  drop_done();
  Instant timeout = kNever;
  if (!requests_.empty() && kNever - requests_.front().sent_at > parameters().request_timeout) {
    timeout = requests_.front().sent_at + parameters().request_timeout;
  }
  return std::min(arrivals_.next(), timeout);
}

void Datagrams::advance(Instant now) {
  for (drop_done();
       !requests_.empty() && now - requests_.front().sent_at >= parameters().request_timeout;
       drop_done()) {
    attempt_failed(requests_.front(), SocketError::timed_out, now);
  }
  while (arrivals_.next() <= now) {
    arrivals_.take();
    ++counted().requests;
    attempt(now, 0, now);
  }
}

void Datagrams::attempt(Instant wanted_at, std::uint32_t attempts, Instant now) {
  const RequestHeader header = next_header(0);
  const std::uint32_t flow = choose_flow();
  flows_[flow].request = header.number;
  requests_.push({wanted_at, now, flow, attempts + 1, false});
  const SocketError refused = open(flow, now);
  if (refused != SocketError::none) {  // asking again at once would not help
    ++counted().refused_locally;
    find(header.number)->done = true;
    count_failure(refused);
    leave_flow(flow, now);
    return;
  }
  const SocketError error = transmit(flow, header, now);
  Request* const request = find(header.number);
  if (error != SocketError::none && request != nullptr && !request->done) {
    attempt_failed(*request, error, now);
  }
}

std::uint32_t Datagrams::choose_flow() {
  if (!fixed_flows()) return flows_.acquire().slot;
  const std::uint32_t flow = next_fixed_;
  next_fixed_ = (next_fixed_ + 1) % fixed_count_;
  return flow;
}

SocketError Datagrams::open(std::uint32_t flow, Instant now) {
  if (flows_[flow].socket != 0) return SocketError::none;
  const auto result = sockets().open_udp(local(), parameters().destination, events(), now);
  if (result.error != SocketError::none) return result.error;
  flows_[flow].socket = result.socket;
  slots_.insert(result.socket, flow);
  return SocketError::none;
}

SocketError Datagrams::transmit(std::uint32_t flow, const RequestHeader& header, Instant now) {
  const auto bytes = write_request(buffer_, header, static_cast<std::size_t>(header.request_bytes));
  return sockets().send_datagram(flows_[flow].socket, parameters().destination, bytes, now);
}

Datagrams::Request* Datagrams::find(std::uint32_t number) {
  const std::uint32_t index = number - first_number_;  // numbers wrap, and so does this
  return index < requests_.size() ? &requests_[index] : nullptr;
}

void Datagrams::on_datagram(SocketId socket, const net::Endpoint& from,
                            std::span<const std::uint8_t> bytes, Instant now) {
  const std::uint32_t flow = slots_.find(socket);
  if (flow == SocketMap::kNone || !(from == parameters().destination)) return;
  const auto header = RequestHeader::read(bytes);
  Request* const request = header ? find(header->number) : nullptr;
  const bool right = header && bytes.size() == reply_size() &&
                     matches_pattern(bytes.subspan(kRequestHeaderBytes), kRequestHeaderBytes) &&
                     (request == nullptr || request->flow == flow);
  if (!right) {
    count_damage();
    return;
  }
  if (request == nullptr || request->done) return;  // late, or a duplicate
  request->done = true;
  count_response(request->wanted_at, now);
  leave_flow(flow, now);
}

// Which request the ICMP error answered is not told. A socket of one request knows its own; of a
// fixed one all that are under way fail, as a program that sees ECONNREFUSED would take it.
void Datagrams::on_closed(SocketId socket, SocketError error, Instant now) {
  const std::uint32_t flow = slots_.find(socket);
  if (flow == SocketMap::kNone) return;
  slots_.erase(socket);
  flows_[flow].socket = 0;
  if (!fixed_flows()) {
    if (Request* const request = find(flows_[flow].request)) attempt_failed(*request, error, now);
    return;
  }
  const std::size_t count = requests_.size();  // attempts made in this loop come behind these
  for (std::size_t i = 0; i < count; ++i) {
    if (requests_[i].done || requests_[i].flow != flow) continue;
    attempt_failed(requests_[i], error, now);
  }
}

// Ends `request`, which becomes invalid: a further attempt may move it.
void Datagrams::attempt_failed(Request& request, SocketError error, Instant now) {
  request.done = true;
  const Request failed = request;
  leave_flow(failed.flow, now);
  if (failed.attempts > parameters().retries) {
    count_failure(error);
    return;
  }
  ++counted().retries;
  attempt(failed.wanted_at, failed.attempts, now);
}

// A request is through with its socket; one of its own is closed.
void Datagrams::leave_flow(std::uint32_t flow, Instant now) {
  if (fixed_flows()) return;
  const SocketId socket = flows_[flow].socket;
  flows_.release(flow);
  if (socket == 0) return;
  slots_.erase(socket);
  sockets().close(socket, now);
}

void Datagrams::drop_done() const {
  while (!requests_.empty() && requests_.front().done) {
    requests_.pop();
    ++first_number_;
  }
}

std::size_t Datagrams::reply_size() const {
  return static_cast<std::size_t>(parameters().response_bytes);
}

}  // namespace elblab::workload
