#include "models/scheduling/candidates.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <set>

#include "tests/scheduling/groups.hpp"

namespace elblab::scheduling {

BOOST_AUTO_TEST_SUITE(candidates)

// FWD-14: an independent account of every owner's word, under random changes.
BOOST_AUTO_TEST_CASE(are_usable_while_no_owner_has_them_out_and_their_weight_is_not_zero) {
  constexpr std::array kOwners{Owner::family, Owner::zone, Owner::operator_hand, Owner::health};
  random::Stream random(1, "owners");
  for (int trial = 0; trial < 50; ++trial) {
    const std::size_t servers = 1 + random.below(6);
    Candidates candidates = equal_servers(servers);
    std::vector<std::set<Owner>> out(servers);
    std::vector<int> weights(servers, 1);
    for (int step = 0; step < 200; ++step) {
      const std::size_t server = random.below(servers);
      std::vector<bool> before;
      for (std::size_t i = 0; i < servers; ++i) before.push_back(out[i].empty() && weights[i] > 0);
      const std::uint64_t version = candidates.version();
      if (random.chance(0.3)) {
        weights[server] = static_cast<int>(random.below(3));
        candidates.set_weight(server, static_cast<std::uint8_t>(weights[server]));
      } else {
        const Owner owner = kOwners[random.below(kOwners.size())];
        const bool in = random.chance(0.6);
        if (in) {
          out[server].erase(owner);
        } else {
          out[server].insert(owner);
        }
        candidates.set(server, owner, in);
      }
      std::vector<bool> after;
      for (std::size_t i = 0; i < servers; ++i) {
        after.push_back(out[i].empty() && weights[i] > 0);
        BOOST_REQUIRE_EQUAL(candidates[i].usable(), after[i]);
        BOOST_REQUIRE_EQUAL(candidates[i].eligible(), out[i].empty());
      }
      BOOST_REQUIRE_EQUAL(candidates.version() != version, before != after);
    }
  }
}

BOOST_AUTO_TEST_CASE(count_flows_from_their_beginning_to_their_end) {
  Candidates candidates = equal_servers(2);
  candidates.flow_began(1);
  candidates.flow_began(1);
  candidates.flow_ended(1);
  BOOST_TEST(candidates[0].active_connections == 0u);
  BOOST_TEST(candidates[1].active_connections == 1u);
}

// Computed by another program: whoever reads a trace years later finds the same keys.
BOOST_AUTO_TEST_CASE(have_keys_that_depend_on_names_alone) {
  BOOST_TEST(server_key("b1") == 0xA6DDF22FE07B306ULL);
  BOOST_TEST(server_key("") == 0xC3817C016BA4FF30ULL);
  std::set<ServerKey> keys;
  for (std::size_t i = 0; i < 20000; ++i) keys.insert(server_key(server_name(i)));
  BOOST_TEST(keys.size() == 20000u);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::scheduling
