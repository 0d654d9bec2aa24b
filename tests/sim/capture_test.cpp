// Captures of links, read by tshark where it is installed and by hand always.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tests/sim/link_fixture.hpp"  // printing of link kinds
#include "tests/sim/run_fixture.hpp"

namespace elblab::sim::test {
namespace {

using language::LinkKind;

const auto kAllKinds =
    boost::unit_test::data::make({LinkKind::point_to_point, LinkKind::csma, LinkKind::pooled});

std::vector<std::uint8_t> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::uint32_t little32(const std::vector<std::uint8_t>& bytes, std::size_t at) {
  return bytes[at] | (std::uint32_t{bytes[at + 1]} << 8) | (std::uint32_t{bytes[at + 2]} << 16) |
         (std::uint32_t{bytes[at + 3]} << 24);
}

// Packets of a capture; checks the header, that lengths fit the file and that time goes on.
std::size_t count_packets(const std::vector<std::uint8_t>& file) {
  BOOST_REQUIRE_GE(file.size(), 24);
  BOOST_TEST(little32(file, 0) == 0xA1B23C4D);
  BOOST_TEST(little32(file, 20) == 101);
  std::size_t packets = 0;
  std::uint64_t last = 0;
  for (std::size_t at = 24; at < file.size();) {
    BOOST_REQUIRE_LE(at + 16, file.size());
    const std::uint64_t time = little32(file, at) * 1'000'000'000ULL + little32(file, at + 4);
    BOOST_TEST(time >= last);
    last = time;
    BOOST_TEST(little32(file, at + 8) == little32(file, at + 12));
    at += 16 + little32(file, at + 8);
    BOOST_REQUIRE_LE(at, file.size());
    ++packets;
  }
  return packets;
}

std::string output_of(const std::string& command) {
  std::string output;
  std::FILE* pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return output;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) {
    output.push_back(static_cast<char>(c));
  }
  pclose(pipe);
  return output;
}

bool have_tshark() { return std::system("command -v tshark >/dev/null 2>&1") == 0; }

}  // namespace

BOOST_AUTO_TEST_SUITE(capture)

BOOST_DATA_TEST_CASE(shows_what_the_host_sees, kAllKinds, kind) {
  TemporaryFolder folder;
  RunOptions options;
  options.pcap_folder = folder.path();
  const TracedRun run(small_scenario(kind), options);
  for (const std::string host : {"c1", "c2", "b1", "b2"}) {
    const std::size_t packets = count_packets(read_file(folder / (host + ".pcap")));
    BOOST_TEST(packets == run.total("packets_in", host) + run.total("packets_out", host));
    BOOST_TEST(packets > 500);
  }
}

BOOST_AUTO_TEST_CASE(tshark_finds_no_wrong_checksum_and_no_malformed_packet,
                     *boost::unit_test::precondition([](auto) { return have_tshark(); })) {
  TemporaryFolder folder;
  RunOptions options;
  options.pcap_folder = folder.path();
  const TracedRun run(small_scenario(LinkKind::pooled, Mode::full_nat), options);
  const std::string tshark = "tshark -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -r ";
  for (const std::string host : {"c1", "b1"}) {
    const std::string file = (folder / (host + ".pcap")).string();
    const std::string wrong = output_of(
        tshark + file +
        " -Y 'ip.checksum.status == 0 || tcp.checksum.status == 0 || _ws.malformed' 2>/dev/null");
    BOOST_TEST(wrong == "");
    const std::string right = output_of(
        tshark + file + " -Y 'ip.checksum.status == 1 && tcp.checksum.status == 1' 2>/dev/null");
    BOOST_TEST(right != "");
  }
}

BOOST_AUTO_TEST_CASE(folder_that_cannot_be_made_is_an_error) {
  RunOptions options;
  options.pcap_folder = "/proc/no-such-folder";
  BOOST_TEST(run(small_scenario(LinkKind::pooled), options).error().message.find("capture") !=
             std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::sim::test
