#include "models/net/icmp.hpp"

#include <algorithm>
#include <cstring>

#include "models/net/checksum.hpp"
#include "models/net/header_sizes.hpp"
#include "models/net/ipv6_extensions.hpp"
#include "models/net/packet_builder.hpp"

namespace elblab::net {
namespace {

constexpr std::uint16_t kFragmentOffset = 0x1FFF;
constexpr std::size_t kPorts = 4;
constexpr std::size_t kTcpChecksumEnd = 18;  // the deepest byte a rewrite changes
constexpr std::uint8_t kV4Redirect = 5;
constexpr std::uint8_t kV6LastKnownError = 4;  // unreachable, too big, time exceeded, parameter

// The start of a packet as an error quotes it: its end may be cut (RFC 792: header + 8 bytes).
struct Quote {
  std::span<std::uint8_t> bytes;
  bool v4 = true;
  std::size_t transport = 0;
  Protocol protocol = Protocol::tcp;

  bool has_ports() const { return protocol == Protocol::tcp || protocol == Protocol::udp; }
  std::uint8_t* address(bool of_source) const {
    const std::size_t first = v4 ? 12 : 8;
    return bytes.data() + first + (of_source ? 0U : (v4 ? 4U : 16U));
  }
  IpAddress read_address(bool of_source) const {
    return v4 ? IpAddress::from_v4_bytes(address(of_source))
              : IpAddress::from_v6_bytes(address(of_source));
  }
  Endpoint endpoint(bool of_source) const {
    const std::size_t port = transport + (of_source ? 0U : 2U);
    return {read_address(of_source), has_ports() ? load16(bytes.data() + port) : std::uint16_t{0}};
  }
};

bool is_error(const PacketView& icmp) {
  const std::uint8_t type = icmp.protocol() == Protocol::icmp || icmp.protocol() == Protocol::icmpv6
                                ? icmp.icmp_type()
                                : std::uint8_t{0};
  if (icmp.protocol() == Protocol::icmpv6) return type >= 1 && type <= kV6LastKnownError;
  return type == icmp_type::destination_unreachable || type == icmp_type::source_quench ||
         type == icmp_type::time_exceeded || type == icmp_type::parameter_problem ||
         type == kV4Redirect;
}

bool read_v4(std::span<std::uint8_t> bytes, Quote& quote) {
  if (bytes.size() < kV4Header || bytes[0] >> 4 != 4) return false;
  quote.transport = std::size_t{bytes[0] & 0x0FU} * 4;
  quote.protocol = static_cast<Protocol>(bytes[9]);
  return quote.transport >= kV4Header && (load16(bytes.data() + 6) & kFragmentOffset) == 0;
}

bool read_v6(std::span<std::uint8_t> bytes, Quote& quote) {
  if (bytes.size() < kV6Header || bytes[0] >> 4 != 6) return false;
  const Ipv6Chain chain = walk_ipv6_extensions(bytes);
  quote.transport = chain.transport;
  quote.protocol = static_cast<Protocol>(chain.next_header);
  return chain.error == ParseError::none && !quote.read_address(true).is_v4() &&
         !quote.read_address(false).is_v4();
}

std::optional<Quote> read_quote(const PacketView& icmp) {
  if (!is_error(icmp)) return std::nullopt;
  Quote quote;
  quote.bytes = icmp.payload();
  quote.v4 = icmp.is_v4();
  if (!(quote.v4 ? read_v4(quote.bytes, quote) : read_v6(quote.bytes, quote))) return std::nullopt;
  const Protocol icmp_protocol = quote.v4 ? Protocol::icmp : Protocol::icmpv6;
  if (!quote.has_ports() && quote.protocol != icmp_protocol) return std::nullopt;
  if (quote.transport + kPorts > quote.bytes.size()) return std::nullopt;
  return quote;
}

void write_endpoint(const Quote& quote, bool of_source, const Endpoint& to, ChecksumDelta& ip,
                    ChecksumDelta& transport) {
  const IpAddress before = quote.read_address(of_source);
  ip.replace_address(before, to.address);
  transport.replace_address(before, to.address);
  std::memcpy(quote.address(of_source), to.address.wire_bytes(), quote.v4 ? 4 : 16);
  if (!quote.has_ports()) return;
  std::uint8_t* const port = quote.bytes.data() + quote.transport + (of_source ? 0 : 2);
  transport.replace16(load16(port), to.port);
  store16(port, to.port);
}

constexpr std::size_t kIdentifier = 4;  // in an echo
constexpr std::size_t kIcmpChecksum = 2;

std::optional<Echo> read_echo(bool v4, const std::uint8_t* message) {
  const std::uint8_t type = message[0];
  const bool request = type == (v4 ? icmp_type::echo_request : icmp_type::v6_echo_request);
  const bool reply = type == (v4 ? icmp_type::echo_reply : icmp_type::v6_echo_reply);
  if (!request && !reply) return std::nullopt;
  return Echo{request, load16(message + kIdentifier)};
}

void write_identifier(std::uint8_t* message, std::uint16_t identifier) {
  ChecksumDelta delta;
  delta.replace16(load16(message + kIdentifier), identifier);
  store16(message + kIdentifier, identifier);
  store16(message + kIcmpChecksum, delta.apply(load16(message + kIcmpChecksum)));
}

// RFC 5508 §4.2: the quoted packet goes back to its original form; so does its checksum, as far
// as it is quoted.
void repair_quoted_transport(const Quote& quote, const ChecksumDelta& delta) {
  if (quote.protocol == Protocol::icmp) return;
  const std::size_t within = quote.protocol == Protocol::tcp   ? 16U
                             : quote.protocol == Protocol::udp ? 6U
                                                               : 2U;
  const std::size_t at = quote.transport + within;
  if (at + 2 > quote.bytes.size()) return;
  std::uint8_t* const field = quote.bytes.data() + at;
  const bool udp = quote.protocol == Protocol::udp;
  if (udp && load16(field) == 0) return;
  const std::uint16_t after = delta.apply(load16(field));
  store16(field, udp && after == 0 ? 0xFFFF : after);
}

}  // namespace

std::optional<FlowKey> quoted_flow(const PacketView& icmp_error) {
  const auto quote = read_quote(icmp_error);
  if (!quote) return std::nullopt;
  return FlowKey{quote->endpoint(true), quote->endpoint(false), quote->protocol};
}

bool rewrite_quoted(PacketView& icmp_error, const Endpoint& source, const Endpoint& destination) {
  const auto quote = read_quote(icmp_error);
  if (!quote || source.address.is_v4() != quote->v4 || destination.address.is_v4() != quote->v4) {
    return false;
  }
  // All changes lie in here; it begins at an even offset of the ICMP message.
  const auto changed =
      quote->bytes.first(std::min(quote->bytes.size(), quote->transport + kTcpChecksumEnd));
  const std::uint16_t sum_before = fold(sum_bytes(changed));
  ChecksumDelta ip;
  ChecksumDelta transport;
  write_endpoint(*quote, true, source, ip, transport);
  write_endpoint(*quote, false, destination, ip, transport);
  if (quote->v4) {
    std::uint8_t* const field = quote->bytes.data() + 10;
    store16(field, ip.apply(load16(field)));
  }
  repair_quoted_transport(*quote, transport);
  ChecksumDelta message;
  message.replace16(sum_before, fold(sum_bytes(changed)));
  std::uint8_t* const field = icmp_error.transport().data() + 2;
  store16(field, message.apply(load16(field)));
  return true;
}

bool is_icmp_error(std::span<const std::uint8_t> packet) {
  if (packet[0] >> 4 == 4) {
    if (packet[9] != static_cast<std::uint8_t>(Protocol::icmp)) return false;
    const std::size_t transport = std::size_t{packet[0] & 0x0FU} * 4;
    const std::uint8_t type = transport < packet.size() ? packet[transport] : std::uint8_t{0};
    return type == icmp_type::destination_unreachable || type == icmp_type::source_quench ||
           type == kV4Redirect || type == icmp_type::time_exceeded ||
           type == icmp_type::parameter_problem;
  }
  // Errors have types below 128 (RFC 4443 section 2.1).
  return packet[6] == static_cast<std::uint8_t>(Protocol::icmpv6) && packet.size() > kV6Header &&
         packet[kV6Header] < 128;
}

std::size_t build_too_long(std::span<std::uint8_t> out, std::span<const std::uint8_t> packet,
                           std::uint32_t mtu_bytes) {
  if (is_icmp_error(packet)) return 0;
  constexpr std::size_t kQuotedV4 = 548;  // RFC 1812 section 4.3.2.3: 576 in all
  IpFields ip;
  if (packet[0] >> 4 == 4) {
    ip.source = IpAddress::v4(192, 0, 0, 8);
    ip.destination = IpAddress::from_v4_bytes(packet.data() + 12);
    return build_icmp(out, ip, icmp_type::destination_unreachable, kIcmpFragmentationNeeded,
                      mtu_bytes, packet.first(std::min(packet.size(), kQuotedV4)));
  }
  ip.source = *IpAddress::parse("64:ff9b:1::8");
  ip.destination = IpAddress::from_v6_bytes(packet.data() + 8);
  const std::size_t room = kLongestNotice - kV6Header - kIcmpHeader;
  return build_icmp(out, ip, icmp_type::v6_packet_too_big, 0, mtu_bytes,
                    packet.first(std::min(packet.size(), room)));
}

std::optional<Echo> echo_of(const PacketView& packet) {
  return packet.has_ports() ? std::nullopt : read_echo(packet.is_v4(), packet.transport().data());
}

std::optional<Echo> quoted_echo(const PacketView& icmp_error) {
  const auto quote = read_quote(icmp_error);
  if (!quote || quote->has_ports()) return std::nullopt;
  if (quote->transport + kIdentifier + 2 > quote->bytes.size()) return std::nullopt;
  return read_echo(quote->v4, quote->bytes.data() + quote->transport);
}

void set_echo_identifier(PacketView& echo, std::uint16_t identifier) {
  if (echo_of(echo)) write_identifier(echo.transport().data(), identifier);
}

void set_quoted_echo_identifier(PacketView& icmp_error, std::uint16_t identifier) {
  if (!quoted_echo(icmp_error)) return;
  const auto quote = read_quote(icmp_error);
  // Both words that change lie here, at an even offset of the message.
  const auto changed = quote->bytes.subspan(quote->transport, kIdentifier + 2);
  const std::uint16_t sum_before = fold(sum_bytes(changed));
  write_identifier(changed.data(), identifier);
  ChecksumDelta message;
  message.replace16(sum_before, fold(sum_bytes(changed)));
  std::uint8_t* const field = icmp_error.transport().data() + kIcmpChecksum;
  store16(field, message.apply(load16(field)));
}

}  // namespace elblab::net
