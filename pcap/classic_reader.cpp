#include "pcap/classic_reader.hpp"

#include <bit>
#include <limits>
#include <utility>

#include "pcap/grouped_digits.hpp"
#include "pcap/link_layer.hpp"

namespace elblab::pcap {

ClassicReader::ClassicReader(InputFile file)
    : window_(std::move(file)),
      header_(classic_header(window_.file().head())),
      swapped_(header_.big_endian != (std::endian::native == std::endian::big)),
      fraction_ns_(header_.nanoseconds ? 1 : 1000) {
  start();
}

void ClassicReader::start() {
  report_ = {};
  last_ns_ = std::numeric_limits<std::int64_t>::min();
  if (window_.fill(kClassicHeader)) window_.drop(kClassicHeader);
}

bool ClassicReader::next(Record& record) {
  if (!whole_record_at_hand() && !fetch_record()) return false;
  take(record);
  return true;
}

std::size_t ClassicReader::next_batch(std::span<Record> records) {
  if (records.empty() || !next(records.front())) return 0;
  // Reading on would move what the first records of the batch point to.
  std::size_t count = 1;
  while (count < records.size() && whole_record_at_hand()) take(records[count++]);
  return count;
}

void ClassicReader::take(Record& record) {
  const std::uint32_t captured = captured_length();
  record.at_ns = std::int64_t{word(0)} * 1'000'000'000 + std::int64_t{word(4)} * fraction_ns_;
  record.bytes = {window_.at() + kClassicRecordHeader, captured};
  record.original_length = word(12);
  record.link_type = header_.link_type;
  window_.drop(kClassicRecordHeader + captured);
  ++report_.records;
  report_.bytes += captured;
  report_.cut_by_snap_length += captured < record.original_length;
  report_.time_went_back += record.at_ns < last_ns_;
  last_ns_ = record.at_ns;
}

bool ClassicReader::fetch_record() {
  if (!report_.damage.empty()) return false;
  if (!window_.fill(kClassicRecordHeader)) {
    return window_.at_hand() != 0 || window_.file().error() != 0
               ? stop("ends inside the header of " + where())
               : false;
  }
  const std::uint32_t captured = captured_length();
  if (captured > kLargestRecord) {
    return stop(where() + " claims " + grouped_digits(captured) + " bytes, more than the " +
                grouped_digits(kLargestRecord) + " a capture may hold");
  }
  if (window_.fill(kClassicRecordHeader + captured)) return true;
  return stop("ends inside " + where() + ", which has " +
              grouped_digits(window_.at_hand() - kClassicRecordHeader) + " of its " +
              grouped_digits(captured) + " bytes");
}

std::string ClassicReader::where() const {
  return "record " + grouped_digits(report_.records + 1) + " at byte " +
         grouped_digits(window_.position());
}

bool ClassicReader::stop(std::string damage) {
  report_.damage = std::move(damage);
  if (window_.file().error() != 0) {
    report_.damage += std::string(": reading failed: ") + std::strerror(window_.file().error());
  }
  report_.bytes_unread = window_.bytes_left();
  return false;
}

std::string ClassicReader::format() const {
  return std::string("pcap, ") + (header_.nanoseconds ? "nanoseconds, " : "microseconds, ") +
         (header_.big_endian ? "big endian, " : "little endian, ") +
         link_type_name(header_.link_type);
}

Expected<void> ClassicReader::rewind() {
  auto rewound = window_.rewind();
  if (rewound) start();
  return rewound;
}

}  // namespace elblab::pcap
