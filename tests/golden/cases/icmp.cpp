// How a host limits the ICMP messages it sends (icmp_ratelimit, icmp_ratemask, icmp_msgs_per_sec).
#include "models/net/icmp.hpp"

#include "tests/golden/cases/datagrams.hpp"
#include "tests/golden/cases/situations.hpp"

namespace elblab::golden {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

void one_peer(Scene& scene) {
  IcmpCounter unreachables(scene, net::icmp_type::destination_unreachable);
  scene.begin();
  scene.hide_packets();
  send_at_rate(scene, {kPeerAddress}, 4500, 1000);
  scene.wait(milliseconds(100));
  scene.write_figure("at once", static_cast<double>(unreachables.between({}, milliseconds(500))), 6,
                     6);
  for (int second = 1; second <= 4; ++second) {
    const Duration middle = seconds(second);
    const std::size_t count =
        unreachables.between(middle - milliseconds(500), middle + milliseconds(500));
    scene.write("around second " + std::to_string(second) + ": " + std::to_string(count));
  }
  scene.wait(seconds(8));
  const Duration resumed = scene.now();
  send_at_rate(scene, {kPeerAddress}, 300, 1000);
  scene.wait(milliseconds(100));
  scene.write("after 8 s idle: " +
              std::to_string(unreachables.between(resumed, resumed + milliseconds(500))));
}

void partial_refill(Scene& scene) {
  IcmpCounter unreachables(scene, net::icmp_type::destination_unreachable);
  scene.begin();
  scene.hide_packets();
  for (int i = 0; i < 20; ++i) inject_datagram(scene, kPeerAddress);
  scene.wait_until(milliseconds(3500));
  scene.write("of 20 at once: " + std::to_string(unreachables.total()));
  for (int i = 0; i < 20; ++i) inject_datagram(scene, kPeerAddress);
  scene.wait(milliseconds(100));
  scene.write("after 3.5 s in all: " + std::to_string(unreachables.total()));
}

// The global limit is 1000 messages a second and 50 at once, but Linux charges each message 0, 1 or
// 2 credits at random (icmp.c: icmp_global_consume), a variance of 2/3 each: n messages are
// uncertain by sqrt(2n/3), which is 45 of 3050 and 37 of 2050. The upper bounds lie five of these
// above, the lower ones leave room for a sender that stalls, whose credit beyond 50 is lost.
void many_peers(Scene& scene) {
  std::vector<net::IpAddress> peers;
  for (std::uint64_t i = 0; i < 500; ++i) peers.push_back(net::IpAddress::v4(10, 9, 4, 0).plus(i));
  IcmpCounter unreachables(scene, net::icmp_type::destination_unreachable);
  scene.begin();
  scene.hide_packets();
  send_at_rate(scene, peers, 6000, 2000);
  scene.wait(milliseconds(100));
  scene.write_figure("unreachables in 3 s", static_cast<double>(unreachables.total()), 2700, 3280);
  scene.write_figure("most to one peer", static_cast<double>(unreachables.most_per_peer()), 6, 8);
}

void global_limit_only(Scene& scene) {
  scene.host().set_sysctl("net.ipv4.icmp_ratelimit", 0);
  IcmpCounter unreachables(scene, net::icmp_type::destination_unreachable);
  scene.begin();
  scene.hide_packets();
  send_at_rate(scene, {kPeerAddress}, 4000, 2000);
  scene.wait(milliseconds(100));
  scene.write_figure("unreachables in 2 s", static_cast<double>(unreachables.total()), 1800, 2240);
}

void type_cleared_from_mask(Scene& scene) {
  scene.host().set_sysctl("net.ipv4.icmp_ratemask", 6160);
  IcmpCounter unreachables(scene, net::icmp_type::destination_unreachable);
  scene.begin();
  scene.hide_packets();
  send_at_rate(scene, {kPeerAddress}, 500, 500);
  scene.wait(milliseconds(100));
  scene.write("unreachables for 500: " + std::to_string(unreachables.total()));
}

void echo(Scene& scene) {
  IcmpCounter replies(scene, net::icmp_type::echo_reply);
  scene.begin();
  scene.hide_packets();
  for (std::uint16_t i = 0; i < 1000; ++i) {
    if (i % 10 == 0) scene.wait_until(milliseconds(i));
    inject_echo_request(scene, i);
  }
  scene.wait(milliseconds(100));
  scene.write("replies to 1000: " + std::to_string(replies.total()));
}

void echo_ignored(Scene& scene) {
  scene.host().set_sysctl("net.ipv4.icmp_echo_ignore_all", 1);
  scene.begin();
  for (std::uint16_t i = 0; i < 5; ++i) inject_echo_request(scene, i);
  scene.wait(milliseconds(200));
  scene.write("no reply");
}

}  // namespace

std::vector<GoldenCase> icmp_cases() {
  // A busy machine sends in gusts, and a full bucket of 50 loses what it cannot hold: the lower
  // bounds of rows 31 and 32 leave room for that.
  constexpr Tolerance kAnyPace{.base = milliseconds(2000)};
  return {
      {.row = "30",
       .name = "port unreachables to one peer: 6 at once, then 1 per second",
       .play = one_peer,
       .expected = R"(
4.60 at once: 6
4.60 around second 1: 1
4.60 around second 2: 1
4.60 around second 3: 1
4.60 around second 4: 1
13.0 after 8 s idle: 6
)",
       .tolerance = kAnyPace},
      {.row = "30b",
       .name = "the bucket of a peer gains one message per second",
       .play = partial_refill,
       .expected = R"(
3.50 of 20 at once: 6
3.60 after 3.5 s in all: 9
)"},
      {.row = "31",
       .name = "port unreachables to 500 peers: about 1000/s in all",
       .play = many_peers,
       .expected = R"(
3.10 unreachables in 3 s: 2700..3280
3.10 most to one peer: 6..8
)",
       .tolerance = kAnyPace},
      {.row = "32",
       .name = "with icmp_ratelimit 0 only the global limit holds",
       .play = global_limit_only,
       .expected = R"(
2.10 unreachables in 2 s: 1800..2240
)",
       .tolerance = kAnyPace},
      {.row = "33",
       .name = "a type cleared from icmp_ratemask is not limited per peer",
       .play = type_cleared_from_mask,
       .expected = R"(
1.10 unreachables for 500: 500
)",
       .tolerance = kAnyPace},
      {.row = "34",
       .name = "every echo request is answered",
       .play = echo,
       .expected = R"(
1.10 replies to 1000: 1000
)",
       .tolerance = kAnyPace},
      {.row = "35",
       .name = "icmp_echo_ignore_all silences echo",
       .play = echo_ignored,
       .expected = R"(
0.20 no reply
)"},
  };
}

}  // namespace elblab::golden
