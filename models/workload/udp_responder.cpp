#include "models/workload/udp_responder.hpp"

#include <algorithm>

#include "models/workload/pattern.hpp"

namespace elblab::workload {

using host::SocketError;
using host::SocketId;

UdpResponder::UdpResponder(const ServerParameters& parameters, host::Sockets& sockets)
    : Server(parameters, sockets), buffer_(kLargestDatagram) {}

void UdpResponder::start(Instant now) {
  started_ = true;
  set_listening(parameters().listening, now);
}

void UdpResponder::set_listening(bool listening, Instant now) {
  mutable_parameters().listening = listening;
  if (!started_ || listening == (socket_ != 0)) return;
  if (listening) {
    net::Endpoint local;
    local.port = parameters().port;
    socket_ = sockets().open_udp(local, std::nullopt, *this, now).socket;
    return;
  }
  const SocketId socket = socket_;
  socket_ = 0;
  sockets().close(socket, now);
}

Instant UdpResponder::next_deadline() const { return services_.next_deadline(); }

void UdpResponder::advance(Instant now) {
  while (services_.next_deadline() <= now) respond(services_.take(), now);
}

void UdpResponder::datagram(SocketId socket, const net::Endpoint& from,
                            std::span<const std::uint8_t> bytes, Instant now) {
  if (socket != socket_) return;
  const auto header = RequestHeader::read(bytes);
  if (!header || header->request_bytes != bytes.size()) {
    ++counted().malformed_requests;
    return;
  }
  if (!matches_pattern(bytes.subspan(kRequestHeaderBytes), kRequestHeaderBytes)) {
    ++counted().damaged_requests;
    return;
  }
  ++counted().requests;
  if ((header->flags & request_flag::no_reply) != 0) return;
  const Service service{from, *header};
  const Instant due = now + parameters().service_time + header->delay;
  if (due > now) {
    services_.set(due, service);
  } else {
    respond(service, now);
  }
}

void UdpResponder::respond(const Service& service, Instant now) {
  if (socket_ == 0) return;  // stopped meanwhile
  const auto size = static_cast<std::size_t>(std::clamp<std::uint64_t>(
      service.header.response_bytes, kRequestHeaderBytes, kLargestDatagram));
  const auto bytes = write_request(buffer_, service.header, size);
  if (sockets().send_datagram(socket_, service.to, bytes, now) == SocketError::none) {
    ++counted().responses;
  }
}

void UdpResponder::closed(SocketId socket, SocketError, Instant) {
  if (socket == socket_) socket_ = 0;
}

}  // namespace elblab::workload
