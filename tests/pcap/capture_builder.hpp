// Capture files for tests, written by hand, byte by byte, so that they owe nothing to the writer
// under test; and what a reader makes of one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "pcap/reader.hpp"
#include "tests/temporary_folder.hpp"

namespace elblab::pcap::test {

using Bytes = std::vector<std::uint8_t>;

using testing::TemporaryFolder;

struct ClassicFormat {
  bool big_endian = false;
  bool nanoseconds = false;
  std::uint32_t link_type = 101;
  std::uint32_t snap_length = 262144;
};

// A classic capture: its file header, then what is added.
class CaptureBuilder {
 public:
  explicit CaptureBuilder(ClassicFormat format = {});
  // fraction: micro- or nanoseconds, as the format has it.
  CaptureBuilder& add(std::uint32_t seconds, std::uint32_t fraction, const Bytes& packet,
                      std::uint32_t original_length);
  CaptureBuilder& add(std::uint32_t seconds, std::uint32_t fraction, const Bytes& packet) {
    return add(seconds, fraction, packet, static_cast<std::uint32_t>(packet.size()));
  }
  // A record header with any claim, and no bytes behind it.
  CaptureBuilder& claim(std::uint32_t seconds, std::uint32_t fraction, std::uint32_t captured,
                        std::uint32_t original_length);
  CaptureBuilder& raw(const Bytes& bytes);
  const Bytes& bytes() const { return bytes_; }

 private:
  void number(std::uint32_t value, unsigned size);

  ClassicFormat format_;
  Bytes bytes_;
};

// As CaptureBuilder for pcapng (always little-endian): one section, its interfaces, their packets.
class NextGenerationBuilder {
 public:
  NextGenerationBuilder();
  // resolution: power of ten below a second, 6 or 9.
  NextGenerationBuilder& interface(std::uint16_t link_type, std::uint32_t snap_length,
                                   std::uint8_t resolution);
  NextGenerationBuilder& add(std::uint32_t interface, std::uint64_t units, const Bytes& packet,
                             std::uint32_t original_length);
  const Bytes& bytes() const { return bytes_; }

 private:
  void block(std::uint32_t type, const Bytes& body);

  Bytes bytes_;
};

void write_file(const std::filesystem::path& path, const Bytes& bytes);
Bytes read_file(const std::filesystem::path& path);

// `size` bytes that differ from packet to packet.
Bytes packet_of(std::size_t size, std::uint32_t number);

struct ReadRecord {
  std::int64_t at_ns = 0;
  Bytes bytes;
  std::uint32_t original_length = 0;
  std::uint16_t link_type = 0;
  friend bool operator==(const ReadRecord&, const ReadRecord&) = default;
};

// The error of opening, which must fail.
std::string open_error(const std::filesystem::path& path);
// Must open.
std::unique_ptr<Reader> open(const std::filesystem::path& path);
// Every record that is left.
std::vector<ReadRecord> all_records(Reader& reader);

// Standard output of a shell command.
std::string output_of(const std::string& command);
bool have_command(const std::string& name);

}  // namespace elblab::pcap::test
