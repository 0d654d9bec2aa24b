// elblab import and elblab replay --stateful as a person uses them, good input and bad.
#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include "tests/conversations/played_captures.hpp"

using namespace elblab;
using namespace elblab::pcap::testing;
using elblab::test::Ended;
using elblab::test::run_program;
using elblab::testing::PlayedCaptures;

BOOST_FIXTURE_TEST_CASE(a_capture_is_played_and_told_in_words, PlayedCaptures) {
  const Ended ended = replay(save(connections(100, 80)));
  BOOST_TEST(ended.exit_code == 0);
  BOOST_TEST(ended.err == "");
  BOOST_TEST_CONTEXT(ended.out) {
    BOOST_TEST(says(ended.out, "100 conversations (100 TCP, 0 UDP) of 3 clients with 1 server "));
    BOOST_TEST(says(ended.out, "tcp 10.0.0.200:80 → listener web (by port), 100 conversations"));
    BOOST_TEST(says(ended.out, "100  went as captured (100.0 %)"));
    BOOST_TEST(says(ended.out, "payload: 10 KB to the servers, 500 KB to the clients"));
    BOOST_TEST(says(ended.out, "group app: b1 "));
    BOOST_TEST(says(ended.out, "3 addresses): time_wait peak 100, 0 connects refused locally"));
    BOOST_TEST(says(ended.out, "goes on as it was captured"));
  }
  BOOST_TEST(replay(save(connections(100, 80))).out.size() == ended.out.size());
}

BOOST_FIXTURE_TEST_CASE(rules_say_which_server_is_which_listener, PlayedCaptures) {
  Packets packets = connections(40, 443);
  const Packets other = connections(30, 80);
  packets.list.insert(packets.list.end(), other.list.begin(), other.list.end());
  const std::string capture = save(packets);
  const Ended mapped = replay(capture, {"--map", "10.0.0.200:443=shop"});
  BOOST_TEST(mapped.exit_code == 0);
  BOOST_TEST(says(mapped.out, "10.0.0.200:443 → listener shop (by rule), 40 conversations"));
  BOOST_TEST(says(mapped.out, "10.0.0.200:80 → not played (no rule), 30 conversations"));
  BOOST_TEST(says(mapped.out, "40  went as captured"));
  // Two listeners, and neither has port 443.
  const Ended unmapped = replay(capture);
  BOOST_TEST(says(unmapped.out, "→ not played (none of the listeners has this port)"));
  BOOST_TEST(says(unmapped.out, "30  went as captured"));
  const Ended wrong = replay(capture, {"--map", "10.0.0.200:443=sho"});
  BOOST_TEST(wrong.exit_code == 2);
  BOOST_TEST(says(wrong.err, "no listener 'sho'"));
  const Ended nothing = replay(capture, {"--map", "10.0.0.99:1=shop"});
  BOOST_TEST(nothing.exit_code == 2);
  BOOST_TEST(says(nothing.err, "no captured server is mapped onto a listener"));
}

BOOST_FIXTURE_TEST_CASE(captures_without_conversations_are_refused_with_the_reason,
                        PlayedCaptures) {
  const auto refused = [&](const std::string& capture, const std::string& why) {
    const Ended ended = replay(capture);
    BOOST_TEST(ended.exit_code == 2);
    BOOST_TEST(says(ended.err, why), ended.err);
    const Ended imported = run_program({"import", capture});
    BOOST_TEST(imported.exit_code == 2);
    BOOST_TEST(imported.out == "");
    BOOST_TEST(imported.err != "");
  };
  refused(save({}), "it holds no packet");
  Packets flood;
  for (std::uint32_t i = 0; i < 500; ++i) {
    flood.tcp(i, endpoint(i, 1000), endpoint(5000, 80), flag::syn, i * 7919, 0);
  }
  refused(save(flood), "500 unanswered, 0 refused");
  Packets scan;
  for (std::uint16_t i = 1; i <= 500; ++i) {
    scan.tcp(i, endpoint(1, 1000), endpoint(2, i), flag::syn, i, 0);
    scan.tcp(i, endpoint(2, i), endpoint(1, 1000), flag::rst | flag::ack, 0, i + 1U);
  }
  refused(save(scan), "0 unanswered, 500 refused");
  Packets pings;
  net::IpFields ip;
  ip.source = endpoint(1, 0).address;
  ip.destination = endpoint(2, 0).address;
  std::vector<std::uint8_t> ping(100);
  ping.resize(net::build_icmp(ping, ip, 8, 0, 1, std::vector<std::uint8_t>(20)));
  pings.add(0, ping);
  refused(save(pings), "none of its 1 packets is TCP or UDP");
  refused((folder / "missing.pcap").string(), "missing.pcap");
  refused((folder / "lb.yaml").string(), "lb.yaml");
  refused(folder / "", "");
}

BOOST_FIXTURE_TEST_CASE(of_a_capture_cut_midway_the_part_before_is_used, PlayedCaptures) {
  const std::string capture = save(connections(100, 80));
  std::filesystem::resize_file(capture, std::filesystem::file_size(capture) / 2);
  const Ended ended = replay(capture);
  BOOST_TEST(ended.exit_code == 0);
  BOOST_TEST(says(ended.err, "cap.pcap"));
  BOOST_TEST(says(ended.out, "went as captured (100.0 %)"));
  const Ended imported = run_program({"import", capture});
  BOOST_TEST(imported.exit_code == 0);
  BOOST_TEST(says(imported.out, "short_connections: 100/s"));
}

BOOST_FIXTURE_TEST_CASE(an_imported_scenario_is_valid_and_runs, PlayedCaptures) {
  Packets packets = connections(200, 80);
  for (std::uint32_t i = 0; i < 150; ++i) {
    packets.udp(i * 10, endpoint(7, static_cast<std::uint16_t>(1000 + i)), endpoint(200, 53), 40);
    packets.udp(i * 10 + 1, endpoint(200, 53), endpoint(7, static_cast<std::uint16_t>(1000 + i)),
                90);
  }
  const Ended imported = run_program({"import", save(packets)});
  BOOST_TEST(imported.exit_code == 0);
  BOOST_TEST(says(imported.err, "tcp-80: 200 conversations, 200 requests"));
  BOOST_TEST(says(imported.out, "#   response                                  5,000 B"));
  const std::string file = (folder / "imported.elb.yaml").string();
  std::ofstream(file) << imported.out;
  BOOST_TEST(run_program({"validate", file}).exit_code == 0);
  const Ended run = run_program({"run", file, "--out", (folder / "out").string()});
  BOOST_TEST(run.exit_code == 0);
  BOOST_TEST(says(run.out, "holds: 1 run, 2 expectations"), run.out);
  const Ended wrong = run_program({"import", file});
  BOOST_TEST(wrong.exit_code == 2);
  const Ended rule = run_program({"import", save(packets), "--map", "web"});
  BOOST_TEST(rule.exit_code == 2);
  BOOST_TEST(says(rule.err, "--map web: expected captured server=name"));
}
