#include "models/net/packet_view.hpp"

#include <cstring>

#include "models/contract/require.hpp"
#include "models/net/checksum.hpp"
#include "models/net/header_sizes.hpp"
#include "models/net/ipv6_extensions.hpp"

namespace elblab::net {
namespace {

constexpr std::size_t kV4Checksum = 10;
constexpr std::size_t kV4Source = 12;
constexpr std::size_t kV4Destination = 16;
constexpr std::size_t kV6Source = 8;
constexpr std::size_t kV6Destination = 24;
constexpr std::uint16_t kMoreFragmentsAndOffset = 0x3FFF;
constexpr std::size_t kLargestOffset = 0xFFFF;

constexpr std::size_t checksum_offset(Protocol protocol) {
  switch (protocol) {
    case Protocol::tcp:
      return 16;
    case Protocol::udp:
      return 6;
    case Protocol::icmp:
    case Protocol::icmpv6:
      break;
  }
  return 2;
}

struct IpHeader {
  std::size_t size = 0;  // of the packet without padding
  std::size_t transport = 0;
  std::uint8_t protocol = 0;
};

ParseError parse_v4(std::span<const std::uint8_t> bytes, IpHeader& header) {
  if (bytes.size() < kV4Header) return ParseError::truncated;
  const std::uint8_t* const p = bytes.data();
  header.transport = std::size_t{p[0] & 0x0FU} * 4;
  header.size = load16(p + 2);
  header.protocol = p[9];
  if (header.transport < kV4Header) return ParseError::bad_header_length;
  if (header.size < header.transport) return ParseError::bad_length;
  if (header.size > bytes.size()) return ParseError::truncated;
  if ((load16(p + 6) & kMoreFragmentsAndOffset) != 0) return ParseError::fragment;
  return ParseError::none;
}

ParseError parse_v6(std::span<const std::uint8_t> bytes, IpHeader& header) {
  if (bytes.size() < kV6Header) return ParseError::truncated;
  header.size = kV6Header + load16(bytes.data() + 4);
  if (header.size > bytes.size()) return ParseError::truncated;
  // RFC 4942 §2.2: a mapped address on the wire would pass for an IPv4 flow.
  if (IpAddress::from_v6_bytes(bytes.data() + kV6Source).is_v4() ||
      IpAddress::from_v6_bytes(bytes.data() + kV6Destination).is_v4()) {
    return ParseError::bad_version;
  }
  const Ipv6Chain chain = walk_ipv6_extensions(bytes.first(header.size));
  header.transport = chain.transport;
  header.protocol = chain.next_header;
  if (chain.error == ParseError::none && chain.transport + kTcpHeader > kLargestOffset) {
    return ParseError::bad_header_length;
  }
  return chain.error;
}

}  // namespace

const char* to_string(ParseError error) {
  switch (error) {
    case ParseError::none:
      return "none";
    case ParseError::truncated:
      return "truncated";
    case ParseError::bad_version:
      return "bad_version";
    case ParseError::bad_header_length:
      return "bad_header_length";
    case ParseError::bad_length:
      return "bad_length";
    case ParseError::fragment:
      return "fragment";
    case ParseError::unsupported_protocol:
      return "unsupported_protocol";
  }
  return "unknown";
}

ParseError PacketView::parse(std::span<std::uint8_t> bytes, PacketView& view) {
  view = PacketView();
  if (bytes.empty()) return ParseError::truncated;
  const unsigned version = bytes[0] >> 4;
  if (version != 4 && version != 6) return ParseError::bad_version;
  IpHeader header;
  const ParseError ip = version == 4 ? parse_v4(bytes, header) : parse_v6(bytes, header);
  if (ip != ParseError::none) return ip;
  view.data_ = bytes.data();
  view.v4_ = version == 4;
  view.size_ = static_cast<std::uint32_t>(header.size);
  view.end_ = view.size_;
  view.transport_ = static_cast<std::uint16_t>(header.transport);
  const ParseError transport = view.parse_transport(header.protocol);
  if (transport != ParseError::none) view = PacketView();
  return transport;
}

ParseError PacketView::parse_transport(std::uint8_t protocol) {
  protocol_ = static_cast<Protocol>(protocol);
  const std::size_t length = size_ - transport_;
  const std::uint8_t* const p = data_ + transport_;
  std::size_t header = 0;
  if (protocol_ == Protocol::tcp) {
    if (length < kTcpHeader) return ParseError::bad_length;
    header = std::size_t{p[12]} / 16 * 4;
    if (header < kTcpHeader) return ParseError::bad_header_length;
    if (header > length) return ParseError::bad_length;
  } else if (protocol_ == Protocol::udp) {
    if (length < kUdpHeader) return ParseError::bad_length;
    const std::size_t udp_length = load16(p + 4);
    if (udp_length < kUdpHeader || udp_length > length) return ParseError::bad_length;
    end_ = static_cast<std::uint32_t>(transport_ + udp_length);
    header = kUdpHeader;
  } else if (protocol_ == (v4_ ? Protocol::icmp : Protocol::icmpv6)) {
    if (length < kIcmpHeader) return ParseError::bad_length;
    header = kIcmpHeader;
  } else {
    return ParseError::unsupported_protocol;
  }
  const std::size_t payload = transport_ + header;
  if (payload > kLargestOffset) return ParseError::bad_header_length;
  payload_ = static_cast<std::uint16_t>(payload);
  return ParseError::none;
}

bool PacketView::ip_checksum_ok() const {
  if (!v4_) return true;
  const std::size_t header = std::size_t{data_[0] & 0x0FU} * 4;
  return fold(sum_bytes({data_, header})) == 0xFFFF;
}

bool PacketView::transport_checksum_ok() const {
  const auto covered = segment();
  if (protocol_ == Protocol::udp && load16(covered.data() + checksum_offset(protocol_)) == 0) {
    return v4_;  // RFC 768: none was sent; over IPv6 it is not optional (RFC 8200 §8.1)
  }
  std::uint64_t sum = 0;
  if (protocol_ != Protocol::icmp) {
    sum = pseudo_header_sum(source(), destination(), protocol_,
                            static_cast<std::uint32_t>(covered.size()));
  }
  return fold(sum_bytes(covered, sum)) == 0xFFFF;
}

void PacketView::set_source(const Endpoint& to) {
  if (v4_) {
    rewrite_v4(kV4Source, 0, to);
  } else {
    rewrite_v6(kV6Source, 0, to);
  }
}

void PacketView::set_destination(const Endpoint& to) {
  if (v4_) {
    rewrite_v4(kV4Destination, 2, to);
  } else {
    rewrite_v6(kV6Destination, 2, to);
  }
}

void PacketView::set_endpoints(const Endpoint& source, const Endpoint& destination) {
  if (!v4_ || !has_ports()) {
    set_source(source);
    set_destination(destination);
    return;
  }
  ELBLAB_REQUIRE(source.address.is_v4() && destination.address.is_v4(),
                 "the new addresses are of the packet's family");
  ChecksumDelta delta;
  const std::uint32_t from = source.address.v4_value();
  const std::uint32_t to = destination.address.v4_value();
  delta.replace32(load32(data_ + kV4Source), from);
  delta.replace32(load32(data_ + kV4Destination), to);
  store32(data_ + kV4Source, from);
  store32(data_ + kV4Destination, to);
  store16(data_ + kV4Checksum, delta.apply(load16(data_ + kV4Checksum)));
  const std::uint32_t ports = std::uint32_t{source.port} << 16 | destination.port;
  delta.replace32(load32(data_ + transport_), ports);
  store32(data_ + transport_, ports);
  update_transport_checksum(delta);
}

void PacketView::rewrite_v4(std::size_t address_offset, std::size_t port_offset,
                            const Endpoint& to) {
  ELBLAB_REQUIRE(to.address.is_v4(), "the new address is of the packet's family");
  ChecksumDelta delta;
  const std::uint32_t after = to.address.v4_value();
  delta.replace32(load32(data_ + address_offset), after);
  store32(data_ + address_offset, after);
  store16(data_ + kV4Checksum, delta.apply(load16(data_ + kV4Checksum)));
  if (!has_ports()) return;  // the ICMP checksum covers no addresses (RFC 792)
  std::uint8_t* const port = data_ + transport_ + port_offset;
  delta.replace16(load16(port), to.port);
  store16(port, to.port);
  update_transport_checksum(delta);
}

void PacketView::rewrite_v6(std::size_t address_offset, std::size_t port_offset,
                            const Endpoint& to) {
  ELBLAB_REQUIRE(!to.address.is_v4(), "the new address is of the packet's family");
  ChecksumDelta delta;
  delta.replace_address(IpAddress::from_v6_bytes(data_ + address_offset), to.address);
  std::memcpy(data_ + address_offset, to.address.bytes().data(), to.address.bytes().size());
  if (has_ports()) {
    std::uint8_t* const port = data_ + transport_ + port_offset;
    delta.replace16(load16(port), to.port);
    store16(port, to.port);
  }
  update_transport_checksum(delta);
}

void PacketView::update_transport_checksum(const ChecksumDelta& delta) {
  std::uint8_t* const field = data_ + transport_ + checksum_offset(protocol_);
  const std::uint16_t before = load16(field);
  if (protocol_ != Protocol::udp) {
    store16(field, delta.apply(before));
    return;
  }
  if (before == 0) return;  // RFC 768: no checksum was sent, none is made up
  const std::uint16_t after = delta.apply(before);
  store16(field, after == 0 ? 0xFFFF : after);  // RFC 768: 0 would mean "none"
}

bool PacketView::decrement_time_to_live() {
  std::uint8_t& hops = data_[v4_ ? 8 : 7];
  if (hops <= 1) return false;
  if (v4_) {
    ChecksumDelta delta;
    const std::uint16_t before = load16(data_ + 8);  // time to live and protocol
    delta.replace16(before, static_cast<std::uint16_t>(before - 0x100));
    store16(data_ + kV4Checksum, delta.apply(load16(data_ + kV4Checksum)));
  }
  --hops;
  return true;
}

}  // namespace elblab::net
