// Captures of simulated runs: what is extracted against what tshark counts, and a capture from both
// sides of the balancer against one from the client's side alone.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>
#include <sstream>

#include "pcap/conversations/extractor.hpp"
#include "pcap/link_layer.hpp"
#include "tests/conversations/simulated.hpp"
#include "tests/must.hpp"

using namespace elblab;
using namespace elblab::pcap;
using elblab::testing::Folder;

namespace {

// Losses, so that there are retransmissions; both protocols; several clients.
std::string scenario(const std::string& profile = "dedicated") {
  return R"(
scenario: lossy
title: to be captured
profile: )" +
         profile + R"(
duration: 12s
hosts:
  c1: {role: client, addresses: 4, link: {delay: 2ms, loss: 1%}}
  "b[1..3]": {role: server, link: {delay: 200us, loss: 1%}, service: {time: 3ms}}
balancer:
  listeners:
    web: {protocol: tcp, port: 80, group: app}
    dns: {protocol: udp, port: 53, group: names}
  groups:
    app: {servers: {"b[1..3]": {port: 90}}}
    names: {servers: {"b[1..3]": {port: 53}}}
workload:
  short: {from: c1, to: web, short_connections: 60/s, for: 8s, request: 200B, response: 30KB}
  kept: {from: c1, to: web, persistent: 6, requests: 50/s, for: 9s, response: 2KB}
  lookups: {from: c1, to: dns, datagrams: 70/s, for: 8s, request: 40B, response: 120B}
)";
}

Conversations extract_file(const std::filesystem::path& path) {
  return extract(*must(Reader::open(path)));
}

std::vector<Conversation> of(const Conversations& all, net::Protocol protocol) {
  std::vector<Conversation> list;
  std::copy_if(all.list.begin(), all.list.end(), std::back_inserter(list),
               [&](const Conversation& c) { return c.protocol == protocol; });
  return list;
}

struct Counts {
  std::uint64_t from_client = 0;  // packets
  std::uint64_t from_server = 0;
  auto operator<=>(const Counts&) const = default;
};

// By client address and port; a port used again in so short a run adds up on both sides.
using ByClient = std::map<std::string, Counts>;

ByClient extracted(const Conversations& all, net::Protocol protocol) {
  ByClient counts;
  for (const Conversation& c : of(all, protocol)) {
    Counts& one = counts[net::Endpoint{all.clients[c.client], c.client_port}.to_string()];
    one.from_client += c.packets.client;
    one.from_server += c.packets.server;
  }
  return counts;
}

// Lines of "A <-> B  frames bytes unit  frames bytes unit ...": first those from B to A.
std::optional<ByClient> by_tshark(const std::filesystem::path& capture,
                                  const std::string& protocol) {
  const auto text = testing::output_of("tshark -r " + capture.string() + " -q -z conv," + protocol);
  if (!text) return std::nullopt;
  ByClient counts;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string a;
    std::string arrow;
    std::string b;
    std::string bytes;
    std::string unit;
    std::uint64_t to_a = 0;
    std::uint64_t to_b = 0;
    if (!(words >> a >> arrow >> b >> to_a >> bytes >> unit >> to_b) || arrow != "<->") continue;
    const bool a_serves = a.ends_with(":80") || a.ends_with(":53");
    Counts& one = counts[a_serves ? b : a];
    one.from_client += a_serves ? to_a : to_b;
    one.from_server += a_serves ? to_b : to_a;
  }
  return counts;
}

// Captures one after the other, put into the order of time.
Conversations extract_together(const std::vector<std::filesystem::path>& paths) {
  struct Kept {
    std::int64_t at_ns;
    std::vector<std::uint8_t> bytes;
  };
  std::vector<Kept> packets;
  for (const auto& path : paths) {
    const auto reader = must(Reader::open(path));
    for (Record record; reader->next(record);) {
      packets.push_back({record.at_ns, {record.bytes.begin(), record.bytes.end()}});
    }
  }
  std::stable_sort(packets.begin(), packets.end(),
                   [](const Kept& a, const Kept& b) { return a.at_ns < b.at_ns; });
  Extractor extractor;
  for (const Kept& packet : packets) {
    extractor.add({packet.at_ns, packet.bytes, static_cast<std::uint32_t>(packet.bytes.size()),
                   link_type::raw});
  }
  return extractor.finish();
}

}  // namespace

BOOST_AUTO_TEST_CASE(conversations_and_packets_are_those_that_tshark_counts) {
  const Folder folder;
  testing::simulate(testing::decode_text(scenario()), folder / "a.db", folder / "captures");
  const auto capture = folder / "captures/c1.pcap";
  const Conversations found = extract_file(capture);
  BOOST_TEST(found.counts.retransmissions > 0U);
  for (const auto& [name, protocol] :
       {std::pair("tcp", net::Protocol::tcp), std::pair("udp", net::Protocol::udp)}) {
    const auto expected = by_tshark(capture, name);
    if (!expected) {
      BOOST_TEST_MESSAGE("tshark is not installed: not compared");
      return;
    }
    BOOST_TEST(expected->size() > 400U);
    const ByClient counts = extracted(found, protocol);
    BOOST_TEST(counts.size() == expected->size());
    for (const auto& [client, each] : *expected) {
      const auto ours = counts.find(client);
      BOOST_REQUIRE_MESSAGE(ours != counts.end(), client);
      BOOST_TEST((ours->second == each), client);
    }
  }
}

// The programs' own bytes, whatever was lost and sent again: 480 requests of 200 B and answers of
// 30,000 B on short connections; 50/s of 200 B and 2,000 B on six kept ones.
BOOST_AUTO_TEST_CASE(payload_is_what_the_programs_said) {
  const Folder folder;
  testing::simulate(testing::decode_text(scenario()), folder / "a.db", folder / "captures");
  const Conversations found = extract_file(folder / "captures/c1.pcap");
  std::size_t whole = 0;
  std::uint64_t kept_requests = 0;
  std::uint64_t kept_answers = 0;
  for (const Conversation& c : of(found, net::Protocol::tcp)) {
    if (c.bytes.server == 30000) {
      ++whole;
      BOOST_TEST(c.bytes.client == 200U);
    } else {
      kept_requests += c.bytes.client;
      kept_answers += c.bytes.server;
    }
  }
  BOOST_TEST(whole == 480U);
  BOOST_TEST(kept_requests == 450U * 200U);
  BOOST_TEST(kept_answers == 450U * 2000U);
}

BOOST_AUTO_TEST_CASE(a_capture_of_both_sides_of_the_balancer_counts_tcp_once) {
  for (const char* mode : {"dedicated", "shared"}) {  // DNAT, fullNAT
    const Folder folder;
    testing::simulate(testing::decode_text(scenario(mode)), folder / "a.db", folder / "captures");
    const auto captures = folder / "captures";
    const Conversations client_side = extract_file(captures / "c1.pcap");
    const Conversations both = extract_together(
        {captures / "c1.pcap", captures / "b1.pcap", captures / "b2.pcap", captures / "b3.pcap"});
    const auto inside = extract_file(captures / "b1.pcap").clients;
    const bool translated = std::none_of(inside.begin(), inside.end(), [&](const auto& address) {
      return std::count(client_side.clients.begin(), client_side.clients.end(), address) > 0;
    });
    const auto alone = of(client_side, net::Protocol::tcp);
    const auto together = of(both, net::Protocol::tcp);
    BOOST_TEST_CONTEXT(mode) {
      BOOST_TEST(translated == (std::string(mode) == "shared"));
      BOOST_TEST(both.counts.seen_twice >= alone.size());
      BOOST_REQUIRE(together.size() == alone.size());
      for (std::size_t i = 0; i < alone.size(); ++i) {
        BOOST_TEST(together[i].bytes.client == alone[i].bytes.client);
        BOOST_TEST(together[i].bytes.server == alone[i].bytes.server);
        BOOST_TEST(together[i].client_port == alone[i].client_port);
      }
    }
  }
}
