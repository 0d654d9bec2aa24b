#include "models/workload/udp_responder.hpp"

#include <algorithm>

#include "models/workload/pattern.hpp"

namespace elblab::workload {

using host::SocketError;
using host::SocketId;

UdpResponder::UdpResponder(const ServerParameters& parameters, host::Sockets& sockets,
                           CpuQueue* cpus)
    : Server(parameters, sockets),
      cpus_(cpus),
      quic_(parameters.connection_id_bytes, parameters.connection_id_seed),
      buffer_(kLargestDatagram) {}

void UdpResponder::open_port(Instant now) {
  net::Endpoint local;
  local.port = parameters().port;
  socket_ = sockets().open_udp(local, std::nullopt, events(), now).socket;
}

void UdpResponder::close_port(Instant now) {
  const SocketId socket = socket_;
  socket_ = 0;
  drop_waiting();
  sockets().close(socket, now);
}

Instant UdpResponder::next_deadline() const { return services_.next_deadline(); }

void UdpResponder::advance(Instant now) {
  while (services_.next_deadline() <= now) respond(services_.take(), now);
}

void UdpResponder::on_datagram(SocketId socket, const net::Endpoint& from,
                               std::span<const std::uint8_t> bytes, Instant now) {
  if (socket != socket_) return;
  if (denies(from.address)) {
    ++counted().denied;
    return;
  }
  if (quic::is_quic(bytes)) return take_quic(bytes, from, now);
  take_request(bytes, from, kNoConnection, now);
}

void UdpResponder::take_quic(std::span<const std::uint8_t> bytes, const net::Endpoint& from,
                             Instant now) {
  std::span<const std::uint8_t> answer;
  if (const auto carried = quic_.read(bytes)) {
    if (carried->number) {
      ++counted().sessions_kept;
      return take_request(carried->payload, from, *carried->number, now);
    }
    ++counted().sessions_lost;
    answer = quic_.reset_of(bytes, buffer_);
  } else if (const auto accepted = quic_.accept(bytes, from)) {
    if (accepted->is_new) ++counted().sessions_begun;
    answer = quic_.accepting(accepted->number, buffer_);
  } else {
    ++counted().malformed_requests;
  }
  if (!answer.empty()) sockets().send_datagram(socket_, from, answer, now);
}

void UdpResponder::take_request(std::span<const std::uint8_t> bytes, const net::Endpoint& from,
                                QuicService::Number connection, Instant now) {
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
  const Service service{from, *header, connection};
  if (cpus_ == nullptr) {
    respond_after_delay(service, now);
    return;
  }
  const std::uint32_t work = works_.acquire().slot;
  works_[work].service = service;
  works_[work].job = cpus_->submit(*this, work, now);
}

void UdpResponder::computed(std::uint32_t work, Instant now) {
  moved();
  const Service service = works_[work].service;
  works_.release(work);
  respond_after_delay(service, now);
}

void UdpResponder::drop_waiting() {
  for (std::uint32_t work = 0; work < works_.capacity(); ++work) {
    if (!works_.used(work)) continue;
    cpus_->cancel(works_[work].job);
    works_.release(work);
  }
}

void UdpResponder::respond_after_delay(const Service& service, Instant now) {
  if ((service.header.flags & request_flag::no_reply) != 0) return;
  const Instant due = now + parameters().service_time + service.header.delay;
  if (due > now) {
    services_.set(due, service);
  } else {
    respond(service, now);
  }
}

void UdpResponder::respond(const Service& service, Instant now) {
  if (socket_ == 0) return;  // stopped meanwhile
  std::size_t before = 0;    // the answer's first byte
  if (service.connection != kNoConnection) {
    before = quic_.header_of_next(service.connection, buffer_).size();
  }
  const auto size = static_cast<std::size_t>(std::clamp<std::uint64_t>(
      service.header.response_bytes, kRequestHeaderBytes, kLargestDatagram - before));
  write_request(std::span(buffer_).subspan(before), service.header, size);
  const auto bytes = std::span<const std::uint8_t>(buffer_).first(before + size);
  if (sockets().send_datagram(socket_, service.to, bytes, now) == SocketError::none) {
    ++counted().responses;
  }
}

void UdpResponder::on_closed(SocketId socket, SocketError, Instant) {
  if (socket != socket_) return;
  socket_ = 0;
  drop_waiting();
}

}  // namespace elblab::workload
