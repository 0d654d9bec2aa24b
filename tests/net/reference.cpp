#include "tests/net/reference.hpp"

namespace elblab::net::reference {
namespace {

void append16(Bytes& out, std::size_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8));
  out.push_back(static_cast<std::uint8_t>(value));
}

void append(Bytes& out, const Bytes& more) { out.insert(out.end(), more.begin(), more.end()); }

void put16(Bytes& bytes, std::size_t at, std::uint16_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}

std::uint8_t protocol_number(bool v4, Transport kind) {
  if (kind == Transport::tcp) return 6;
  if (kind == Transport::icmp) return v4 ? 1 : 58;
  return 17;
}

std::size_t tcp_header(random::Stream& stream, Bytes& out) {
  const std::size_t options = 4 * stream.below(11);
  append(out, random_bytes(stream, 12));  // ports, sequence, acknowledgment
  out.push_back(static_cast<std::uint8_t>((5 + options / 4) << 4));
  append(out, random_bytes(stream, 7));  // flags, window, checksum, urgent pointer
  append(out, random_bytes(stream, options));
  return 20 + options;
}

std::size_t udp_header(random::Stream& stream, Bytes& out, std::size_t payload_size) {
  append(out, random_bytes(stream, 4));
  append16(out, 8 + payload_size);
  append16(out, 0);
  return 8;
}

std::size_t icmp_header(random::Stream& stream, Bytes& out, bool v4) {
  out.push_back(v4 ? 8 : 128);  // an echo request
  append(out, random_bytes(stream, 7));
  return 8;
}

Bytes v4_header(random::Stream& stream, const Sample& sample, std::size_t transport_size) {
  const std::size_t options = stream.chance(0.3) ? 4 * stream.below(11) : 0;
  Bytes out{static_cast<std::uint8_t>(0x40 | (5 + options / 4)),
            static_cast<std::uint8_t>(stream.next())};
  append16(out, 20 + options + transport_size);
  append16(out, stream.below(65536));
  append16(out, stream.chance(0.5) ? 0x4000 : 0);
  out.push_back(static_cast<std::uint8_t>(1 + stream.below(255)));
  out.push_back(sample.protocol);
  append16(out, 0);
  append(out, random_bytes(stream, 8 + options));
  return out;
}

Bytes v6_header(random::Stream& stream, const Sample& sample, std::size_t transport_size) {
  Bytes extensions;
  std::uint8_t first = sample.protocol;
  if (stream.chance(0.3)) {  // hop-by-hop options, then destination options
    first = 0;
    const std::size_t words = stream.below(3);
    extensions = {60, static_cast<std::uint8_t>(words)};
    append(extensions, random_bytes(stream, 6 + 8 * words));
    append(extensions, {sample.protocol, 0, 1, 4, 0, 0, 0, 0});
  }
  Bytes out{0x60, 0, 0, 0};
  append16(out, extensions.size() + transport_size);
  out.push_back(first);
  out.push_back(static_cast<std::uint8_t>(1 + stream.below(255)));
  append(out, {0x20, 0x01});
  append(out, random_bytes(stream, 14));
  append(out, {0x20, 0x01});
  append(out, random_bytes(stream, 14));
  append(out, extensions);
  return out;
}

}  // namespace

std::uint16_t ones_sum(std::span<const std::uint8_t> bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    sum += static_cast<std::uint32_t>(bytes[i] << 8);
    if (i + 1 < bytes.size()) sum += bytes[i + 1];
    if (sum > 0xFFFF) sum = (sum & 0xFFFF) + 1;
  }
  return static_cast<std::uint16_t>(sum);
}

std::size_t Sample::checksum_field() const {
  if (transport_kind == Transport::tcp) return transport + 16;
  if (transport_kind == Transport::icmp) return transport + 2;
  return transport + 6;
}

Bytes with_fresh_checksums(const Sample& layout, Bytes bytes) {
  if (layout.v4) {
    put16(bytes, 10, 0);
    const std::size_t header = (bytes[0] & 15U) * 4U;
    put16(bytes, 10, static_cast<std::uint16_t>(~ones_sum({bytes.data(), header})));
  }
  put16(bytes, layout.checksum_field(), 0);
  if (layout.transport_kind == Transport::udp_without_checksum) return bytes;
  Bytes covered;
  const bool pseudo_header = !(layout.v4 && layout.transport_kind == Transport::icmp);
  if (pseudo_header) {
    const auto addresses = bytes.begin() + (layout.v4 ? 12 : 8);
    covered.assign(addresses, addresses + (layout.v4 ? 8 : 32));
    append16(covered, layout.protocol);
    append16(covered, bytes.size() - layout.transport);
  }
  covered.insert(covered.end(), bytes.begin() + static_cast<std::ptrdiff_t>(layout.transport),
                 bytes.end());
  auto sum = static_cast<std::uint16_t>(~ones_sum(covered));
  if (layout.transport_kind == Transport::udp && sum == 0) sum = 0xFFFF;
  put16(bytes, layout.checksum_field(), sum);
  return bytes;
}

Bytes random_bytes(random::Stream& stream, std::size_t size) {
  Bytes out(size);
  for (auto& byte : out) byte = static_cast<std::uint8_t>(stream.next() >> 32);
  return out;
}

Sample random_packet(random::Stream& stream, bool v4, Transport kind) {
  Sample sample;
  sample.v4 = v4;
  sample.transport_kind = kind;
  sample.protocol = protocol_number(v4, kind);
  const std::size_t payload_size = stream.chance(0.2) ? 0 : stream.below(700);
  Bytes transport;
  std::size_t header = 0;
  if (kind == Transport::tcp) {
    header = tcp_header(stream, transport);
  } else if (kind == Transport::icmp) {
    header = icmp_header(stream, transport, v4);
  } else {
    header = udp_header(stream, transport, payload_size);
  }
  append(transport, random_bytes(stream, payload_size));
  sample.bytes = v4 ? v4_header(stream, sample, transport.size())
                    : v6_header(stream, sample, transport.size());
  sample.transport = sample.bytes.size();
  sample.payload = sample.transport + header;
  append(sample.bytes, transport);
  sample.bytes = with_fresh_checksums(sample, sample.bytes);
  return sample;
}

Sample random_packet(random::Stream& stream) {
  const bool v4 = stream.chance(0.5);
  auto kind = static_cast<Transport>(stream.below(4));
  // Over IPv6 the UDP checksum is not optional (RFC 8200 §8.1).
  if (!v4 && kind == Transport::udp_without_checksum) kind = Transport::udp;
  return random_packet(stream, v4, kind);
}

}  // namespace elblab::net::reference
