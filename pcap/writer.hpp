// Writes IP packets into a capture file that tcpdump, tshark and Wireshark read.
//
// Format: classic pcap with nanosecond time stamps (magic 0xA1B23C4D) and link type RAW (101: the
// packet begins with its IP header), as in draft-ietf-opsawg-pcap. Numbers are little-endian
// whatever the machine. Time stamps are exact; model time begins in 1970, unless a base is set.
//
// Own buffer of 64 KiB, handed to write(2) when full; a failed write is remembered, ends writing,
// and is told by close(). Not copyable.
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>

#include "models/contract/expected.hpp"
#include "models/time/instant.hpp"

namespace elblab::pcap {

class Writer {
 public:
  // Creates or replaces the file. Error: a message that names the path and the system's reason.
  static Expected<std::unique_ptr<Writer>> open(const std::filesystem::path& path);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  // What the start of model time (kStart) is in the file, in nanoseconds since the epoch; 0 at
  // first. For worlds whose time begins with a capture's or the wall clock's.
  void set_base(std::int64_t epoch_ns) { base_ns_ = epoch_ns; }

  // Appends one IP packet. O(bytes).
  void write(Instant at, std::span<const std::uint8_t> packet) {
    write_at(base_ns_ + at.time_since_epoch().count(), packet,
             static_cast<std::uint32_t>(packet.size()));
  }
  // The same at nanoseconds since the epoch (0 to the year 2106), of a packet that was
  // `original_length` long, of which `packet` is what the capture held.
  void write_at(std::int64_t epoch_ns, std::span<const std::uint8_t> packet,
                std::uint32_t original_length);
  // A write has failed: close() says why.
  bool failed() const { return error_.has_value(); }
  // Flushes and closes; afterwards write() does nothing. Error as open(), the first one met.
  Expected<void> close();

 private:
  static constexpr std::size_t kBuffer = 64 * 1024;

  Writer(std::filesystem::path path, int descriptor);
  void flush();
  void write_out(std::span<const std::uint8_t> bytes);
  void remember_error();

  std::filesystem::path path_;
  int descriptor_;
  std::int64_t base_ns_ = 0;
  std::unique_ptr<std::uint8_t[]> buffer_;
  std::size_t used_ = 0;
  std::optional<Error> error_;
};

}  // namespace elblab::pcap
