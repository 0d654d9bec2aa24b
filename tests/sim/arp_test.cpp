// Address resolution against the times and messages RFC 826 and Linux's defaults give.
#include <boost/test/unit_test.hpp>
#include <vector>

#include "sim/arp_neighbours.hpp"
#include "sim/clock.hpp"

namespace elblab::sim::test {
namespace {

using namespace std::chrono_literals;

const MacAddress kOwnMac{2, 0, 0, 0, 0, 1};
const MacAddress kPeerMac{2, 0, 0, 0, 0, 2};
const net::IpAddress kOwn = net::IpAddress::v4(10, 0, 0, 1);
const net::IpAddress kPeer = net::IpAddress::v4(10, 0, 0, 2);

class CollectingOutput final : public ArpOutput {
 public:
  void send_arp(std::span<const std::uint8_t> message, const MacAddress& to) override {
    messages.push_back({message.begin(), message.end()});
    times.push_back(now());
    destinations.push_back(to);
  }
  void resolved(std::span<const std::uint8_t> packet, const MacAddress& to) override {
    sent.push_back({packet.begin(), packet.end()});
    destinations.push_back(to);
  }
  void unresolved(std::span<const std::uint8_t>, telemetry::Reason reason) override {
    lost.push_back(reason);
    lost_at = now();
  }
  std::vector<std::vector<std::uint8_t>> messages;
  std::vector<Instant> times;
  std::vector<MacAddress> destinations;
  std::vector<std::vector<std::uint8_t>> sent;
  std::vector<telemetry::Reason> lost;
  Instant lost_at;
};

struct ArpFixture {
  ~ArpFixture() { ns3::Simulator::Destroy(); }
  CollectingOutput output;
  ArpNeighbours neighbours{kOwnMac, {kOwn}, output};
  std::vector<std::uint8_t> packet{1, 2, 3};
};

// Written out from RFC 826: Ethernet, IPv4, lengths 6 and 4, operation, sender, target.
std::vector<std::uint8_t> reply_from_peer() {
  return {0, 1, 8, 0, 6, 4, 0, 2, 2, 0, 0, 0, 0, 2, 10, 0, 0, 2, 2, 0, 0, 0, 0, 1, 10, 0, 0, 1};
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(arp, ArpFixture)

BOOST_AUTO_TEST_CASE(unknown_neighbour_is_asked_for_three_times_then_given_up) {
  neighbours.hold(kPeer, packet);
  ns3::Simulator::Run();
  const std::vector<Instant> expected{kStart, kStart + 1s, kStart + 2s};
  BOOST_TEST((output.times == expected));
  const std::vector<std::uint8_t> request{0,  1, 8, 0, 6, 4, 0, 1, 2, 0, 0,  0, 0, 1,
                                          10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2};
  BOOST_TEST(output.messages.front() == request, boost::test_tools::per_element());
  BOOST_TEST((output.destinations.front() == kBroadcastMac));
  BOOST_REQUIRE_EQUAL(output.lost.size(), 1);
  BOOST_TEST((output.lost.front() == telemetry::Reason::no_route));
  BOOST_TEST((output.lost_at == kStart + 3s));
}

BOOST_AUTO_TEST_CASE(reply_sends_what_was_held_in_order_and_is_remembered) {
  neighbours.hold(kPeer, packet);
  neighbours.hold(kPeer, std::vector<std::uint8_t>{4});
  BOOST_TEST(output.messages.size() == 1);
  neighbours.receive(reply_from_peer());
  BOOST_REQUIRE_EQUAL(output.sent.size(), 2);
  BOOST_TEST(output.sent[0] == packet, boost::test_tools::per_element());
  BOOST_TEST((neighbours.find(kPeer) == kPeerMac));
  ns3::Simulator::Run();
  BOOST_TEST(output.messages.size() == 1);
  BOOST_TEST(output.lost.empty());
}

BOOST_AUTO_TEST_CASE(request_for_an_own_address_is_answered_and_teaches) {
  std::vector<std::uint8_t> request = reply_from_peer();
  request[7] = 1;
  neighbours.receive(request);
  BOOST_REQUIRE_EQUAL(output.messages.size(), 1);
  const std::vector<std::uint8_t> reply{0,  1, 8, 0, 6, 4, 0, 2, 2, 0, 0,  0, 0, 1,
                                        10, 0, 0, 1, 2, 0, 0, 0, 0, 2, 10, 0, 0, 2};
  BOOST_TEST(output.messages.front() == reply, boost::test_tools::per_element());
  BOOST_TEST((neighbours.find(kPeer) == kPeerMac));
}

BOOST_AUTO_TEST_CASE(messages_for_others_or_cut_short_are_ignored) {
  std::vector<std::uint8_t> other = reply_from_peer();
  other[27] = 99;
  neighbours.receive(other);
  std::vector<std::uint8_t> cut = reply_from_peer();
  while (!cut.empty()) {
    cut.pop_back();
    neighbours.receive(cut);
  }
  BOOST_TEST(!neighbours.find(kPeer));
  BOOST_TEST(output.messages.empty());
}

BOOST_AUTO_TEST_CASE(no_more_than_the_limit_is_held) {
  for (std::size_t i = 0; i < ArpNeighbours::kHeldPackets + 3; ++i) neighbours.hold(kPeer, packet);
  BOOST_TEST(output.lost.size() == 3);
  BOOST_TEST((output.lost.front() == telemetry::Reason::link_queue_full));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::sim::test
