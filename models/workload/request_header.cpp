#include "models/workload/request_header.hpp"

#include <algorithm>
#include <cstring>

#include "models/net/bytes.hpp"
#include "models/workload/pattern.hpp"

namespace elblab::workload {
namespace {

constexpr std::uint16_t kMagic = 0xE1B1;
constexpr std::size_t kSentAtOnce = 4096;

std::uint64_t load48(const std::uint8_t* p) {
  return (std::uint64_t{net::load32(p)} << 16) | net::load16(p + 4);
}

void store48(std::uint8_t* p, std::uint64_t value) {
  const std::uint64_t stored = std::min(value, kLongestMessage);
  net::store32(p, static_cast<std::uint32_t>(stored >> 16));
  net::store16(p + 4, static_cast<std::uint16_t>(stored));
}

std::uint32_t whole_microseconds(Duration delay) {
  const Duration stored = std::clamp(delay, Duration{0}, kLongestDelay);
  return static_cast<std::uint32_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(stored).count());
}

}  // namespace

std::array<std::uint8_t, kRequestHeaderBytes> RequestHeader::write() const {
  std::array<std::uint8_t, kRequestHeaderBytes> bytes;
  net::store16(bytes.data(), kMagic);
  net::store16(bytes.data() + 2, static_cast<std::uint16_t>(flags | session_step << 8));
  net::store32(bytes.data() + 4, number);
  store48(bytes.data() + 8, request_bytes);
  store48(bytes.data() + 14, response_bytes);
  net::store32(bytes.data() + 20, whole_microseconds(delay));
  return bytes;
}

std::optional<RequestHeader> RequestHeader::read(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < kRequestHeaderBytes || net::load16(bytes.data()) != kMagic) {
    return std::nullopt;
  }
  RequestHeader header;
  header.flags = bytes[3];
  header.session_step = bytes[2];
  header.number = net::load32(bytes.data() + 4);
  header.request_bytes = load48(bytes.data() + 8);
  header.response_bytes = load48(bytes.data() + 14);
  header.delay = std::chrono::microseconds(net::load32(bytes.data() + 20));
  const bool of_user = (header.flags & request_flag::of_user) != 0;
  if ((header.flags & ~request_flag::all) != 0 || (header.session_step != 0 && !of_user) ||
      header.request_bytes < kRequestHeaderBytes) {
    return std::nullopt;
  }
  return header;
}

// One send() for what fits a few segments: two would put a short request into two packets, which
// no program that writes its request at once would do.
host::SocketError send_request(host::Sockets& sockets, host::SocketId socket,
                               const RequestHeader& header, std::uint64_t stream_offset,
                               Instant now) {
  std::array<std::uint8_t, kSentAtOnce> buffer;
  const auto first =
      static_cast<std::size_t>(std::min<std::uint64_t>(header.request_bytes, kSentAtOnce));
  const host::SocketError error =
      sockets.send(socket, write_request(buffer, header, first, stream_offset), now);
  const std::uint64_t rest = header.request_bytes - first;
  if (error != host::SocketError::none || rest == 0) return error;
  return sockets.send_pattern(socket, rest, now);
}

std::span<const std::uint8_t> write_request(std::span<std::uint8_t> out,
                                            const RequestHeader& header, std::size_t size,
                                            std::uint64_t stream_offset) {
  const auto head = header.write();
  std::copy(head.begin(), head.end(), out.begin());
  const auto rest = pattern_slice(stream_offset + kRequestHeaderBytes, size - kRequestHeaderBytes);
  std::copy(rest.begin(), rest.end(), out.begin() + kRequestHeaderBytes);
  return out.first(size);
}

}  // namespace elblab::workload
