#include "models/host/host.hpp"

#include <algorithm>

#include "models/host/icmp_endpoint.hpp"

namespace elblab::host {
namespace {

using telemetry::Reason;

Reason reason_of(net::ParseError error) {
  switch (error) {
    case net::ParseError::fragment:
      return Reason::fragment;
    case net::ParseError::unsupported_protocol:
      return Reason::unsupported_protocol;
    default:
      return Reason::malformed;
  }
}

}  // namespace

class Host::Impl {
 public:
  Impl(HostOptions host_options, const random::Stream& stream, telemetry::Recorder& recorder,
       net::PacketOutput& out)
      : options(std::move(host_options)),
        log(options.object, options.record_connections, counters, recorder),
        wire(options.addresses, options.mtu, counters, out),
        tcp(options, stream, counters, log, wire, notices),
        udp(stream.child("udp"), options.sysctls, counters, wire, notices),
        icmp(stream.child("icmp"), options.sysctls, counters, log, wire, tcp, udp) {}

  void receive(std::span<std::uint8_t> packet, bool looped, Instant now);
  // After a packet or a timer: what the host sent to itself, and the last calls of sockets.
  void settle(Instant now);
  void note(Instant now) { last_call = std::max(last_call, now); }

  HostOptions options;
  HostCounters counters;
  HostLog log;
  NetworkInterface wire;
  SocketNotices notices;
  TcpStack tcp;
  UdpSockets udp;
  IcmpEndpoint icmp;
  Instant last_call = kStart;

 private:
  bool martian(const net::IpAddress& source) const;
  void dispatch(net::PacketView& view, Instant now);

  std::vector<std::vector<std::uint8_t>> looped_;
};

bool Host::Impl::martian(const net::IpAddress& source) const {
  if (source.is_loopback() || source.is_multicast()) return true;  // row 41
  if (source.is_v4() && source.v4_value() == 0xFFFFFFFF) return true;
  return options.sysctls.accept_local == 0 && wire.is_own(source);  // rows 40, 42
}

void Host::Impl::receive(std::span<std::uint8_t> packet, bool looped, Instant now) {
  net::PacketView view;
  const net::ParseError error = net::PacketView::parse(packet, view);
  if (error != net::ParseError::none) {
    log.drop(reason_of(error), {}, now);
    return;
  }
  if (!view.ip_checksum_ok()) {
    log.drop(Reason::bad_checksum, view.flow(), now);
    return;
  }
  const net::IpAddress destination = view.destination();
  if (!wire.is_own(destination) && !(looped && destination.is_loopback())) {
    log.drop(Reason::not_for_us, view.flow(), now);
    return;
  }
  const net::IpAddress source = view.source();
  if ((!looped && martian(source)) || source.is_unspecified()) {
    log.drop(Reason::martian_source, view.flow(), now);
    return;
  }
  if (!view.transport_checksum_ok()) {
    log.drop(Reason::bad_checksum, view.flow(), now);
    return;
  }
  dispatch(view, now);
}

void Host::Impl::dispatch(net::PacketView& view, Instant now) {
  switch (view.protocol()) {
    case net::Protocol::tcp:
      tcp.receive(Segment::read(view), now);
      return;
    case net::Protocol::udp:
      if (!udp.receive({view.destination(), view.destination_port()},
                       {view.source(), view.source_port()}, view.payload(), now)) {
        icmp.port_unreachable(view, now);
      }
      return;
    case net::Protocol::icmp:
    case net::Protocol::icmpv6:
      icmp.receive(view, now);
      return;
  }
}

void Host::Impl::settle(Instant now) {
  notices.deliver(now);
  while (wire.loop_pending()) {
    wire.take_looped(looped_);
    for (std::vector<std::uint8_t>& packet : looped_) receive(packet, true, now);
    looped_.clear();
    notices.deliver(now);
  }
}

Host::Host(HostOptions options, random::Stream stream, telemetry::Recorder& recorder,
           net::PacketOutput& out)
    : impl_(std::make_unique<Impl>(std::move(options), stream, recorder, out)) {}

Host::~Host() = default;

void Host::receive(std::span<std::uint8_t> packet, Instant now) {
  impl_->note(now);
  ++impl_->counters.packets_in;
  impl_->counters.bytes_in += packet.size();
  impl_->receive(packet, false, now);
  impl_->settle(now);
}

Instant Host::next_deadline() const {
  if (impl_->wire.loop_pending()) return impl_->last_call;
  return std::min(impl_->tcp.next_deadline(), impl_->notices.next_deadline());
}

void Host::advance(Instant now) {
  impl_->note(now);
  impl_->tcp.advance(now);
  impl_->settle(now);
}

void Host::finish(Instant now) { impl_->tcp.finish(now); }

// What every connection changes, and is seldom asked for, is found out when it is.
const HostCounters& Host::counters() const {
  const TcpStack::Occupancy occupancy = impl_->tcp.occupancy();
  impl_->counters.accept_queue = occupancy.accept_queue;
  impl_->counters.accept_queue_limit = occupancy.accept_queue_limit;
  impl_->counters.local_ports = occupancy.local_ports;
  return impl_->counters;
}
const HostOptions& Host::options() const { return impl_->options; }

void Host::set_sysctl(const SysctlEntry& entry, std::int64_t value) {
  impl_->options.sysctls.*entry.member = std::clamp(value, entry.low, entry.high);
  impl_->tcp.sysctls_changed();
}

std::size_t Host::accept_queue_length(ListenerId listener) const {
  return impl_->tcp.accept_queue_length(listener);
}

std::size_t Host::memory_bytes() const {
  return sizeof(Impl) + impl_->tcp.memory_bytes() + impl_->udp.memory_bytes();
}

ConnectResult Host::connect(const net::Endpoint& source, const net::Endpoint& destination,
                            SocketEvents& events, Instant now) {
  impl_->note(now);
  return impl_->tcp.connect(source, destination, events, now);
}

std::optional<ListenerId> Host::listen(const ListenOptions& options, SocketEvents& events,
                                       Instant now) {
  impl_->note(now);
  return impl_->tcp.listen(options, events);
}

void Host::stop_listening(ListenerId listener, Instant now) {
  impl_->note(now);
  impl_->tcp.stop_listening(listener, now);
}

SocketId Host::accept(ListenerId listener, SocketEvents& events, Instant now) {
  impl_->note(now);
  return impl_->tcp.accept(listener, events, now);
}

SocketError Host::send(SocketId socket, std::span<const std::uint8_t> bytes, Instant now) {
  impl_->note(now);
  return impl_->tcp.send(socket, bytes, now);
}

SocketError Host::send_pattern(SocketId socket, std::uint64_t bytes, Instant now) {
  impl_->note(now);
  return impl_->tcp.send_pattern(socket, bytes, now);
}

void Host::read_on_demand(SocketId socket) { impl_->tcp.read_on_demand(socket); }

void Host::read(SocketId socket, Instant now) {
  impl_->note(now);
  impl_->tcp.read(socket, now);
}

void Host::shutdown(SocketId socket, Instant now) {
  impl_->note(now);
  impl_->tcp.shutdown(socket, now);
}

void Host::close(SocketId socket, Instant now) {
  impl_->note(now);
  if (UdpSockets::is_udp(socket)) {
    impl_->udp.close(socket, SocketError::none, now);
  } else {
    impl_->tcp.close(socket, now);
  }
}

void Host::abort(SocketId socket, Instant now) {
  impl_->note(now);
  if (UdpSockets::is_udp(socket)) {
    impl_->udp.close(socket, SocketError::none, now);
  } else {
    impl_->tcp.abort(socket, now);
  }
}

ConnectResult Host::open_udp(const net::Endpoint& local, const std::optional<net::Endpoint>& peer,
                             SocketEvents& events, Instant now) {
  impl_->note(now);
  return impl_->udp.open(local, peer, events);
}

SocketError Host::send_datagram(SocketId socket, const net::Endpoint& to,
                                std::span<const std::uint8_t> bytes, Instant now) {
  impl_->note(now);
  return impl_->udp.send(socket, to, bytes);
}

std::optional<net::Endpoint> Host::local_endpoint(SocketId socket) const {
  if (const UdpSocket* udp = impl_->udp.find(socket)) return udp->local;
  if (const TcpConnection* tcp = impl_->tcp.find(socket)) return tcp->local;
  return std::nullopt;
}

std::optional<net::Endpoint> Host::peer_endpoint(SocketId socket) const {
  if (const UdpSocket* udp = impl_->udp.find(socket)) return udp->peer;
  if (const TcpConnection* tcp = impl_->tcp.find(socket)) return tcp->remote;
  return std::nullopt;
}

}  // namespace elblab::host
