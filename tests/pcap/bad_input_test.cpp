// Files that are no captures, or damaged ones: one clear message, what can be used is used, memory
// stays bounded. Every damage is counted to the byte, by arithmetic on the file.
#include <sys/resource.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <fstream>

#include "tests/pcap/capture_builder.hpp"

namespace elblab::pcap::test {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// The error of opening a file of these bytes; the path must stand at its beginning.
std::string error_of(const Bytes& bytes) {
  TemporaryFolder folder;
  write_file(folder / "x", bytes);
  const std::string error = open_error(folder / "x");
  const std::string path = (folder / "x").string() + ": ";
  BOOST_TEST(error.starts_with(path));
  return error.substr(path.size());
}

Bytes text(const std::string& characters) { return {characters.begin(), characters.end()}; }

struct Reading {
  std::vector<ReadRecord> records;
  ReadReport report;
  std::string message;
};

Reading read(const Bytes& bytes) {
  TemporaryFolder folder;
  write_file(folder / "x", bytes);
  const auto reader = open(folder / "x");
  Reading reading;
  reading.records = all_records(*reader);
  Record record;
  BOOST_TEST(!reader->next(record));  // the end is the end
  reading.report = reader->report();
  reading.message = damage_message("x", reading.report);
  return reading;
}

Bytes first(const Bytes& bytes, std::size_t size) {
  return {bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)};
}

std::size_t resident_bytes() {
  std::size_t total = 0;
  std::size_t resident = 0;
  std::ifstream("/proc/self/statm") >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

constexpr std::size_t kMebibyte = std::size_t{1} << 20;

}  // namespace

BOOST_AUTO_TEST_SUITE(bad_input)

BOOST_AUTO_TEST_CASE(missing_file) {
  BOOST_TEST(open_error("/no/such.pcap") ==
             "/no/such.pcap: no such file: check the path of the capture");
}

BOOST_AUTO_TEST_CASE(directory) {
  TemporaryFolder folder;
  BOOST_TEST(open_error(folder.path()) ==
             folder.path().string() + ": is a directory: name a capture file in it");
}

BOOST_AUTO_TEST_CASE(empty_file) { BOOST_TEST(contains(error_of({}), "is empty")); }

BOOST_AUTO_TEST_CASE(jpeg) {
  Bytes picture{0xFF, 0xD8, 0xFF, 0xE0, 0x00, 0x10, 'J', 'F', 'I', 'F', 0};
  picture.resize(500, 0x5A);
  BOOST_TEST(error_of(picture) == "is a JPEG picture, not a capture: name a pcap or pcapng file");
}

BOOST_AUTO_TEST_CASE(plain_text) {
  BOOST_TEST(contains(error_of(text("balancer:\n  listeners: []\n")), "is text, not a capture"));
  BOOST_TEST(contains(error_of(text("x")), "is text, not a capture"));
}

BOOST_AUTO_TEST_CASE(compressed_capture_that_is_damaged_from_its_beginning_is_said_to_be) {
  for (Bytes packed : {Bytes{0x1F, 0x8B, 0x08, 0x00}, Bytes{0x28, 0xB5, 0x2F, 0xFD}}) {
    packed.resize(200, 0xFF);
    BOOST_TEST(contains(error_of(packed), "is packed, and damaged from its beginning"));
  }
}

BOOST_AUTO_TEST_CASE(arbitrary_bytes) {
  BOOST_TEST(contains(error_of(Bytes(4'096, 0)), "is not a capture"));
  BOOST_TEST(contains(error_of(packet_of(4'096, 3)), "is not a capture"));
}

BOOST_AUTO_TEST_CASE(capture_cut_inside_its_file_header) {
  const Bytes whole = CaptureBuilder().bytes();
  for (std::size_t size = 4; size < whole.size(); ++size) {
    BOOST_TEST(contains(error_of(first(whole, size)),
                        "ends inside its file header, after " + std::to_string(size) + " bytes"));
  }
  const Bytes next = NextGenerationBuilder().interface(1, 0, 9).bytes();
  constexpr std::size_t kSectionHeader = 28;  // alone it is a capture without an interface
  for (std::size_t size = 4; size < next.size(); ++size) {
    if (size != kSectionHeader) error_of(first(next, size));
  }
}

BOOST_AUTO_TEST_CASE(cut_anywhere_gives_every_whole_record_before_it) {
  CaptureBuilder capture;
  std::vector<std::size_t> ends{capture.bytes().size()};
  for (std::uint32_t i = 0; i < 4; ++i) {
    capture.add(i, 0, packet_of(20 + i, i));
    ends.push_back(capture.bytes().size());
  }
  for (std::size_t size = ends.front(); size < ends.back(); ++size) {
    const auto whole = static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), size) -
                                                ends.begin() - 1);
    const Reading reading = read(first(capture.bytes(), size));
    BOOST_REQUIRE_EQUAL(reading.records.size(), whole);
    BOOST_REQUIRE_EQUAL(reading.report.bytes_unread, size - ends[whole]);
    BOOST_REQUIRE_EQUAL(reading.report.damage.empty(), size == ends[whole]);
  }
}

BOOST_AUTO_TEST_CASE(cut_inside_a_record_header_says_where) {
  CaptureBuilder capture;
  capture.add(1, 0, packet_of(60, 1)).raw(Bytes(9));
  const Reading reading = read(capture.bytes());
  BOOST_TEST(reading.report.damage == "ends inside the header of record 2 at byte 100");
  BOOST_TEST(reading.message ==
             "x: ends inside the header of record 2 at byte 100; used the 1 record before it, left "
             "9 bytes: copy the file again, capture again, or go on with what there is");
}

BOOST_AUTO_TEST_CASE(cut_inside_a_record_says_what_is_there) {
  CaptureBuilder capture;
  capture.claim(1, 0, 1'500, 1'500).raw(Bytes(1'000));
  const Reading reading = read(capture.bytes());
  BOOST_TEST(reading.report.damage ==
             "ends inside record 1 at byte 24, which has 1,000 of its 1,500 bytes");
  BOOST_TEST(reading.report.bytes_unread == 1'016);
  BOOST_TEST(contains(reading.message, "no record could be used"));
}

BOOST_AUTO_TEST_CASE(claim_of_four_gigabytes_is_damage_and_takes_no_memory) {
  CaptureBuilder capture;
  for (std::uint32_t i = 0; i < 16; ++i) capture.add(i, 0, packet_of(60, i));
  const std::size_t damage_at = capture.bytes().size();
  capture.claim(17, 0, 0xFFFFFFFF, 0xFFFFFFFF).raw(Bytes(3 * kMebibyte));
  const std::size_t before = resident_bytes();
  const Reading reading = read(capture.bytes());
  BOOST_TEST(reading.records.size() == 16);
  BOOST_TEST(reading.report.damage ==
             "record 17 at byte 1,240 claims 4,294,967,295 bytes, more "
             "than the 262,144 a capture may hold");
  BOOST_TEST(reading.report.bytes_unread == capture.bytes().size() - damage_at);
  BOOST_TEST(resident_bytes() < before + 16 * kMebibyte);
}

BOOST_AUTO_TEST_CASE(largest_record_is_read_and_one_byte_more_is_damage) {
  const Bytes largest = packet_of(kLargestRecord, 1);
  Bytes larger = largest;
  larger.push_back(0);
  CaptureBuilder capture;
  capture.add(1, 0, largest).add(2, 0, {}).add(3, 0, larger);
  const Reading reading = read(capture.bytes());
  BOOST_REQUIRE_EQUAL(reading.records.size(), 2);
  BOOST_TEST((reading.records[0].bytes == largest));
  BOOST_TEST(contains(reading.report.damage, "claims 262,145 bytes"));
  BOOST_TEST(reading.report.bytes_unread == 16 + larger.size());
}

BOOST_AUTO_TEST_CASE(pcapng_block_of_four_gigabytes_is_damage_and_takes_no_memory) {
  NextGenerationBuilder capture;
  capture.interface(1, 0, 9).add(0, 1, packet_of(60, 1), 60);
  Bytes bytes = capture.bytes();
  const std::size_t damage_at = bytes.size();
  const Bytes claim{6, 0, 0, 0, 0xFC, 0xFF, 0xFF, 0xFF};
  bytes.insert(bytes.end(), claim.begin(), claim.end());
  bytes.resize(bytes.size() + kMebibyte);
  const std::size_t before = resident_bytes();
  const Reading reading = read(bytes);
  BOOST_TEST(reading.records.size() == 1);
  BOOST_TEST(contains(reading.report.damage,
                      "behind record 1 at byte " + std::to_string(damage_at) + ": "));
  BOOST_TEST(reading.report.bytes_unread == bytes.size() - damage_at);
  BOOST_TEST(resident_bytes() < before + 32 * kMebibyte);
}

BOOST_AUTO_TEST_CASE(pcapng_cut_anywhere_is_counted_to_the_byte) {
  NextGenerationBuilder capture;
  capture.interface(1, 0, 9);
  std::vector<std::size_t> ends{capture.bytes().size()};
  for (std::uint32_t i = 0; i < 3; ++i) {
    capture.add(0, i, packet_of(20 + 4 * i, i), 60);
    ends.push_back(capture.bytes().size());
  }
  for (std::size_t size = ends.front(); size < ends.back(); ++size) {
    const auto whole = static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), size) -
                                                ends.begin() - 1);
    const Reading reading = read(first(capture.bytes(), size));
    BOOST_REQUIRE_EQUAL(reading.records.size(), whole);
    BOOST_REQUIRE_EQUAL(reading.report.bytes_unread, size - ends[whole]);
    BOOST_REQUIRE_EQUAL(reading.report.damage.empty(), size == ends[whole]);
  }
}

BOOST_AUTO_TEST_CASE(records_of_no_bytes_are_records) {
  CaptureBuilder capture;
  for (std::uint32_t i = 0; i < 5; ++i) capture.add(i, 0, {}, i);
  const Reading reading = read(capture.bytes());
  BOOST_TEST(reading.records.size() == 5);
  BOOST_TEST(reading.report.cut_by_snap_length == 4);
  BOOST_TEST(reading.report.damage == "");
}

BOOST_AUTO_TEST_CASE(record_longer_than_its_packet_is_given_as_it_is) {
  const Reading reading = read(CaptureBuilder().add(1, 0, packet_of(60, 1), 40).bytes());
  BOOST_REQUIRE_EQUAL(reading.records.size(), 1);
  BOOST_TEST(reading.records[0].bytes.size() == 60);
  BOOST_TEST(reading.records[0].original_length == 40);
  BOOST_TEST(reading.report.cut_by_snap_length == 0);
}

BOOST_AUTO_TEST_CASE(snap_length_below_the_packet_is_counted) {
  CaptureBuilder capture({.snap_length = 96});
  for (std::uint32_t i = 0; i < 10; ++i) capture.add(i, 0, packet_of(96, i), i < 3 ? 96 : 1'500);
  const Reading reading = read(capture.bytes());
  BOOST_TEST(reading.records.size() == 10);
  BOOST_TEST(reading.report.cut_by_snap_length == 7);
}

BOOST_AUTO_TEST_CASE(time_that_goes_back_is_counted_and_given_as_it_is) {
  CaptureBuilder capture;
  for (const std::uint32_t second : {5U, 6U, 4U, 4U, 7U, 1U}) capture.add(second, 0, {}, 0);
  const Reading reading = read(capture.bytes());
  BOOST_TEST(reading.report.time_went_back == 2);
  BOOST_TEST(reading.records[2].at_ns == 4'000'000'000);
}

BOOST_AUTO_TEST_CASE(times_that_no_clock_shows_are_brought_into_range) {
  NextGenerationBuilder capture;
  capture.interface(1, 262'144, 0);  // whole seconds
  for (const std::uint64_t seconds : {std::uint64_t{1'700'000'000'000}, ~std::uint64_t{0},
                                      std::uint64_t{1} << 63, std::uint64_t{1'700'000'000}}) {
    capture.add(0, seconds, packet_of(60, 1), 60);
  }
  const Reading reading = read(capture.bytes());
  BOOST_REQUIRE_EQUAL(reading.records.size(), 4);
  for (const ReadRecord& record : reading.records) {
    BOOST_TEST(record.at_ns >= 0);
    BOOST_TEST(record.at_ns <= kLatest);
  }
  BOOST_TEST(reading.records[3].at_ns == 1'700'000'000'000'000'000);
}

BOOST_AUTO_TEST_CASE(file_that_shrinks_while_it_is_read_is_a_cut_one) {
  TemporaryFolder folder;
  CaptureBuilder capture;
  for (std::uint32_t i = 0; i < 100'000; ++i) capture.add(i, 0, packet_of(60, i));
  write_file(folder / "x.pcap", capture.bytes());
  const auto reader = open(folder / "x.pcap");
  Record record;
  BOOST_REQUIRE(reader->next(record));
  std::filesystem::resize_file(folder / "x.pcap", 2 * kMebibyte + 30);
  while (reader->next(record)) {
  }
  BOOST_TEST(contains(reader->report().damage, "ends inside"));
  BOOST_TEST(reader->report().records < 100'000);
  BOOST_TEST(24 + reader->report().records * 76 + reader->report().bytes_unread ==
             2 * kMebibyte + 30);
}

BOOST_AUTO_TEST_CASE(ten_million_tiny_records_take_no_more_memory_than_ten) {
  TemporaryFolder folder;
  constexpr std::uint64_t kRecords = 10'000'000;
  {
    std::ofstream file(folder / "x.pcap", std::ios::binary);
    CaptureBuilder head;
    for (int i = 0; i < 1'000; ++i) head.add(1, 0, {0x45});
    const std::string all(head.bytes().begin(), head.bytes().end());
    file.write(all.data(), 24);
    for (std::uint64_t i = 0; i < kRecords; i += 1'000) {
      file.write(all.data() + 24, static_cast<std::streamsize>(all.size() - 24));
    }
  }
  const std::size_t before = resident_bytes();
  const auto reader = open(folder / "x.pcap");
  Record record;
  std::size_t most = 0;
  for (std::uint64_t i = 0; reader->next(record); ++i) {
    if (i % 1'000'000 == 0) most = std::max(most, resident_bytes());
  }
  BOOST_TEST(reader->report().records == kRecords);
  BOOST_TEST(reader->report().bytes == kRecords);
  BOOST_TEST(reader->report().damage == "");
  BOOST_TEST(most < before + 8 * kMebibyte);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::pcap::test
