// What is written is what a hand-made capture holds and what tshark reads; a write that fails is
// told, with the file's name.
#include "pcap/writer.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/must.hpp"
#include "tests/pcap/capture_builder.hpp"

namespace elblab::pcap::test {
namespace {

std::unique_ptr<Writer> open_writer(const std::filesystem::path& path) {
  return must(Writer::open(path));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(writer)

BOOST_AUTO_TEST_CASE(writes_byte_for_byte_what_the_format_says) {
  TemporaryFolder folder;
  const auto writer = open_writer(folder / "x.pcap");
  writer->write(Instant(Duration(1'000'000'007)), packet_of(40, 1));
  writer->write(Instant(Duration(2'999'999'999)), packet_of(0, 2));
  writer->write_at(1'700'000'000'123'456'789, packet_of(100, 3), 1'500);
  writer->set_base(1'600'000'000'000'000'001);
  writer->write(Instant(Duration(41)), packet_of(7, 4));
  BOOST_TEST(message_of(writer->close()) == "");
  BOOST_TEST(!writer->failed());
  CaptureBuilder expected({.nanoseconds = true});
  expected.add(1, 7, packet_of(40, 1));
  expected.add(2, 999'999'999, {});
  expected.add(1'700'000'000, 123'456'789, packet_of(100, 3), 1'500);
  expected.add(1'600'000'000, 42, packet_of(7, 4));
  BOOST_TEST(read_file(folder / "x.pcap") == expected.bytes());
}

BOOST_AUTO_TEST_CASE(packets_of_every_size_come_back_across_the_buffers_edges) {
  TemporaryFolder folder;
  const auto writer = open_writer(folder / "x.pcap");
  std::vector<ReadRecord> expected;
  for (std::uint32_t i = 0; i < 400; ++i) {
    // Around the size of the buffer, twice its size, and everything below.
    const std::size_t size = i < 40 ? 65'500 + i : i == 40 ? 131'072 : i * 37 % 3'000;
    expected.push_back(
        {i * 1'000'003LL, packet_of(size, i), static_cast<std::uint32_t>(size), 101});
    writer->write(Instant(Duration(expected.back().at_ns)), expected.back().bytes);
  }
  BOOST_TEST(writer->close().has_value());
  const auto records = all_records(*open(folder / "x.pcap"));
  BOOST_REQUIRE_EQUAL(records.size(), expected.size());
  for (std::size_t i = 0; i < records.size(); ++i) BOOST_TEST((records[i] == expected[i]));
}

BOOST_AUTO_TEST_CASE(file_is_whole_when_the_writer_is_gone) {
  TemporaryFolder folder;
  open_writer(folder / "x.pcap")->write(kStart, packet_of(40, 1));
  BOOST_TEST(all_records(*open(folder / "x.pcap")).size() == 1);
}

BOOST_AUTO_TEST_CASE(full_disk_is_told_by_close_with_the_name_of_the_file) {
  const auto writer = open_writer("/dev/full");
  for (std::uint32_t i = 0; i < 10'000; ++i) writer->write(kStart, packet_of(60, i));
  BOOST_TEST(writer->failed());
  BOOST_TEST(message_of(writer->close()) == "capture file /dev/full: No space left on device");
  BOOST_TEST(message_of(writer->close()) == "capture file /dev/full: No space left on device");
}

BOOST_AUTO_TEST_CASE(full_disk_is_told_of_a_file_that_fits_the_buffer) {
  const auto writer = open_writer("/dev/full");
  writer->write(kStart, packet_of(60, 1));
  BOOST_TEST(!writer->close().has_value());
}

BOOST_AUTO_TEST_CASE(nothing_is_written_after_close) {
  TemporaryFolder folder;
  const auto writer = open_writer(folder / "x.pcap");
  BOOST_TEST(writer->close().has_value());
  writer->write(kStart, packet_of(60, 1));
  BOOST_TEST(writer->close().has_value());
  BOOST_TEST(std::filesystem::file_size(folder / "x.pcap") == 24);
}

BOOST_AUTO_TEST_CASE(file_that_cannot_be_made_is_an_error_with_its_name) {
  BOOST_TEST(message_of(Writer::open("/proc/no-such-folder/x.pcap")) ==
             "capture file /proc/no-such-folder/x.pcap: No such file or directory");
}

BOOST_AUTO_TEST_CASE(tshark_reads_the_same_times_and_lengths,
                     *boost::unit_test::precondition([](auto) { return have_command("tshark"); })) {
  TemporaryFolder folder;
  const auto writer = open_writer(folder / "x.pcap");
  Bytes packet = packet_of(40, 1);
  packet[0] = 0x45;
  writer->write_at(1'700'000'000'000'000'001, packet, 40);
  writer->write_at(1'700'000'000'999'999'999, packet, 1'500);
  BOOST_TEST(writer->close().has_value());
  BOOST_TEST(output_of("tshark -r '" + (folder / "x.pcap").string() +
                       "' -T fields -e frame.time_epoch -e frame.cap_len -e frame.len "
                       "2>/dev/null") ==
             "1700000000.000000001\t40\t40\n1700000000.999999999\t40\t1500\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::pcap::test
