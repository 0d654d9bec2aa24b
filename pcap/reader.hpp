// Reads capture files: classic pcap through an own memory-mapped reader, pcapng and whatever else
// libpcap knows through libpcap.
//
// What can be used is used: a file that is cut off or damaged gives every record before the damage,
// and report() says what was left and why. Nothing in a file makes a reader crash, hang or take
// memory by what the file claims. Source: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace elblab::pcap {

// One record. `bytes` points into the reader's memory: valid until the next call of next(), and for
// the mapped reader as long as the reader lives.
struct Record {
  std::int64_t at_ns = 0;  // since the epoch, as the file says, whatever its resolution
  std::span<const std::uint8_t> bytes;  // as captured; may be shorter than the packet was
  std::uint32_t original_length = 0;
  std::uint16_t link_type = 0;  // LINKTYPE_ number (link_layer.hpp)
};

// What was read so far, and what could not be.
struct ReadReport {
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;               // captured bytes of those records
  std::uint64_t cut_by_snap_length = 0;  // records shorter than their packet
  std::uint64_t time_went_back = 0;      // records older than the one before
  // Why reading ended before the end of the file ("record 17 at byte 1,204 claims 4,294,967,295
  // bytes, more than the 262,144 a capture may hold"); empty when it did not.
  std::string damage;
  std::uint64_t bytes_unread = 0;  // from the damage to the end of the file
};

class Reader {
 public:
  // Opens a capture by what it holds, not by its name. Error: a message for the user that names the
  // path, what is wrong and what to do (no such file, a directory, not a capture, empty file).
  static std::optional<std::string> open(const std::filesystem::path& path,
                                         std::unique_ptr<Reader>& reader);
  virtual ~Reader() = default;
  Reader() = default;
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // False at the end of what can be read: then report() is final.
  virtual bool next(Record& record) = 0;
  virtual const ReadReport& report() const = 0;
  // "pcap, microseconds, little endian, Ethernet" or "pcapng"
  virtual std::string format() const = 0;
  // Back to the first record, for another pass. Error as open().
  virtual std::optional<std::string> rewind() = 0;
};

}  // namespace elblab::pcap
