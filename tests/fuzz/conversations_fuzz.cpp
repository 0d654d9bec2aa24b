// Any bytes as a capture, down to its conversations and the scripts made of them: tables that point
// into each other, and counts that add up.
#include <algorithm>

#include "pcap/conversations/extractor.hpp"
#include "pcap/conversations/script.hpp"
#include "tests/fuzz/expect.hpp"
#include "tests/fuzz/memory_file.hpp"

namespace {

using namespace elblab;  // NOLINT: a program of its own
using fuzz::expect;
using pcap::Conversation;
using pcap::Conversations;

void check_conversation(const Conversations& all, const Conversation& c) {
  expect(c.client < all.clients.size(), "a client has an address");
  expect(c.server < all.servers.size(), "a server has an endpoint");
  expect(c.first_turn <= all.turns.size() && c.turns <= all.turns.size() - c.first_turn,
         "turns are in the table");
  expect(c.begin.count() >= 0 && c.length.count() >= 0, "a conversation begins and lasts");
  for (const pcap::Turn& turn : std::span(all.turns).subspan(c.first_turn, c.turns)) {
    expect(turn.pause.count() >= 0, "nobody speaks before being asked");
  }
}

void check_counts(const Conversations& all, std::uint64_t records) {
  expect(all.counts.records == records, "every record is counted");
  expect(all.counts.not_ip + all.counts.not_tcp_or_udp + all.counts.fragments +
                 all.counts.unreadable + all.counts.tcp_packets + all.counts.udp_packets ==
             records,
         "every record is in one count");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::MemoryFile file({data, size});
  const auto reader = pcap::Reader::open(file.path());
  if (!reader) return 0;
  const Conversations all = pcap::extract(**reader);
  check_counts(all, (*reader)->report().records);
  for (const Conversation& c : all.list) check_conversation(all, c);
  expect(std::ranges::is_sorted(all.list, {}, &Conversation::begin), "in the order they begin");

  const auto by_protocol = [](const Conversation& c) {
    return c.protocol == net::Protocol::tcp ? 0U : 1U;
  };
  const pcap::ScriptSet set = pcap::make_scripts(all, by_protocol, 2, 1400);
  expect(set.scripts.size() == 2 && set.without_target == 0, "every conversation is in a script");
  return 0;
}
