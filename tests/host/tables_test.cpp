// The host's data structures against naive ones.
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <map>
#include <set>

#include "models/host/ephemeral_ports.hpp"
#include "models/host/sockets.hpp"
#include "models/host/sysctls.hpp"
#include "models/host/tcp/receive_buffer.hpp"
#include "models/host/tcp/send_buffer.hpp"
#include "models/host/tcp/timer_wheel.hpp"

namespace elblab::host::testing {
namespace {

using namespace std::chrono_literals;

BOOST_AUTO_TEST_SUITE(tables)

BOOST_AUTO_TEST_CASE(ephemeral_ports_are_what_a_set_of_free_ports_says) {
  for (const auto& [low, high] : {std::pair{32768, 60999}, std::pair{1024, 1151},
                                  std::pair{1025, 1160}, std::pair{50001, 50010}}) {
    EphemeralPorts ports(random::Stream(3, "ports"));
    ports.set_range(static_cast<std::uint16_t>(low), static_cast<std::uint16_t>(high));
    const auto set = ports.set_for(net::IpAddress::v4(1), {net::IpAddress::v4(2), 80}, kStart);
    random::Stream stream(4, "use");
    std::set<std::uint16_t> used;
    const auto range = static_cast<std::size_t>((high - low + 1) & ~1);
    for (int i = 0; i < 100'000; ++i) {
      if (stream.chance(i % 20'000 < 12'000 ? 0.95 : 0.1)) {
        const auto port = ports.take(set);
        BOOST_REQUIRE_EQUAL(port.has_value(), used.size() < range);
        if (port) {
          BOOST_REQUIRE(*port >= low && *port <= high);
          BOOST_REQUIRE(used.insert(*port).second);
        }
      } else if (!used.empty()) {
        auto at = used.lower_bound(
            static_cast<std::uint16_t>(low + static_cast<int>(stream.below(range))));
        if (at == used.end()) at = used.begin();
        ports.release(set, *at);
        used.erase(at);
      }
      BOOST_REQUIRE_EQUAL(ports.used(set), used.size());
    }
  }
}

BOOST_AUTO_TEST_CASE(odd_ports_come_only_when_no_even_one_is_left) {
  EphemeralPorts ports(random::Stream(9, "ports"));
  ports.set_range(32768, 60999);
  const auto set = ports.set_for(net::IpAddress::v4(1), {net::IpAddress::v4(2), 80}, kStart);
  for (int i = 0; i < 28232; ++i) {
    const auto port = ports.take(set);
    BOOST_REQUIRE(port.has_value());
    BOOST_REQUIRE_EQUAL(*port % 2, i < 14116 ? 0 : 1);
  }
  BOOST_TEST(!ports.take(set).has_value());
}

// Against what connect() is given before it is refused.
BOOST_AUTO_TEST_CASE(local_ports_are_those_that_connect_gives_times_the_addresses_of_a_family) {
  const net::IpAddress one = net::IpAddress::v4(10, 0, 0, 1);
  Sysctls sysctls;
  BOOST_TEST(local_ports(sysctls, {}) == 0U);
  BOOST_TEST(local_ports(sysctls, std::vector{one}) == 28232U);
  for (const int count : {1, 2, 7, 100}) {
    sysctls.ip_local_port_range_high = sysctls.ip_local_port_range_low + count - 1;
    EphemeralPorts ports(random::Stream(1, "ports"));
    ports.set_range(32768, static_cast<std::uint16_t>(32768 + count - 1));
    const auto set = ports.set_for(one, {net::IpAddress::v4(2), 80}, kStart);
    std::size_t given = 0;
    while (ports.take(set)) ++given;
    BOOST_TEST(local_ports(sysctls, std::vector{one}) == given);
    BOOST_TEST(local_ports(sysctls, std::vector{one, one.plus(1), net::IpAddress()}) == 2 * given);
  }
}

// Linux since 5.18 ("tcp: add small random increments to the source port"); on Linux 6.18 connect()
// to one destination gave ports 2 … 16 apart, all steps alike often.
BOOST_AUTO_TEST_CASE(among_free_ports_the_next_is_2_to_16_on_each_step_as_often_as_any_other) {
  EphemeralPorts ports(random::Stream(5, "ports"));
  ports.set_range(32768, 60999);
  const auto set = ports.set_for(net::IpAddress::v4(1), {net::IpAddress::v4(2), 80}, kStart);
  constexpr int kRange = 28232;
  std::map<int, int> steps;
  auto before = ports.take(set);
  for (int i = 0; i < 80'000; ++i) {
    ports.release(set, *before);
    const auto port = ports.take(set);
    BOOST_REQUIRE(port.has_value());
    ++steps[(*port - *before + kRange) % kRange];
    before = port;
  }
  BOOST_REQUIRE_EQUAL(steps.size(), 8U);
  for (const auto& [step, count] : steps) {
    BOOST_TEST(step % 2 == 0);
    BOOST_TEST((2 <= step && step <= 16));
    BOOST_TEST(std::abs(count - 10'000) < 500);  // 5 standard deviations
  }
}

// Linux 5.18 and later hash the time in units of 10 s into the offset (secure_ipv4_port_ephemeral);
// on Linux 6.18 connects at 40/s gave ports in steps of 2 … 16 and one leap every 10.00 s.
BOOST_AUTO_TEST_CASE(every_10_s_ports_go_on_from_another_place) {
  EphemeralPorts ports(random::Stream(6, "ports"));
  ports.set_range(32768, 60999);
  constexpr int kRange = 28232;
  constexpr int kPeriods = 40;
  std::set<int> leaps;
  std::optional<std::uint16_t> before;
  for (int at = 0; at < kPeriods * 10; ++at) {
    const auto set = ports.set_for(net::IpAddress::v4(1), {net::IpAddress::v4(2), 80},
                                   kStart + std::chrono::seconds(at));
    const auto port = ports.take(set);
    BOOST_REQUIRE(port.has_value());
    if (before && at % 10 == 0) {
      leaps.insert((*port - *before + kRange) % kRange);
    } else if (before) {
      BOOST_TEST((*port - *before + kRange) % kRange <= 16 + 2 * at);  // past those in use
    }
    before = port;
  }
  BOOST_TEST(leaps.size() > kPeriods - 5);  // as good as never the same leap twice
}

BOOST_AUTO_TEST_CASE(receive_buffer_puts_any_order_right) {
  random::Stream stream(2, "segments");
  for (int run = 0; run < 200; ++run) {
    const std::uint32_t first = static_cast<std::uint32_t>(stream.next());  // wraps in some runs
    const std::uint32_t size = 1 + static_cast<std::uint32_t>(stream.below(60'000));
    ReceiveBuffer buffer;
    buffer.reset(first);
    std::vector<bool> stored(size);
    std::uint32_t handed = 0;
    while (handed < size) {
      const auto from =
          static_cast<std::uint32_t>(stream.chance(0.3) ? handed : stream.below(size));
      const auto n =
          std::min<std::uint32_t>(1 + static_cast<std::uint32_t>(stream.below(3000)), size - from);
      std::vector<std::uint8_t> bytes(n);
      for (std::uint32_t i = 0; i < n; ++i) bytes[i] = pattern_byte(from + i);
      buffer.store(first + from, bytes, false);
      for (std::uint32_t i = 0; i < n; ++i) stored[from + i] = true;
      std::uint32_t contiguous = handed;
      while (contiguous < size && stored[contiguous]) ++contiguous;
      BOOST_REQUIRE_EQUAL(buffer.contiguous_end(), first + contiguous);
      if (stream.chance(0.5)) continue;
      for (auto ready = buffer.ready(); !ready.empty(); ready = buffer.ready()) {
        for (const std::uint8_t byte : ready) {
          BOOST_REQUIRE_EQUAL(byte, pattern_byte(handed));
          ++handed;
        }
        buffer.consume(static_cast<std::uint32_t>(ready.size()));
      }
      BOOST_REQUIRE_EQUAL(handed, contiguous);
    }
    BOOST_TEST(buffer.empty());
  }
}

BOOST_AUTO_TEST_CASE(sack_blocks_name_the_latest_first_and_only_what_is_held) {
  ReceiveBuffer buffer;
  buffer.reset(1000);
  const std::vector<std::uint8_t> bytes(100);
  for (const std::uint32_t at : {1200U, 1400U, 1600U, 1800U, 1500U}) buffer.store(at, bytes, false);
  std::array<net::SackBlock, 4> blocks;
  BOOST_TEST(buffer.sack_blocks(1000, std::span(blocks).first(3)) == 3);
  BOOST_TEST((blocks[0] == net::SackBlock{1400, 1700}));  // 1500 joined its neighbours
  BOOST_TEST((blocks[1] == net::SackBlock{1800, 1900}));
  BOOST_TEST((blocks[2] == net::SackBlock{1200, 1300}));
}

BOOST_AUTO_TEST_CASE(send_buffer_gives_back_what_a_plain_stream_holds) {
  random::Stream stream(6, "writes");
  for (int run = 0; run < 50; ++run) {
    SendBuffer buffer;
    buffer.reset(0);
    std::vector<std::uint8_t> whole;
    std::uint64_t released = 0;
    for (int i = 0; i < 300; ++i) {
      const std::size_t n = stream.below(2000);
      if (stream.chance(0.5)) {
        std::vector<std::uint8_t> bytes(n);
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(stream.next());
        buffer.append(bytes);
        whole.insert(whole.end(), bytes.begin(), bytes.end());
      } else {
        buffer.append_pattern(n);
        for (std::size_t k = 0; k < n; ++k) whole.push_back(pattern_byte(whole.size()));
      }
      if (stream.chance(0.5)) {
        released += stream.below(whole.size() - released + 1);
        buffer.release_until(released);
      }
      BOOST_REQUIRE_EQUAL(buffer.begin(), released);
      BOOST_REQUIRE_EQUAL(buffer.end(), whole.size());
      const std::uint64_t from = released + stream.below(whole.size() - released + 1);
      std::vector<std::uint8_t> out(stream.below(whole.size() - from + 1));
      buffer.copy(from, out);
      const auto at = whole.begin() + static_cast<std::ptrdiff_t>(from);
      BOOST_REQUIRE(std::equal(out.begin(), out.end(), at));
    }
  }
}

BOOST_AUTO_TEST_CASE(timer_wheel_hands_out_each_connection_within_a_tick_of_its_deadline) {
  ConnectionSlab slab;
  TimerWheel wheel(slab);
  random::Stream stream(8, "deadlines");
  std::map<std::uint32_t, Instant> due;  // slot -> deadline
  Instant now = kStart + 5s;
  for (int i = 0; i < 500; ++i) {
    TcpConnection& c = slab.acquire();
    c.state = TcpState::established;
  }
  for (int round = 0; round < 20'000; ++round) {
    TcpConnection& c = slab.at(static_cast<std::uint32_t>(stream.below(500)));
    if (stream.chance(0.1)) {
      wheel.remove(c);
      due.erase(c.slot);
    } else {
      const auto ns =
          static_cast<std::int64_t>(stream.below(stream.chance(0.2) ? 20'000'000'000 : 50'000'000));
      const Instant deadline = now + Duration{ns};
      const auto known = due.find(c.slot);
      if (known == due.end() || deadline < known->second) due[c.slot] = deadline;
      wheel.arm(c, deadline, now);
    }
    now += Duration{static_cast<std::int64_t>(stream.below(4'000'000))};
    for (const auto& [slot, deadline] : due) {
      BOOST_REQUIRE(wheel.next_deadline() <= deadline + 1ms);
    }
    wheel.advance(now, [&](TcpConnection& expired) {
      const auto at = due.find(expired.slot);
      BOOST_REQUIRE(at != due.end());
      if (at->second > now) {
        wheel.arm(expired, at->second, now);  // farther than the wheel reaches
      } else {
        due.erase(at);
      }
    });
    for (const auto& [slot, deadline] : due) BOOST_REQUIRE(deadline + 1ms > now);
  }
}

BOOST_AUTO_TEST_CASE(every_sysctl_is_found_by_its_name_and_holds_its_default) {
  const Sysctls defaults;
  for (const SysctlEntry& entry : sysctl_table()) {
    BOOST_TEST(find_sysctl(entry.name) == &entry);
    BOOST_TEST((defaults.*entry.member >= entry.low));
    BOOST_TEST((defaults.*entry.member <= entry.high));
    BOOST_TEST(!entry.help.empty());
  }
  BOOST_TEST(sysctl_table().size() == sizeof(Sysctls) / sizeof(std::int64_t));
  BOOST_TEST(find_sysctl("net.ipv4.tcp_nothing") == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::host::testing
