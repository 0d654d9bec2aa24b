// Reads classic pcap 2.4: either byte order, microseconds or nanoseconds.
//
// One buffer of 1 MiB, whatever the file's size; a record is handed out where it lies in it. next()
// and next_batch() are O(1) per record, without a copy.
#pragma once

#include <cstring>
#include <memory>

#include "pcap/file_format.hpp"
#include "pcap/file_window.hpp"
#include "pcap/reader.hpp"

namespace elblab::pcap {

class ClassicReader final : public Reader {
 public:
  // `file` is of FileFormat::classic, nothing read from it yet.
  explicit ClassicReader(InputFile file);

  bool next(Record& record) override;
  std::size_t next_batch(std::span<Record> records) override;
  const ReadReport& report() const override { return report_; }
  std::string format() const override;
  Expected<void> rewind() override;

 private:
  static_assert(FileWindow::kSize >= kClassicRecordHeader + kLargestRecord);

  std::uint32_t word(std::size_t offset) const {
    std::uint32_t value = 0;
    std::memcpy(&value, window_.at() + offset, 4);
    return swapped_ ? __builtin_bswap32(value) : value;
  }
  std::uint32_t captured_length() const { return word(8); }
  bool whole_record_at_hand() const {
    return window_.at_hand() >= kClassicRecordHeader && captured_length() <= kLargestRecord &&
           window_.at_hand() - kClassicRecordHeader >= captured_length();
  }
  void take(Record& record);
  // Slow path of next(): reads on until a whole record is at hand. False at the end, or at damage.
  bool fetch_record();
  void start();
  std::string where() const;
  bool stop(std::string damage);

  FileWindow window_;
  ClassicHeader header_;
  bool swapped_;
  std::int64_t fraction_ns_;  // what one unit of a time stamp's second word is worth
  std::int64_t last_ns_ = 0;
  ReadReport report_;
};

}  // namespace elblab::pcap
