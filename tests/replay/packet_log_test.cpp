// The packets in a replay's trace against the captures it read and wrote.
#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "analysis/trace/reader.hpp"
#include "tests/must.hpp"
#include "tests/replay/capture_fixture.hpp"
#include "tests/worlds/seen_packets.hpp"

namespace elblab::replay {
namespace {

using namespace test;
using forwarding::full_nat_balancer;
using telemetry::PacketAction;
using worlds::test::Seen;
using worlds::test::seen;
using worlds::test::told_by;

ReplayOptions keeping(worlds::PacketKeeping packets) {
  ReplayOptions options;
  options.packets = packets;
  return options;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(replay_packet_log)

BOOST_AUTO_TEST_CASE(holds_what_came_in_and_what_went_out) {
  Tape tape;
  std::vector<Seen> requests;
  for (std::uint16_t port = 2000; port < 2010; ++port) {
    const auto packets = conversation(at(kClient, port), at(kVirtual, 80), port * 10u);
    for (const Bytes& packet : packets) {
      const std::int64_t at_ns = std::int64_t(requests.size()) * 10'000'000;
      requests.push_back(seen(at_ns, packet));
    }
    tape.add(packets);
  }
  const auto is_answer = [](const Seen& packet) {
    return packet.destination != at(kVirtual, 80).to_string();
  };
  std::erase_if(requests, is_answer);
  std::sort(requests.begin(), requests.end());

  const Replayed replayed(tape, full_nat_balancer(), keeping(worlds::PacketKeeping::all));
  const auto trace = must(trace::Reader::open(replayed.trace()));
  BOOST_TEST(trace->packet_connections(1, 1000).size() == 10U);

  // Answers come in at the addresses that the engine chose; requests as captured.
  std::vector<Seen> came = told_by(*trace, "balancer", {PacketAction::received});
  BOOST_TEST(came.size() == 80U);
  std::erase_if(came, is_answer);
  BOOST_TEST((came == requests));

  std::vector<Seen> written;
  for (const auto& record : replayed.written) {
    written.push_back(seen(record.at_ns - kMorning * 1'000'000'000, record.bytes));
  }
  std::sort(written.begin(), written.end());
  BOOST_TEST((told_by(*trace, "balancer", {PacketAction::forwarded}) == written));
}

BOOST_AUTO_TEST_CASE(is_empty_when_none_are_wanted) {
  Tape tape;
  tape.add(conversation(at(kClient, 2000), at(kVirtual, 80)));
  const Replayed replayed(tape, full_nat_balancer(), keeping(worlds::PacketKeeping::none));
  const auto trace = must(trace::Reader::open(replayed.trace()));
  BOOST_TEST(trace->packets(1, 100).empty());
  BOOST_TEST(trace->packet_connections(1, 100).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::replay
