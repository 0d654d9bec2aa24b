// Tells what a file is by its first bytes, and what to do with one that is no capture.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace elblab::pcap {

enum class FileFormat : std::uint8_t {
  classic,          // pcap 2.4, either byte order, microseconds or nanoseconds
  next_generation,  // pcapng
  library,          // older and modified pcap: what libpcap knows
  foreign,          // no capture, or one that neither reads
};

FileFormat format_of(std::span<const std::uint8_t> head);

// For the user, behind the path: what a foreign file is and what to do about it.
std::string describe_foreign(std::span<const std::uint8_t> head);

// The header of a classic capture (24 bytes).
struct ClassicHeader {
  bool big_endian = false;
  bool nanoseconds = false;
  std::uint16_t link_type = 0;  // without the bits that tell of a frame check sequence
};
inline constexpr std::size_t kClassicHeader = 24;
inline constexpr std::size_t kClassicRecordHeader = 16;

// `head` is of FileFormat::classic.
ClassicHeader classic_header(std::span<const std::uint8_t> head);

}  // namespace elblab::pcap
