// Reads pcapng: sections of either byte order, any number of interfaces with link types, snap
// lengths, resolutions and time offsets of their own, enhanced, simple and (obsolete) plain packet
// blocks. Other blocks are stepped over.
//
// One buffer of 1 MiB and 24 bytes for each interface (at most kMostInterfaces). A file that still
// grows gives what is whole of it. Source: draft-ietf-opsawg-pcapng.
#pragma once

#include <memory>
#include <vector>

#include "pcap/file_window.hpp"
#include "pcap/reader.hpp"

namespace elblab::pcap {

class NextGenerationReader final : public Reader {
 public:
  static constexpr std::size_t kMostInterfaces = 65'536;

  // `file` is of FileFormat::next_generation, nothing read from it yet. Error: as Reader::open(),
  // of a file that is damaged before its first section and interface are whole.
  static Expected<std::unique_ptr<Reader>> open(InputFile file);

  bool next(Record& record) override;
  const ReadReport& report() const override { return report_; }
  std::string format() const override;
  Expected<void> rewind() override;

 private:
  struct Interface {
    std::uint16_t link_type = 0;
    std::uint32_t snap_length = 0;
    std::uint64_t units_per_second = 1'000'000;
    std::int64_t offset_s = 0;
  };
  enum class Block : std::uint8_t { packet, other, end };

  explicit NextGenerationReader(InputFile file);
  void start();
  // Steps over what is no packet, up to the next packet block, which it leaves at hand.
  Block find_packet();
  bool take_packet(Record& record);
  bool take_other(std::uint32_t type, std::uint32_t length);
  bool take_section();
  bool take_interface(std::uint32_t length);
  void read_option(std::uint16_t code, const std::uint8_t* value, std::size_t length,
                   Interface& interface) const;
  bool skip(std::uint64_t count);
  bool stop(std::string why);
  std::int64_t time_of(const Interface& interface, std::uint64_t units) const;

  std::uint16_t half(std::size_t offset) const;
  std::uint32_t word(std::size_t offset) const;

  FileWindow window_;
  bool big_endian_ = false;
  std::uint32_t block_length_ = 0;         // of the packet block at hand
  std::vector<Interface> interfaces_;      // of the section
  std::vector<std::uint16_t> link_types_;  // of the file so far, each once
  std::int64_t last_ns_ = 0;
  ReadReport report_;
};

}  // namespace elblab::pcap
