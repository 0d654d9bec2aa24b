// What a capture says is what a reader gives, whatever the byte order, resolution and format; and
// libpcap, asked for the same file, says the same.
#include <fcntl.h>
#include <pcap/pcap.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <random>
#include <thread>

#include "pcap/link_layer.hpp"
#include "tests/must.hpp"
#include "tests/pcap/capture_builder.hpp"

namespace elblab::pcap::test {
namespace {

namespace data = boost::unit_test::data;

const auto kByteOrders = data::make({false, true});
const auto kResolutions = data::make({false, true});
const auto kLinkTypes = data::make({0, 1, 101, 108, 113, 228, 229, 276, 147});

std::vector<ReadRecord> records_of_libpcap(const std::filesystem::path& path) {
  char error[PCAP_ERRBUF_SIZE] = {};
  pcap_t* capture =
      pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO, error);
  BOOST_REQUIRE_MESSAGE(capture != nullptr, error);
  const int dlt = pcap_datalink(capture);
  std::vector<ReadRecord> all;
  pcap_pkthdr* header = nullptr;
  const std::uint8_t* bytes = nullptr;
  while (pcap_next_ex(capture, &header, &bytes) == 1) {
    all.push_back({std::int64_t{header->ts.tv_sec} * 1'000'000'000 + header->ts.tv_usec,
                   Bytes(bytes, bytes + header->caplen), header->len,
                   static_cast<std::uint16_t>(dlt == DLT_RAW ? 101 : dlt)});
  }
  pcap_close(capture);
  return all;
}

void check_same(const std::vector<ReadRecord>& a, const std::vector<ReadRecord>& b) {
  BOOST_REQUIRE_EQUAL(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) BOOST_REQUIRE_MESSAGE(a[i] == b[i], "record " << i);
}

// Records of many sizes, some cut, together several times the reader's buffer.
CaptureBuilder mixed_capture(const ClassicFormat& format, std::uint32_t count) {
  CaptureBuilder capture(format);
  std::minstd_rand random(7);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::size_t size = i % 97 == 0 ? 60'000 + random() % 5'000 : random() % 1'500;
    const std::uint32_t original = static_cast<std::uint32_t>(size) + (i % 5 == 0 ? 100 : 0);
    const std::uint32_t fraction = random() % (format.nanoseconds ? 1'000'000'000 : 1'000'000);
    capture.add(1'700'000'000 + i, fraction, packet_of(size, i), original);
  }
  return capture;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(reader)

BOOST_DATA_TEST_CASE(gives_what_the_file_says, kByteOrders* kResolutions, big_endian, nanoseconds) {
  TemporaryFolder folder;
  CaptureBuilder capture({big_endian, nanoseconds, 1});
  capture.add(1'700'000'000, 123'456, packet_of(60, 1));
  capture.add(4'294'967'295, 999'999, packet_of(10, 2), 1'514);
  write_file(folder / "x.pcap", capture.bytes());
  const auto reader = open(folder / "x.pcap");
  const auto records = all_records(*reader);
  BOOST_REQUIRE_EQUAL(records.size(), 2);
  const std::int64_t unit = nanoseconds ? 1 : 1'000;
  BOOST_TEST(records[0].at_ns == 1'700'000'000'000'000'000 + 123'456 * unit);
  BOOST_TEST(records[0].bytes == packet_of(60, 1));
  BOOST_TEST(records[0].original_length == 60);
  BOOST_TEST(records[0].link_type == link_type::ethernet);
  BOOST_TEST(records[1].at_ns == 4'294'967'295'000'000'000 + 999'999 * unit);
  BOOST_TEST(records[1].original_length == 1'514);
  BOOST_TEST(reader->report().records == 2);
  BOOST_TEST(reader->report().bytes == 70);
  BOOST_TEST(reader->report().cut_by_snap_length == 1);
  BOOST_TEST(reader->report().damage == "");
  BOOST_TEST(reader->report().bytes_unread == 0);
  BOOST_TEST(reader->format() == std::string("pcap, ") +
                                     (nanoseconds ? "nanoseconds" : "microseconds") + ", " +
                                     (big_endian ? "big" : "little") + " endian, Ethernet");
}

BOOST_DATA_TEST_CASE(agrees_with_libpcap_on_every_record, kByteOrders* kResolutions, big_endian,
                     nanoseconds) {
  TemporaryFolder folder;
  write_file(folder / "x.pcap", mixed_capture({big_endian, nanoseconds, 1}, 5'000).bytes());
  const auto reader = open(folder / "x.pcap");
  check_same(all_records(*reader), records_of_libpcap(folder / "x.pcap"));
  BOOST_TEST(reader->report().records == 5'000);
  BOOST_TEST(reader->report().cut_by_snap_length == 1'000);
}

BOOST_DATA_TEST_CASE(agrees_with_libpcap_on_the_link_type, kLinkTypes* kByteOrders, type,
                     big_endian) {
  TemporaryFolder folder;
  const auto number = static_cast<std::uint32_t>(type);
  // With the bits that say: frames end in a check sequence of two words.
  for (const std::uint32_t check_sequence : {0U, 0x24000000U}) {
    write_file(folder / "x.pcap",
               mixed_capture({big_endian, false, number | check_sequence}, 3).bytes());
    const auto records = all_records(*open(folder / "x.pcap"));
    check_same(records, records_of_libpcap(folder / "x.pcap"));
    BOOST_TEST(records.front().link_type == type);
  }
}

BOOST_AUTO_TEST_CASE(batches_hold_the_same_records_side_by_side) {
  TemporaryFolder folder;
  write_file(folder / "x.pcap", mixed_capture({}, 3'000).bytes());
  const auto expected = all_records(*open(folder / "x.pcap"));
  const auto reader = open(folder / "x.pcap");
  std::vector<Record> batch(64);
  std::vector<ReadRecord> records;
  std::size_t largest = 0;
  while (const std::size_t count = reader->next_batch(batch)) {
    largest = std::max(largest, count);
    for (const Record& r : std::span(batch).first(count)) {
      records.push_back(
          {r.at_ns, Bytes(r.bytes.begin(), r.bytes.end()), r.original_length, r.link_type});
    }
  }
  check_same(records, expected);
  BOOST_TEST(largest == 64);
  BOOST_TEST(reader->next_batch({}) == 0);
}

BOOST_AUTO_TEST_CASE(second_pass_gives_the_same_and_counts_anew) {
  TemporaryFolder folder;
  NextGenerationBuilder next_generation;
  next_generation.interface(1, 0, 9);
  for (std::uint32_t i = 0; i < 100; ++i) {
    next_generation.add(0, 1'700'000'000'000'000'000 + i, packet_of(40 + i, i), 40 + i);
  }
  write_file(folder / "classic", mixed_capture({}, 3'000).bytes());
  write_file(folder / "next", next_generation.bytes());
  for (const char* name : {"classic", "next"}) {
    const auto reader = open(folder / name);
    const auto first = all_records(*reader);
    const ReadReport report = reader->report();
    must(reader->rewind());
    check_same(all_records(*reader), first);
    BOOST_TEST(reader->report().records == report.records);
    BOOST_TEST(reader->report().time_went_back == report.time_went_back);
    Record record;
    BOOST_TEST(!reader->next(record));
  }
}

BOOST_DATA_TEST_CASE(pcapng_times_keep_their_resolution, data::make({6, 9}), resolution) {
  TemporaryFolder folder;
  NextGenerationBuilder capture;
  capture.interface(276, 262'144, static_cast<std::uint8_t>(resolution));
  const std::uint64_t second = resolution == 9 ? 1'000'000'000 : 1'000'000;
  capture.add(0, 1'700'000'000 * second + 123'457, packet_of(80, 1), 80);
  capture.add(0, 1'700'000'001 * second, packet_of(33, 2), 1'514);
  write_file(folder / "x.pcapng", capture.bytes());
  const auto reader = open(folder / "x.pcapng");
  const auto records = all_records(*reader);
  BOOST_REQUIRE_EQUAL(records.size(), 2);
  const std::int64_t unit = resolution == 9 ? 1 : 1'000;
  BOOST_TEST(records[0].at_ns == 1'700'000'000'000'000'000 + 123'457 * unit);
  BOOST_TEST(records[0].bytes == packet_of(80, 1));
  BOOST_TEST(records[0].link_type == link_type::linux_sll2);
  BOOST_TEST(records[1].original_length == 1'514);
  BOOST_TEST(reader->report().cut_by_snap_length == 1);
  BOOST_TEST(reader->report().damage == "");
  BOOST_TEST(reader->format() == "pcapng, Linux cooked v2");
}

BOOST_AUTO_TEST_CASE(raw_ip_has_one_number_whichever_reader_reads_it) {
  TemporaryFolder folder;
  write_file(folder / "ng",
             NextGenerationBuilder().interface(101, 0, 9).add(0, 1, packet_of(20, 1), 20).bytes());
  BOOST_TEST(all_records(*open(folder / "ng")).front().link_type == link_type::raw);
}

BOOST_AUTO_TEST_CASE(modified_and_older_pcap_go_through_libpcap) {
  TemporaryFolder folder;
  Bytes older = CaptureBuilder().add(5, 6, packet_of(30, 1)).bytes();
  older[6] = 3;  // version 2.3
  write_file(folder / "older", older);
  const auto reader = open(folder / "older");
  check_same(all_records(*reader), records_of_libpcap(folder / "older"));
  BOOST_TEST(reader->report().records == 1);
  BOOST_TEST(reader->format() == "pcap through libpcap, raw IP");

  // Alexey Kuznetzov's records have eight bytes more: interface, protocol, packet type.
  CaptureBuilder modified;
  modified.claim(5, 6, 30, 30).raw(Bytes(8)).raw(packet_of(30, 1));
  Bytes bytes = modified.bytes();
  bytes[0] = 0x34;
  bytes[1] = 0xCD;
  write_file(folder / "modified", bytes);
  const auto records = all_records(*open(folder / "modified"));
  BOOST_REQUIRE_EQUAL(records.size(), 1);
  BOOST_TEST(records[0].bytes == packet_of(30, 1));
}

BOOST_AUTO_TEST_CASE(pipes_are_read_once) {
  TemporaryFolder folder;
  const Bytes classic = mixed_capture({}, 2'000).bytes();
  const Bytes next =
      NextGenerationBuilder().interface(1, 0, 6).add(0, 1, packet_of(99, 1), 99).bytes();
  for (const Bytes& bytes : {classic, next}) {
    write_file(folder / "file", bytes);
    BOOST_REQUIRE_EQUAL(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    std::thread feeder([&] { write_file(folder / "pipe", bytes); });
    const auto reader = open(folder / "pipe");
    const auto records = all_records(*reader);
    feeder.join();
    check_same(records, all_records(*open(folder / "file")));
    BOOST_TEST(message_of(reader->rewind()).find("a pipe cannot be read twice") !=
               std::string::npos);
    ::unlink((folder / "pipe").c_str());
  }
}

BOOST_AUTO_TEST_CASE(minus_is_standard_input) {
  TemporaryFolder folder;
  write_file(folder / "x.pcap", mixed_capture({}, 500).bytes());
  const int before = ::dup(STDIN_FILENO);
  const int file = ::open((folder / "x.pcap").c_str(), O_RDONLY);
  BOOST_REQUIRE_EQUAL(::dup2(file, STDIN_FILENO), STDIN_FILENO);
  const auto from_input = all_records(*open("-"));
  const int directory = ::open(folder.path().c_str(), O_RDONLY);
  BOOST_REQUIRE_EQUAL(::dup2(directory, STDIN_FILENO), STDIN_FILENO);
  BOOST_TEST(open_error("-") == "standard input: is a directory: name a capture file in it");
  ::dup2(before, STDIN_FILENO);
  for (const int each : {before, file, directory}) ::close(each);
  check_same(from_input, all_records(*open(folder / "x.pcap")));
}

BOOST_AUTO_TEST_CASE(capture_without_packets_is_one) {
  TemporaryFolder folder;
  write_file(folder / "classic", CaptureBuilder().bytes());
  write_file(folder / "next", NextGenerationBuilder().interface(1, 0, 9).bytes());
  for (const char* name : {"classic", "next"}) {
    const auto reader = open(folder / name);
    BOOST_TEST(all_records(*reader).empty());
    BOOST_TEST(reader->report().damage == "");
    BOOST_TEST(damage_message(folder / name, reader->report()) == "");
  }
}

BOOST_AUTO_TEST_CASE(capinfos_counts_the_same_packets_and_bytes,
                     *boost::unit_test::precondition([](auto) {
                       return have_command("capinfos");
                     })) {
  TemporaryFolder folder;
  write_file(folder / "x.pcap", mixed_capture({true, true, 1}, 1'000).bytes());
  const auto reader = open(folder / "x.pcap");
  const auto records = all_records(*reader);
  std::uint64_t original = 0;
  for (const ReadRecord& r : records) original += r.original_length;
  // -M: machine-readable numbers, -T -r: a table without a header; packets and data bytes
  const std::string said =
      output_of("capinfos -M -T -r -c -d '" + (folder / "x.pcap").string() + "' 2>/dev/null");
  BOOST_TEST(said == (folder / "x.pcap").string() + "\t" + std::to_string(records.size()) + "\t" +
                         std::to_string(original) + "\n");
}

BOOST_AUTO_TEST_CASE(pcapng_of_unlike_interfaces_is_read_whole) {
  TemporaryFolder folder;
  NextGenerationBuilder capture;
  capture.interface(1, 96, 6).add(0, 1, packet_of(60, 1), 60);
  capture.interface(113, 262'144, 9).add(1, 2'000, packet_of(60, 2), 60);
  capture.interface(276, 0, 3).add(2, 3, packet_of(60, 3), 90).add(0, 4'000, packet_of(60, 4), 60);
  write_file(folder / "x.pcapng", capture.bytes());
  const auto reader = open(folder / "x.pcapng");
  const auto records = all_records(*reader);
  BOOST_TEST(reader->report().damage == "");
  BOOST_REQUIRE(records.size() == 4U);
  const std::vector<std::pair<std::uint16_t, std::int64_t>> expected{
      {1, 1'000}, {113, 2'000}, {276, 3'000'000}, {1, 4'000'000}};
  for (std::size_t i = 0; i < records.size(); ++i) {
    BOOST_TEST(records[i].link_type == expected[i].first);
    BOOST_TEST(records[i].at_ns == expected[i].second);
    BOOST_TEST(records[i].bytes == packet_of(60, static_cast<std::uint32_t>(i + 1)));
  }
  BOOST_TEST(reader->format() ==
             "pcapng, Ethernet, Linux cooked v1, Linux cooked v2, 3 interfaces");
}

// Packed by the programs themselves; read twice, as a replay does.
BOOST_AUTO_TEST_CASE(packed_captures_are_read_as_they_are) {
  TemporaryFolder folder;
  CaptureBuilder capture;
  for (std::uint32_t i = 0; i < 3'000; ++i) capture.add(i, 0, packet_of(100, i));
  write_file(folder / "x.pcap", capture.bytes());
  const auto plain = all_records(*open(folder / "x.pcap"));
  for (const std::string pack : {"gzip", "zstd"}) {
    if (!have_command(pack)) continue;
    const std::string file = (folder / ("x." + pack)).string();
    output_of(pack + " -c " + (folder / "x.pcap").string() + " > " + file);
    const auto reader = open(file);
    BOOST_TEST((all_records(*reader) == plain), pack);
    must(reader->rewind());
    BOOST_TEST((all_records(*reader) == plain), pack);
    // Cut off, it gives what is whole.
    const Bytes whole = read_file(file);
    write_file(file,
               Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(whole.size() / 2)));
    const auto half = all_records(*open(file));
    BOOST_TEST(half.size() > 500U);
    BOOST_TEST(half.size() < plain.size());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::pcap::test
