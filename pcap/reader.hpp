// Reads capture files: classic pcap and pcapng through readers of our own, whatever else libpcap
// knows through libpcap. From a file, packed with gzip or zstd or not, a pipe, or standard input
// ("-").
//
// What can be used is used: a file that is cut off or damaged gives every record before the damage,
// and report() says what was left and why. Nothing in a file makes a reader crash, hang or take
// memory by what the file claims; a file that changes while it is read is at worst a damaged one.
// Source: draft-ietf-opsawg-pcap, draft-ietf-opsawg-pcapng.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "models/contract/expected.hpp"

namespace elblab::pcap {

// More than any link layer of this program carries, and what tcpdump takes for its maximum: a
// record that claims more is damage.
inline constexpr std::uint32_t kLargestRecord = 262'144;

// The latest time a record can have (the year 2116), so that there is room to count on from it: a
// pcapng can claim others, which are brought into 0 to this. Classic captures end in 2106.
inline constexpr std::int64_t kLatest = std::int64_t{1} << 62;

// One record. `bytes` points into the reader's memory: valid until the next call of next(),
// next_batch() or rewind().
struct Record {
  std::int64_t at_ns = 0;  // since the epoch, as the file says, whatever its resolution
  std::span<const std::uint8_t> bytes;  // as captured; may be shorter than the packet was
  std::uint32_t original_length = 0;    // as the file says: some say less than they hold
  std::uint16_t link_type = 0;          // LINKTYPE_ number (link_layer.hpp)
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
  // From the damage to the end of the file; of a pipe, what of it had been read.
  std::uint64_t bytes_unread = 0;
};

// What a user must be told about a capture that could not be read to its end: path, damage, what
// was used and what to do. Empty when there is nothing to tell.
std::string damage_message(const std::filesystem::path& path, const ReadReport& report);

class Reader {
 public:
  // Opens a capture by what it holds, not by its name. Error: a message for the user that names the
  // path, what is wrong and what to do (no such file, a directory, not a capture, empty file).
  // A capture without records is no error.
  static Expected<std::unique_ptr<Reader>> open(const std::filesystem::path& path);
  virtual ~Reader() = default;
  Reader() = default;
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // False at the end of what can be read: then report() is final.
  virtual bool next(Record& record) = 0;
  // The next records, as many as are at hand and `records` holds; all are valid together. 0 only
  // at the end (or for an empty span). Faster than next() where records are small.
  virtual std::size_t next_batch(std::span<Record> records) {
    return !records.empty() && next(records.front()) ? 1 : 0;
  }
  virtual const ReadReport& report() const = 0;
  // "pcap, microseconds, little endian, Ethernet" or "pcapng, Ethernet"
  virtual std::string format() const = 0;
  // Back to the first record, with a fresh report, for another pass. Error as open(); a pipe
  // cannot be read twice.
  virtual Expected<void> rewind() = 0;
};

}  // namespace elblab::pcap
