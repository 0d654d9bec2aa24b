#include "models/net/quic_header.hpp"

#include "models/net/bytes.hpp"

namespace elblab::net {
namespace {

constexpr std::uint8_t kLongForm = 0x80;

// An ID behind a byte that says how long it is; takes both off the bytes.
std::optional<std::span<const std::uint8_t>> take_id(std::span<const std::uint8_t>& bytes) {
  if (bytes.empty() || bytes.size() - 1 < bytes[0]) return std::nullopt;
  const auto id = bytes.subspan(1, bytes[0]);
  bytes = bytes.subspan(1 + id.size());
  return id;
}

std::optional<QuicHeader> parse_long(std::span<const std::uint8_t> datagram) {
  constexpr std::size_t kBeforeIds = 5;  // form and flags, version
  if (datagram.size() < kBeforeIds) return std::nullopt;
  QuicHeader header;
  header.is_long = true;
  header.version = load32(datagram.data() + 1);
  auto rest = datagram.subspan(kBeforeIds);
  const auto destination = take_id(rest);
  if (!destination) return std::nullopt;
  const auto source = take_id(rest);
  if (!source) return std::nullopt;
  header.destination = *destination;
  header.source = *source;
  return header;
}

}  // namespace

std::optional<QuicHeader> parse_quic_header(std::span<const std::uint8_t> datagram,
                                            std::size_t short_id_bytes) {
  if (datagram.empty()) return std::nullopt;
  if ((datagram[0] & kLongForm) != 0) return parse_long(datagram);
  if (datagram.size() - 1 < short_id_bytes) return std::nullopt;
  QuicHeader header;
  header.destination = datagram.subspan(1, short_id_bytes);
  return header;
}

}  // namespace elblab::net
