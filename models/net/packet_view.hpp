// A view over the raw bytes of one IPv4 or IPv6 packet (no link-layer header).
//
// parse() checks everything the accessors rely on, so that no accessor can read outside the
// packet whatever the bytes were. The view does not own the bytes; it is valid as long as they
// are. Trailing link padding is cut by the IP total length (RFC 894 frames are padded to 60 bytes).
// Sources: RFC 791, RFC 8200, RFC 9293, RFC 768, RFC 792, RFC 4443.
#pragma once

#include <cstdint>
#include <span>

#include "models/net/address.hpp"
#include "models/net/bytes.hpp"
#include "models/net/flow_key.hpp"

namespace elblab::net {

enum class ParseError : std::uint8_t {
  none,
  truncated,          // fewer bytes than a header or the total length asks for
  bad_version,        // neither 4 nor 6, or an IPv4-mapped address in an IPv6 header
  bad_header_length,  // IPv4 IHL below 5, IPv6 extension chain malformed, TCP data offset below 5
  bad_length,         // total length shorter than the headers, UDP length impossible
  fragment,           // a fragment (the engine does not reassemble)
  unsupported_protocol,  // neither TCP, UDP, ICMP nor ICMPv6
};

const char* to_string(ParseError error);

// TCP flag bits as they stand in the header.
namespace tcp_flag {
inline constexpr std::uint8_t fin = 0x01;
inline constexpr std::uint8_t syn = 0x02;
inline constexpr std::uint8_t rst = 0x04;
inline constexpr std::uint8_t psh = 0x08;
inline constexpr std::uint8_t ack = 0x10;
inline constexpr std::uint8_t urg = 0x20;
}  // namespace tcp_flag

class ChecksumDelta;

class PacketView {
 public:
  PacketView() = default;
  // On any error the view is left unusable. O(1) for IPv4, O(extension headers) for IPv6.
  static ParseError parse(std::span<std::uint8_t> bytes, PacketView& view);

  // The packet without link padding.
  std::span<std::uint8_t> bytes() const { return {data_, size_}; }
  bool is_v4() const { return v4_; }
  Protocol protocol() const { return protocol_; }
  IpAddress source() const {
    return v4_ ? IpAddress::from_v4_bytes(data_ + 12) : IpAddress::from_v6_bytes(data_ + 8);
  }
  IpAddress destination() const {
    return v4_ ? IpAddress::from_v4_bytes(data_ + 16) : IpAddress::from_v6_bytes(data_ + 24);
  }
  std::uint8_t time_to_live() const { return v4_ ? data_[8] : data_[7]; }
  // True for IPv6 (which has no header checksum) and for a right IPv4 header checksum.
  bool ip_checksum_ok() const;

  // Transport header and everything behind it.
  std::span<std::uint8_t> transport() const { return {data_ + transport_, size_ - transport_}; }
  std::size_t transport_offset() const { return transport_; }
  // What the transport carries: TCP or UDP payload (up to the UDP length, which may end before the
  // IP packet does), the body of an ICMP message.
  std::span<std::uint8_t> payload() const { return {data_ + payload_, end_ - payload_}; }

  // TCP and UDP only; 0 for ICMP.
  std::uint16_t source_port() const { return has_ports() ? load16(data_ + transport_) : 0; }
  std::uint16_t destination_port() const {
    return has_ports() ? load16(data_ + transport_ + 2) : 0;
  }
  bool has_ports() const { return protocol_ == Protocol::tcp || protocol_ == Protocol::udp; }
  FlowKey flow() const {
    return {{source(), source_port()}, {destination(), destination_port()}, protocol_};
  }

  // TCP only.
  std::uint32_t sequence() const { return load32(data_ + transport_ + 4); }
  std::uint32_t acknowledgment() const { return load32(data_ + transport_ + 8); }
  std::uint8_t tcp_flags() const { return data_[transport_ + 13]; }
  std::uint16_t window() const { return load16(data_ + transport_ + 14); }
  std::span<const std::uint8_t> tcp_options() const {
    return {data_ + transport_ + 20, payload_ - transport_ - 20u};
  }

  // ICMP and ICMPv6 only.
  std::uint8_t icmp_type() const { return data_[transport_]; }
  std::uint8_t icmp_code() const { return data_[transport_ + 1]; }

  // Full recomputation over the transport; O(packet). A UDP checksum of 0 over IPv4 is "none"
  // (RFC 768) and counts as right.
  bool transport_checksum_ok() const;

  // Rewrites in place with incremental checksum updates (RFC 1624). The new address must be of
  // the packet's family. Ports are ignored for ICMP.
  void set_source(const Endpoint& to);
  void set_destination(const Endpoint& to);
  // As both, one after the other, for less.
  void set_endpoints(const Endpoint& source, const Endpoint& destination);
  // False when the packet would have lived no longer (it is then left unchanged).
  bool decrement_time_to_live();

 private:
  ParseError parse_transport(std::uint8_t protocol);
  // Transport bytes that its checksum covers.
  std::span<const std::uint8_t> segment() const { return {data_ + transport_, end_ - transport_}; }
  void rewrite_v4(std::size_t address_offset, std::size_t port_offset, const Endpoint& to);
  void rewrite_v6(std::size_t address_offset, std::size_t port_offset, const Endpoint& to);
  void update_transport_checksum(const ChecksumDelta& delta);

  std::uint8_t* data_ = nullptr;
  std::uint32_t size_ = 0;
  std::uint32_t end_ = 0;  // of the payload
  std::uint16_t transport_ = 0;
  std::uint16_t payload_ = 0;
  Protocol protocol_ = Protocol::tcp;
  bool v4_ = true;
};

}  // namespace elblab::net
