// The topology for people: programs of theirs in its namespaces, real traffic through the balancer.
#include <unistd.h>

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "live/shell_run.hpp"
#include "tests/live/needs_privileges.hpp"
#include "tests/live_world/live_scenario.hpp"
#include "tests/must.hpp"

namespace elblab::live {
namespace {

using namespace std::chrono_literals;
using namespace test;

BOOST_TEST_GLOBAL_FIXTURE(NeedsPrivileges);

std::string text_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// A host that repeats nothing for a while: a machine that is busy with other things is late with
// packets, which is neither the kernels' nor the balancer's doing. (The second setting came with
// Linux 6.11.)
const std::string kPatience =
    "echo 0 > /proc/sys/net/ipv4/tcp_early_retrans; "
    "[ ! -e /proc/sys/net/ipv4/tcp_rto_min_us ] || "
    "echo 5000000 > /proc/sys/net/ipv4/tcp_rto_min_us; ";

Expected<int> run_in_shell(const std::string& line, ShellOptions options = {}) {
  options.command = {"/bin/sh", "-c", line};
  return run_shell(short_connections(1s), options);
}

bool installed(const std::string& program) {
  return std::system(("command -v " + program + " > /dev/null").c_str()) == 0;
}

// What tshark says to the packets of a capture that the filter names; a line each.
std::string complaints(const std::filesystem::path& capture, const std::filesystem::path& answer) {
  // Wrong checksums and everything that TCP analysis marks, but for windows: a reader that comes
  // late lets them fill up and opens them again; and for a checksum of 0xFFFF where tshark would
  // have 0: both are zero in ones' complement, and Linux sends the former (skb_checksum_help()),
  // once in 65536 packets.
  const std::string filter =
      "ip.checksum.status==\"Bad\" || (tcp.checksum.status==\"Bad\" && !tcp.checksum.ffff) || "
      "(tcp.analysis.flags && "
      "!tcp.analysis.window_full && !tcp.analysis.window_update && !tcp.analysis.zero_window && "
      "!tcp.analysis.zero_window_probe && !tcp.analysis.zero_window_probe_ack)";
  const std::string line = "tshark -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE -r '" +
                           capture.string() + "' -Y '" + filter + "' > '" + answer.string() +
                           "' 2>/dev/null";
  BOOST_REQUIRE_EQUAL(std::system(line.c_str()), 0);
  return text_of(answer);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(live_shell)

BOOST_AUTO_TEST_CASE(exit_status_is_that_of_the_program) {
  BOOST_TEST(must(run_in_shell("exit 0")) == 0);
  BOOST_TEST(must(run_in_shell("exit 42")) == 42);
  BOOST_TEST(must(run_in_shell("kill -9 $$")) == 128 + 9);
  ShellOptions options;
  options.command = {"/no/such/program"};
  BOOST_TEST(must(run_shell(short_connections(1s), options)) == 127);
}

BOOST_AUTO_TEST_CASE(program_is_in_the_first_clients_namespace_or_the_one_named) {
  const TemporaryFolder folder;
  const std::string out = (folder / "address").string();
  const auto scenario = short_connections(1s);
  for (const std::size_t host : {0U, 1U}) {
    ShellOptions options;
    options.host = host == 0 ? "" : scenario.hosts[host].name;
    BOOST_TEST(must(run_in_shell("ip -o addr show dev eth0 > " + out, options)) == 0);
    BOOST_TEST(text_of(out).find(scenario.hosts[host].addresses.front().to_string()) !=
               std::string::npos);
  }
  ShellOptions options;
  options.host = "b9";
  BOOST_TEST(message_of(run_in_shell("exit 0", options)) ==
             "there is no host 'b9' (there are: c1, b1, b2)");
}

BOOST_AUTO_TEST_CASE(nothing_outlives_the_program_not_even_a_daemon_it_left) {
  const TemporaryFolder folder;
  const std::string pid_file = (folder / "pid").string();
  // setsid: out of the shell's process group and session.
  const auto result =
      run_in_shell("setsid sh -c 'echo $$ > " + pid_file + "; exec tail -f /dev/null' & while " +
                   "[ ! -s " + pid_file + " ]; do :; done");
  BOOST_TEST(message_of(result) == "");
  const pid_t daemon = std::atoi(text_of(pid_file).c_str());
  BOOST_REQUIRE(daemon > 0);
  BOOST_TEST(kill(daemon, 0) == -1);
  BOOST_TEST(errno == ESRCH);
  BOOST_TEST(namespaces_of(getpid()).empty());
}

BOOST_AUTO_TEST_CASE(server_that_does_not_start_is_named_with_its_log) {
  const TemporaryFolder folder;
  ShellOptions options;
  options.serve = "echo cannot serve on {port}; false";
  options.log_folder = folder.path();
  const auto result = run_in_shell("exit 0", options);
  BOOST_TEST(message_of(result) ==
             "what serves on b1 port 90 ended: see " + (folder / "b1.90.log").string());
  BOOST_TEST(text_of(folder / "b1.90.log") == "cannot serve on 90\n");
}

BOOST_AUTO_TEST_CASE(curl_through_the_balancer_gets_the_file_and_tshark_has_no_complaint) {
  if (!installed("curl") || !installed("python3")) {
    BOOST_TEST_MESSAGE("skipped: curl or python3 is not installed");
    return;
  }
  const TemporaryFolder folder;
  // Short enough for slow start never to have more on its way than the rings of live ports hold:
  // hosts have `reno`, which knows no other end of it than a lost packet.
  std::string content(std::size_t{2} << 20, '\0');
  for (std::size_t i = 0; i < content.size(); ++i) {
    content[i] = static_cast<char>((i * 2654435761U) >> 13);
  }
  std::ofstream(folder / "file", std::ios::binary) << content;
  ShellOptions options;
  options.serve =
      kPatience + "exec python3 -m http.server -d " + folder.path().string() + " {port}";
  options.log_folder = folder.path();
  options.pcap_folder = folder / "pcap";
  options.command = {"/bin/sh", "-c",
                     kPatience + "exec curl -s -S --max-time 60 -o " + (folder / "got").string() +
                         " http://198.51.100.10/file"};
  auto scenario = short_connections(1s);
  // A queue that slow start does not overrun: no packet shall be lost.
  for (auto& host : scenario.hosts) host.link.queue_packets = 1'000'000;
  const auto result = run_shell(scenario, options);
  BOOST_TEST(must(result) == 0);
  BOOST_TEST((text_of(folder / "got") == content));

  if (!installed("tshark")) {
    BOOST_TEST_MESSAGE("captures not looked at: tshark is not installed");
    return;
  }
  std::size_t captures_with_packets = 0;
  for (const char* host : {"c1", "b1", "b2"}) {
    const auto capture = folder / "pcap" / (std::string(host) + ".pcap");
    if (std::filesystem::file_size(capture) > content.size()) ++captures_with_packets;
    BOOST_TEST_CONTEXT("capture of " << host) {
      BOOST_TEST(complaints(capture, folder / "complaints") == "");
    }
  }
  BOOST_TEST(captures_with_packets == 2);  // the client's, and that of the server chosen

  // The same filter finds one damaged byte: the last, which belongs to a packet.
  const auto damaged = folder / "damaged.pcap";
  std::string bytes = text_of(folder / "pcap" / "c1.pcap");
  bytes.back() = static_cast<char>(~bytes.back());
  std::ofstream(damaged, std::ios::binary) << bytes;
  BOOST_TEST(complaints(damaged, folder / "complaints") != "");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::live
