// QUIC datagrams put together byte by byte, as RFC 9000 section 17 draws them.
#pragma once

#include <cstdint>
#include <vector>

namespace elblab::quic {

using Bytes = std::vector<std::uint8_t>;

inline constexpr std::uint32_t kVersion1 = 1;

inline Bytes long_datagram(std::uint32_t version, const Bytes& destination, const Bytes& source,
                           std::uint8_t flags = 0xC3) {
  Bytes bytes{flags};
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes.push_back(static_cast<std::uint8_t>(version >> shift));
  }
  for (const Bytes& id : {destination, source}) {
    bytes.push_back(static_cast<std::uint8_t>(id.size()));
    bytes.insert(bytes.end(), id.begin(), id.end());
  }
  bytes.insert(bytes.end(), 30, 0xAB);  // what is encrypted
  return bytes;
}

inline Bytes short_datagram(const Bytes& destination) {
  Bytes bytes{0x41};
  bytes.insert(bytes.end(), destination.begin(), destination.end());
  bytes.insert(bytes.end(), 30, 0xCD);
  return bytes;
}

}  // namespace elblab::quic
