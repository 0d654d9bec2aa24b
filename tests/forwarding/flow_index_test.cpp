#include "models/forwarding/flow_index.hpp"

#include <boost/test/unit_test.hpp>
#include <map>

#include "models/random/stream.hpp"

namespace elblab::forwarding {

BOOST_AUTO_TEST_SUITE(flow_index)

// Against std::multimap, with hashes drawn from sets that collide little, much and always: a flood
// of equal hashes, and hashes at both ends of the range so that clusters wrap around.
BOOST_AUTO_TEST_CASE(behaves_as_a_map_whatever_the_hashes) {
  for (const std::uint64_t distinct :
       {std::uint64_t{1}, std::uint64_t{7}, std::uint64_t{1} << 32}) {
    random::Stream random(1, "index");
    FlowIndex index;
    std::multimap<std::uint32_t, ConnectionId> reference;
    ConnectionId next = 0;
    const int operations = distinct == 1 ? 3000 : 60000;
    for (int i = 0; i < operations; ++i) {
      const bool grow = reference.empty() || random.chance((i / 5000) % 2 == 0 ? 0.7 : 0.3);
      if (grow) {
        const auto hash = static_cast<std::uint32_t>(0xFFFFFFFCu + random.below(distinct));
        index.insert(hash, next);
        reference.emplace(hash, next++);
      } else {
        auto victim = reference.lower_bound(static_cast<std::uint32_t>(random.next()));
        if (victim == reference.end()) victim = reference.begin();
        index.erase(victim->first, victim->second);
        reference.erase(victim);
      }
      BOOST_REQUIRE_EQUAL(index.size(), reference.size());
    }
    for (const auto& [hash, id] : reference) {
      const auto found = index.find(hash, [wanted = id](ConnectionId c) { return c == wanted; });
      BOOST_REQUIRE_EQUAL(found, id);
    }
    const auto absent = index.find(0xFFFFFFFC, [&](ConnectionId c) { return c == next; });
    BOOST_TEST(absent == kNoConnection);
  }
}

BOOST_AUTO_TEST_CASE(leads_to_another_connection_after_replace) {
  FlowIndex index;
  index.insert(9, 1);
  index.insert(9, 2);
  index.replace(9, 1, 3);
  const auto is = [](ConnectionId wanted) {
    return [wanted](ConnectionId c) { return c == wanted; };
  };
  BOOST_TEST(index.find(9, is(1)) == kNoConnection);
  BOOST_TEST(index.find(9, is(3)) == 3u);
  BOOST_TEST(index.find(9, is(2)) == 2u);
  BOOST_TEST(index.size() == 2u);
}

BOOST_AUTO_TEST_CASE(does_not_grow_up_to_what_was_reserved) {
  FlowIndex index;
  index.reserve(10000);
  const std::size_t before = index.memory_bytes();
  for (ConnectionId i = 0; i < 10000; ++i) index.insert(i * 2654435761u, i);
  BOOST_TEST(index.memory_bytes() == before);
}

BOOST_AUTO_TEST_CASE(takes_at_most_13_and_a_half_bytes_per_entry_as_it_grows) {
  FlowIndex index;
  for (ConnectionId i = 0; i < 300000; ++i) {
    index.insert(i * 2654435761u, i);
    if (i > 1000) BOOST_REQUIRE_LE(index.memory_bytes(), 13.5 * (i + 1));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::forwarding
