// Writes IP packets into a capture file that tcpdump, tshark and Wireshark read.
//
// Format: classic pcap with nanosecond time stamps (magic 0xA1B23C4D) and link type RAW (101: the
// packet begins with its IP header), as in draft-ietf-opsawg-pcap. Time stamps are model time, so a
// capture begins in 1970. Numbers are little-endian whatever the machine. Buffered by stdio; a
// failed write is remembered and told by close(). Not copyable.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "models/time/instant.hpp"

namespace elblab::pcap {

class Writer {
 public:
  // Creates or replaces the file. Error: a message that names the path and the system's reason.
  static std::optional<std::string> open(const std::filesystem::path& path,
                                         std::unique_ptr<Writer>& writer);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // Appends one whole IP packet. O(bytes).
  void write(Instant at, std::span<const std::uint8_t> packet);
  // Flushes and closes; afterwards write() does nothing. Error as open(), the first one met.
  std::optional<std::string> close();

 private:
  Writer(std::filesystem::path path, std::FILE* file);
  void put(std::span<const std::uint8_t> bytes);
  void remember_error();

  std::filesystem::path path_;
  std::FILE* file_;
  std::string error_;
};

}  // namespace elblab::pcap
