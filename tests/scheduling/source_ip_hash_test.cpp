#include "models/scheduling/source_ip_hash.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>
#include <numeric>
#include <set>
#include <string>
#include <vector>

#include "tests/scheduling/groups.hpp"

namespace elblab::scheduling {
namespace {

using Kind = config::SourceHash::Kind;

std::vector<std::uint16_t> holders(const SlotTable& table) {
  std::vector<std::uint16_t> all;
  for (std::uint32_t slot = 0; slot < SlotTable::kSlots; ++slot) all.push_back(table.holder(slot));
  return all;
}

std::vector<std::uint16_t> holders(const std::vector<SlotTable::Member>& members,
                                   config::SourceHash settings = {}) {
  SlotTable table;
  table.fill(members, settings);
  return holders(table);
}

std::vector<SlotTable::Member> members_named(const std::vector<std::string>& names) {
  std::vector<SlotTable::Member> members;
  for (const std::string& name : names) {
    members.push_back({server_key(name), static_cast<std::uint16_t>(members.size())});
  }
  return members;
}

std::vector<SlotTable::Member> members_b(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(server_name(i));
  return members_named(names);
}

// The algorithm as the paper prints it: every server's permutation written out, then filled in
// turns.
std::vector<std::uint16_t> naive_maglev(std::vector<SlotTable::Member> members,
                                        std::uint64_t seed) {
  constexpr std::uint64_t kM = 65537;
  std::sort(members.begin(), members.end(),
            [](const auto& a, const auto& b) { return a.key < b.key; });
  std::vector<std::vector<std::uint32_t>> permutation;
  for (const auto& member : members) {
    const std::uint64_t first = random::splitmix64(random::splitmix64(seed) ^ member.key);
    const std::uint64_t offset = first % kM;
    const std::uint64_t skip = random::splitmix64(first) % (kM - 1) + 1;
    auto& wishes = permutation.emplace_back();
    for (std::uint64_t j = 0; j < kM; ++j) {
      wishes.push_back(static_cast<std::uint32_t>((offset + j * skip) % kM));
    }
  }
  std::vector<int> entry(kM, -1);
  std::vector<std::size_t> next(members.size(), 0);
  for (std::size_t filled = 0; filled < kM;) {
    for (std::size_t i = 0; i < members.size() && filled < kM; ++i) {
      while (entry[permutation[i][next[i]]] >= 0) ++next[i];
      entry[permutation[i][next[i]++]] = members[i].server;
      ++filled;
    }
  }
  return {entry.begin(), entry.end()};
}

std::map<std::uint16_t, std::uint32_t> shares(const std::vector<std::uint16_t>& holders) {
  std::map<std::uint16_t, std::uint32_t> slots;
  for (const std::uint16_t server : holders) ++slots[server];
  return slots;
}

net::IpAddress address(const char* text) { return *net::IpAddress::parse(text); }

}  // namespace

BOOST_AUTO_TEST_SUITE(source_ip_hash)

// Computed by a program of its own, in another language: a change of the hash would send the users
// of a recorded run elsewhere.
BOOST_AUTO_TEST_CASE(sends_known_clients_to_known_servers) {
  struct Expected {
    const char* client;
    std::uint32_t slot;
    std::size_t server;
  };
  const Expected unseeded[] = {{"203.0.113.1", 3322, 3},  {"203.0.113.2", 5223, 0},
                               {"203.0.113.3", 10739, 2}, {"198.51.100.77", 29629, 1},
                               {"10.0.0.1", 49145, 3},    {"2001:db8::1", 3557, 1},
                               {"2001:db8::2", 40369, 1}, {"2001:db8:0:1::1", 32542, 2}};
  const Expected seeded[] = {{"203.0.113.1", 61603, 2}, {"203.0.113.2", 43989, 0},
                             {"203.0.113.3", 44806, 1}, {"198.51.100.77", 59188, 1},
                             {"10.0.0.1", 27618, 1},    {"2001:db8::1", 60518, 1},
                             {"2001:db8::2", 18441, 3}, {"2001:db8:0:1::1", 42896, 3}};
  const Candidates candidates = equal_servers(4);
  SourceIpHash plain({Kind::consistent, 0});
  for (const Expected& expected : unseeded) {
    BOOST_TEST(slot_of(address(expected.client), 0) == expected.slot);
    BOOST_TEST(*plain.pick(candidates, {address(expected.client), {}}) == expected.server);
  }
  SourceIpHash other({Kind::consistent, 7});
  for (const Expected& expected : seeded) {
    BOOST_TEST(slot_of(address(expected.client), 7) == expected.slot);
    BOOST_TEST(*other.pick(candidates, {address(expected.client), {}}) == expected.server);
  }
}

BOOST_AUTO_TEST_CASE(fills_its_table_as_the_paper_does) {
  random::Stream random(1, "maglev");
  for (const std::size_t servers : {1, 2, 3, 7, 10, 33}) {
    std::vector<SlotTable::Member> members;
    for (std::size_t i = 0; i < servers; ++i) {
      members.push_back({random.next(), static_cast<std::uint16_t>(random.below(60000))});
    }
    const std::uint64_t seed = random.next();
    BOOST_TEST((holders(members, {Kind::consistent, seed}) == naive_maglev(members, seed)));
  }
}

BOOST_AUTO_TEST_CASE(gives_every_server_the_same_number_of_slots_but_for_one) {
  for (const std::size_t servers : {1, 2, 3, 4, 10, 100, 999, 1000}) {
    for (const Kind kind : {Kind::consistent, Kind::table}) {
      const auto slots = shares(holders(members_b(servers), {kind, 5}));
      BOOST_TEST(slots.size() == servers);
      for (const auto& [server, count] : slots) {
        BOOST_TEST(server < servers);
        BOOST_TEST(count >= SlotTable::kSlots / servers);
        BOOST_TEST(count <= SlotTable::kSlots / servers + 1);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(does_not_depend_on_the_order_in_which_servers_were_added) {
  random::Stream random(2, "order");
  auto members = members_b(20);
  const auto in_order = holders(members);
  for (int trial = 0; trial < 5; ++trial) {
    for (std::size_t i = members.size(); i > 1; --i) {
      std::swap(members[i - 1], members[random.below(i)]);
    }
    BOOST_TEST((holders(members) == in_order));
  }
}

// Whatever happened before: the servers that are usable now decide alone.
BOOST_AUTO_TEST_CASE(returns_to_the_old_table_when_a_server_comes_back) {
  random::Stream random(3, "back");
  for (const Kind kind : {Kind::consistent, Kind::table}) {
    Candidates candidates = equal_servers(8);
    SourceIpHash used({kind, 3});
    for (int step = 0; step < 30; ++step) {
      change_something(candidates, random);
      SourceIpHash fresh({kind, 3});
      for (int i = 0; i < 200; ++i) {
        const Arrival arrival{random_address(random), {}};
        BOOST_REQUIRE(used.pick(candidates, arrival) == fresh.pick(candidates, arrival));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(chooses_only_usable_servers_and_one_as_long_as_there_is_any) {  // OPEN-07
  random::Stream random(4, "usable");
  for (const Kind kind : {Kind::consistent, Kind::table}) {
    for (int trial = 0; trial < 10; ++trial) {
      Candidates candidates = equal_servers(1 + random.below(6));
      SourceIpHash scheduler({kind, random.next()});
      for (int step = 0; step < 20; ++step) {
        change_something(candidates, random);
        const auto states = candidates.states();
        const bool any = std::any_of(states.begin(), states.end(),
                                     [](const Candidate& c) { return c.usable(); });
        for (int i = 0; i < 50; ++i) {
          const auto server = scheduler.pick(candidates, {random_address(random), {}});
          BOOST_REQUIRE_EQUAL(server.has_value(), any);
          if (server) BOOST_REQUIRE(candidates[*server].usable());
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(gives_weights_other_than_zero_no_effect) {  // SCH-07, IMB-10
  random::Stream random(5, "weights");
  const Candidates equal = equal_servers(4);
  const Candidates weighted = with_weights({100, 1, 1, 1});
  SourceIpHash of_equal({});
  SourceIpHash of_weighted({});
  for (int i = 0; i < 2000; ++i) {
    const Arrival arrival{random_address(random), {}};
    BOOST_REQUIRE(of_equal.pick(equal, arrival) == of_weighted.pick(weighted, arrival));
  }
}

BOOST_AUTO_TEST_CASE(sends_a_client_to_the_same_server_on_every_node_and_every_time) {  // SCH-06
  random::Stream random(6, "nodes");
  Candidates candidates = equal_servers(10);
  SourceIpHash first({Kind::consistent, 9});
  SourceIpHash second({Kind::consistent, 9});
  std::map<net::IpAddress, std::size_t> sent;
  for (int i = 0; i < 3000; ++i) {
    const Arrival arrival{net::IpAddress::v4(static_cast<std::uint32_t>(random.below(500))), {}};
    const std::size_t server = *(random.chance(0.5) ? first : second).pick(candidates, arrival);
    candidates.flow_began(server);  // loads do nothing
    BOOST_REQUIRE_EQUAL(sent.emplace(arrival.client, server).first->second, server);
  }
}

// Where only three octets are hashed, a whole /24 has one server; where 16 bytes are folded into 4,
// addresses that differ in two places meet. Here each bit of an address counts: the slots of
// clients that differ in one part of it only are as many different ones as those of random clients.
BOOST_AUTO_TEST_CASE(hashes_the_whole_address) {
  const auto different_slots = [](auto&& client) {
    std::set<std::uint32_t> slots;
    for (std::uint32_t i = 0; i < 1000; ++i) slots.insert(slot_of(client(i), 0));
    return slots.size();
  };
  // Of 1000 balls in 65,537 boxes 992.4 boxes are hit, with a deviation of 2.7.
  const std::size_t least = 992 - 5 * 3;
  BOOST_TEST(different_slots([](auto i) { return net::IpAddress::v4(0x0A000000u + i); }) >= least);
  BOOST_TEST(different_slots([](auto i) { return net::IpAddress::v4(0x0A000001u + (i << 20)); }) >=
             least);
  for (std::size_t part = 0; part < 16; part += 2) {
    const auto client = [part](std::uint32_t i) {
      auto bytes = net::IpAddress::parse("2001:db8::1")->bytes();
      bytes[part] = static_cast<std::uint8_t>(i >> 8);
      bytes[part + 1] = static_cast<std::uint8_t>(i);
      return net::IpAddress::from_v6_bytes(bytes.data());
    };
    BOOST_TEST(different_slots(client) >= least);
  }
  const auto folded = [](std::uint32_t i) {  // words 0 and 3 cancel each other under XOR
    std::array<std::uint8_t, 16> bytes{};
    bytes[2] = bytes[14] = static_cast<std::uint8_t>(i >> 8);
    bytes[3] = bytes[15] = static_cast<std::uint8_t>(i);
    return net::IpAddress::from_v6_bytes(bytes.data());
  };
  BOOST_TEST(different_slots(folded) >= least);
}

// 100,000 random clients over n servers: chi-squared with n - 1 degrees of freedom stays below its
// mean by six deviations, for either family.
BOOST_AUTO_TEST_CASE(spreads_many_clients_evenly) {
  random::Stream random(7, "clients");
  for (const std::size_t servers : {4, 10, 100}) {
    const Candidates candidates = equal_servers(servers);
    SourceIpHash scheduler({Kind::consistent, 1});
    std::vector<double> clients(servers, 0);
    constexpr int kClients = 100000;
    for (int i = 0; i < kClients; ++i) {
      clients[*scheduler.pick(candidates, {random_address(random), {}})] += 1;
    }
    const double due = static_cast<double>(kClients) / static_cast<double>(servers);
    double chi_squared = 0;
    for (const double n : clients) chi_squared += (n - due) * (n - due) / due;
    const double freedom = static_cast<double>(servers) - 1;
    BOOST_TEST(chi_squared < freedom + 6 * std::sqrt(2 * freedom));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::scheduling
