#include "models/host/icmp_endpoint.hpp"

#include <algorithm>
#include <array>

#include "models/host/icmp_error.hpp"
#include "models/net/icmp.hpp"

namespace elblab::host {
namespace {

using telemetry::Reason;

constexpr std::size_t kQuotedV4 = 576 - 20 - 8;   // RFC 1812 §4.3.2.3, as Linux cuts it
constexpr std::size_t kQuotedV6 = 1280 - 40 - 8;  // RFC 4443 §2.4 (c)

bool is_echo_request(const net::PacketView& packet) {
  return packet.icmp_type() ==
         (packet.is_v4() ? net::icmp_type::echo_request : net::icmp_type::v6_echo_request);
}

bool is_too_long(const net::PacketView& packet) {
  if (!packet.is_v4()) return packet.icmp_type() == net::icmp_type::v6_packet_too_big;
  return packet.icmp_type() == net::icmp_type::destination_unreachable &&
         packet.icmp_code() == net::kIcmpFragmentationNeeded;
}

bool is_timestamp_request(const net::PacketView& packet) {
  return packet.is_v4() && packet.icmp_type() == net::icmp_type::timestamp_request;
}

// The TCP sequence number in the quoted packet. quoted_flow() has checked that 8 bytes of the
// transport header are there.
std::uint32_t quoted_sequence(std::span<const std::uint8_t> quoted, bool v4) {
  const std::size_t header = v4 ? (quoted[0] & 0xFU) * 4U : 40U;
  return quoted.size() >= header + 8 ? net::load32(quoted.data() + header + 4) : 0;
}

}  // namespace

void IcmpEndpoint::receive(const net::PacketView& packet, Instant now) {
  if (is_echo_request(packet)) {
    echo(packet, now);
  } else if (is_too_long(packet)) {
    too_long(packet, now);
  } else if (is_timestamp_request(packet)) {
    timestamp(packet, now);
  } else {
    error(packet, now);
  }
}

// Only TCP sends packets of a size of its own choosing (RFC 8899 would be an application's).
void IcmpEndpoint::too_long(const net::PacketView& packet, Instant now) {
  const std::optional<net::FlowKey> flow = net::quoted_flow(packet);
  if (!flow || !wire_.is_own(flow->source.address)) return;
  const std::uint32_t rest = net::load32(packet.transport().data() + 4);
  const std::uint32_t mtu_bytes = packet.is_v4() ? rest & 0xFFFFU : rest;
  if (mtu_bytes == 0 || flow->protocol != net::Protocol::tcp) return;  // RFC 1191 section 5
  tcp_.packet_too_long(*flow, quoted_sequence(packet.payload(), packet.is_v4()), mtu_bytes, now);
}

void IcmpEndpoint::echo(const net::PacketView& packet, Instant now) {
  if (sysctls_.icmp_echo_ignore_all != 0) {  // HC-48
    log_.drop(Reason::echo_ignored, packet.flow(), now);
    return;
  }
  const std::uint8_t type =
      packet.is_v4() ? net::icmp_type::echo_reply : net::icmp_type::v6_echo_reply;
  if (!limiter_.allow(net::icmp_type::echo_reply, packet.source(), sysctls_, now)) {
    ++counters_.icmp_rate_limited;
    log_.drop(Reason::rate_limited, packet.flow(), now);
    return;
  }
  const std::uint32_t rest = net::load32(packet.transport().data() + 4);
  // The code goes back as it came, though there is none but 0.
  wire_.send_icmp(packet.destination(), packet.source(), type, packet.icmp_code(), rest,
                  packet.payload());
}

// RFC 792: its time, ours on receipt and ours on sending, in ms since midnight.
void IcmpEndpoint::timestamp(const net::PacketView& packet, Instant now) {
  constexpr std::size_t kTime = 4;
  constexpr std::int64_t kDay_ms = 86'400'000;
  if (packet.payload().size() < kTime) return;
  std::array<std::uint8_t, 3 * kTime> times{};
  std::copy_n(packet.payload().begin(), kTime, times.begin());
  const auto ms =
      static_cast<std::uint32_t>(now.time_since_epoch() / std::chrono::milliseconds(1) % kDay_ms);
  net::store32(times.data() + kTime, ms);
  net::store32(times.data() + 2 * kTime, ms);
  const std::uint32_t rest = net::load32(packet.transport().data() + 4);
  wire_.send_icmp(packet.destination(), packet.source(), net::icmp_type::timestamp_reply, 0, rest,
                  times);
}

void IcmpEndpoint::port_unreachable(const net::PacketView& packet, Instant now) {
  log_.drop(Reason::port_closed, packet.flow(), now);
  // ICMPv6's unreachable is counted as ICMP's, so that one mask serves both.
  if (!limiter_.allow(net::icmp_type::destination_unreachable, packet.source(), sysctls_, now)) {
    ++counters_.icmp_rate_limited;
    return;
  }
  ++counters_.icmp_unreachable_sent;
  const std::span<const std::uint8_t> whole = packet.bytes();
  const std::size_t most = packet.is_v4() ? kQuotedV4 : kQuotedV6;
  const auto quoted = whole.first(std::min(whole.size(), most));
  if (packet.is_v4()) {
    wire_.send_icmp(packet.destination(), packet.source(), net::icmp_type::destination_unreachable,
                    net::kIcmpPortUnreachable, 0, quoted);
  } else {
    wire_.send_icmp(packet.destination(), packet.source(),
                    net::icmp_type::v6_destination_unreachable, net::kIcmpV6PortUnreachable, 0,
                    quoted);
  }
}

void IcmpEndpoint::error(const net::PacketView& packet, Instant now) {
  const std::optional<IcmpError> error =
      icmp_error(packet.is_v4(), packet.icmp_type(), packet.icmp_code());
  if (!error) return;
  const std::optional<net::FlowKey> flow = net::quoted_flow(packet);
  if (!flow || !wire_.is_own(flow->source.address)) return;
  if (flow->protocol == net::Protocol::tcp) {
    tcp_.failed(*flow, quoted_sequence(packet.payload(), packet.is_v4()), *error, now);
  } else if (flow->protocol == net::Protocol::udp && error->hard) {
    udp_.failed(*flow, error->error, now);
  }
}

}  // namespace elblab::host
