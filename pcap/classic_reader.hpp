// Reads classic pcap 2.4: either byte order, microseconds or nanoseconds.
//
// One buffer of 1 MiB, whatever the file's size; a record is handed out where it lies in it. next()
// and next_batch() are O(1) per record, without a copy.
#pragma once

#include <cstring>
#include <memory>

#include "pcap/file_format.hpp"
#include "pcap/input_file.hpp"
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
  static constexpr std::size_t kBuffer = std::size_t{1} << 20;
  static_assert(kBuffer >= kClassicRecordHeader + kLargestRecord);

  std::uint32_t word(std::size_t offset) const {
    std::uint32_t value = 0;
    std::memcpy(&value, at_ + offset, 4);
    return swapped_ ? __builtin_bswap32(value) : value;
  }
  std::size_t at_hand() const { return static_cast<std::size_t>(end_ - at_); }
  std::uint32_t captured_length() const { return word(8); }
  bool whole_record_at_hand() const {
    return at_hand() >= kClassicRecordHeader && captured_length() <= kLargestRecord &&
           at_hand() - kClassicRecordHeader >= captured_length();
  }
  void take(Record& record);
  // Slow path of next(): reads on until a whole record is at hand. False at the end, or at damage.
  bool fetch_record();
  bool fill(std::size_t wanted);
  void start();
  std::string where() const;
  bool stop(std::string damage);

  InputFile file_;
  ClassicHeader header_;
  bool swapped_;
  std::int64_t fraction_ns_;  // what one unit of a time stamp's second word is worth
  std::unique_ptr<std::uint8_t[]> buffer_;
  const std::uint8_t* at_ = nullptr;  // the next record
  const std::uint8_t* end_ = nullptr;
  std::int64_t last_ns_ = 0;
  ReadReport report_;
};

}  // namespace elblab::pcap
