// Any bytes as a capture file: both readers, one by one and in batches, twice, and the link layer
// on every record. Where both readers read a file they must agree on it.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "pcap/file_format.hpp"
#include "pcap/input_file.hpp"
#include "pcap/library_reader.hpp"
#include "pcap/link_layer.hpp"
#include "pcap/reader.hpp"
#include "tests/fuzz/expect.hpp"
#include "tests/fuzz/memory_file.hpp"

namespace {

using namespace elblab;  // NOLINT: a program of its own
using fuzz::expect;
using fuzz::MemoryFile;
using pcap::Reader;
using pcap::Record;

struct Seen {
  std::int64_t at_ns;
  std::uint32_t original_length;
  std::uint16_t link_type;
  std::vector<std::uint8_t> bytes;
  friend bool operator==(const Seen&, const Seen&) = default;
};

Seen seen(const Record& record) {
  const pcap::Frame frame = pcap::open_frame(record.link_type, record.bytes);
  expect(frame.packet.empty() || (frame.packet.data() >= record.bytes.data() &&
                                  frame.packet.data() + frame.packet.size() <=
                                      record.bytes.data() + record.bytes.size()),
         "the packet lies inside its frame");
  expect(frame.packet.empty() == (frame.content != pcap::FrameContent::ip),
         "a packet is there where the frame holds one");
  return {record.at_ns,
          record.original_length,
          record.link_type,
          {record.bytes.begin(), record.bytes.end()}};
}

std::vector<Seen> one_by_one(Reader& reader) {
  std::vector<Seen> all;
  Record record;
  while (reader.next(record)) all.push_back(seen(record));
  expect(!reader.next(record), "the end is the end");
  return all;
}

std::vector<Seen> in_batches(Reader& reader) {
  std::vector<Seen> all;
  std::array<Record, 7> batch;
  while (const std::size_t count = reader.next_batch(batch)) {
    for (const Record& record : std::span(batch).first(count)) all.push_back(seen(record));
  }
  return all;
}

void check_report(const Reader& reader, const std::vector<Seen>& all, std::size_t file_size) {
  const pcap::ReadReport& report = reader.report();
  std::uint64_t bytes = 0;
  for (const Seen& record : all) bytes += record.bytes.size();
  expect(report.records == all.size(), "records counted");
  expect(report.bytes == bytes, "bytes counted");
  expect(report.bytes_unread <= file_size, "no more unread than there is");
  expect(report.bytes_unread == 0 || !report.damage.empty(), "what is left has a reason");
  expect(report.damage.empty() == pcap::damage_message("x", report).empty(), "damage is told");
}

// libpcap takes times for signed, cuts records at the file's snap length, and knows link types
// with lengths and byte orders of their own: compared is what has one meaning.
void compare_with_libpcap(const std::string& path, const std::vector<Seen>& ours) {
  auto file = pcap::InputFile::open(path);
  expect(file.has_value(), "opens again");
  const auto library = pcap::LibraryReader::open(std::move(*file));
  if (!library) return;
  const std::vector<Seen> theirs = one_by_one(**library);
  if (ours.empty() || pcap::link_type_name(ours.front().link_type).starts_with("link type")) {
    return;
  }
  expect(theirs.size() == ours.size(), "as many records as libpcap");
  for (std::size_t i = 0; i < ours.size(); ++i) {
    expect(theirs[i].original_length == ours[i].original_length, "length as libpcap");
    expect(theirs[i].bytes.size() <= ours[i].bytes.size() &&
               std::ranges::equal(theirs[i].bytes,
                                  std::span(ours[i].bytes).first(theirs[i].bytes.size())),
           "bytes as libpcap");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span input(data, size);
  const MemoryFile file(input);
  const auto opened = Reader::open(file.path());
  if (!opened) {
    expect(opened.error().message.starts_with(file.path() + ": "), "an error names the file");
    return 0;
  }
  const auto& reader = *opened;
  const std::vector<Seen> first = one_by_one(*reader);
  check_report(*reader, first, size);
  expect(reader->rewind().has_value(), "files can be read twice");
  expect(in_batches(*reader) == first, "batches hold the same records");
  check_report(*reader, first, size);
  expect(!reader->format().empty(), "every format has a name");
  if (pcap::format_of(input.first(std::min<std::size_t>(size, 64))) == pcap::FileFormat::classic) {
    compare_with_libpcap(file.path(), first);
  }
  return 0;
}
