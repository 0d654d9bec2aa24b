#include "models/tables/handle_index.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <unordered_map>
#include <vector>

#include "models/random/stream.hpp"
#include "tests/contract/stops_the_program.hpp"

namespace elblab::tables {
namespace {

using Handle = HandleIndex::Handle;

auto is(Handle wanted) {
  return [wanted](Handle handle) { return handle == wanted; };
}

// The index beside a std::unordered_multimap, and all entries in a list to draw from.
class Beside {
 public:
  void insert(std::uint32_t hash, Handle handle) {
    index_.insert(hash, handle);
    reference_.emplace(hash, handle);
    entries_.emplace_back(hash, handle);
  }
  void erase_one(std::size_t i) {
    const auto [hash, handle] = entries_[i];
    index_.erase(hash, handle);
    reference_.erase(reference_of(hash, handle));
    entries_[i] = entries_.back();
    entries_.pop_back();
  }
  void replace_one(std::size_t i, Handle by) {
    auto& [hash, handle] = entries_[i];
    index_.replace(hash, handle, by);
    reference_of(hash, handle)->second = by;
    handle = by;
  }
  bool same_of(std::uint32_t hash, Handle handle) const {
    const auto [first, last] = reference_.equal_range(hash);
    const bool there = std::any_of(first, last, [&](const auto& e) { return e.second == handle; });
    return index_.find(hash, is(handle)) == (there ? handle : HandleIndex::kNone);
  }
  // Every handle under a hash is offered, as often as it is there, and no other.
  bool same_offers(std::uint32_t hash) const {
    std::vector<Handle> offered;
    index_.find(hash, [&](Handle handle) {
      offered.push_back(handle);
      return false;
    });
    std::vector<Handle> wanted;
    const auto [first, last] = reference_.equal_range(hash);
    for (auto at = first; at != last; ++at) wanted.push_back(at->second);
    return std::is_permutation(offered.begin(), offered.end(), wanted.begin(), wanted.end());
  }
  bool same_size() const { return index_.size() == reference_.size(); }
  std::size_t size() const { return entries_.size(); }
  const std::pair<std::uint32_t, Handle>& entry(std::size_t i) const { return entries_[i]; }

 private:
  std::unordered_multimap<std::uint32_t, Handle>::iterator reference_of(std::uint32_t hash,
                                                                        Handle handle) {
    const auto [first, last] = reference_.equal_range(hash);
    return std::find_if(first, last, [&](const auto& e) { return e.second == handle; });
  }

  HandleIndex index_;
  std::unordered_multimap<std::uint32_t, Handle> reference_;
  std::vector<std::pair<std::uint32_t, Handle>> entries_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(handle_index)

// With hashes drawn from sets that collide little, much and always: a flood of equal hashes, and
// hashes at both ends of the range so that runs wrap around. It grows and empties in turn.
BOOST_AUTO_TEST_CASE(behaves_as_an_unordered_multimap_whatever_the_hashes) {
  for (const std::uint64_t distinct : {1ULL, 7ULL, 1000ULL, 1ULL << 32}) {
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      random::Stream random(seed, "index");
      Beside both;
      const int operations = distinct == 1 ? 3000 : 40000;
      const auto draw_hash = [&] {
        return static_cast<std::uint32_t>(0xFFFFFFFCu + random.below(distinct));
      };
      for (int i = 0; i < operations; ++i) {
        const double share_of_growth = (i / 5000) % 2 == 0 ? 0.7 : 0.2;
        if (both.size() == 0 || random.chance(share_of_growth)) {
          // A handle now and then a second time, under the same hash or another.
          both.insert(draw_hash(), static_cast<Handle>(random.below(10000)));
        } else if (random.chance(0.2)) {
          both.replace_one(random.below(both.size()), static_cast<Handle>(random.below(10000)));
        } else {
          both.erase_one(random.below(both.size()));
        }
        BOOST_REQUIRE(both.same_size());
        BOOST_REQUIRE(both.same_of(draw_hash(), static_cast<Handle>(random.below(10000))));
      }
      for (std::size_t i = 0; i < both.size(); ++i) {
        BOOST_REQUIRE(both.same_of(both.entry(i).first, both.entry(i).second));
      }
      for (std::uint64_t i = 0; i < std::min<std::uint64_t>(distinct, 1000); ++i) {
        BOOST_REQUIRE(both.same_offers(static_cast<std::uint32_t>(0xFFFFFFFCu + i)));
      }
      while (both.size() > 0) both.erase_one(random.below(both.size()));
      BOOST_REQUIRE(both.same_size());
    }
  }
}

BOOST_AUTO_TEST_CASE(leads_to_another_handle_after_replace) {
  HandleIndex index;
  index.insert(9, 1);
  index.insert(9, 2);
  index.replace(9, 1, 3);
  BOOST_TEST(index.find(9, is(1)) == HandleIndex::kNone);
  BOOST_TEST(index.find(9, is(3)) == 3u);
  BOOST_TEST(index.find(9, is(2)) == 2u);
  BOOST_TEST(index.size() == 2u);
}

BOOST_AUTO_TEST_CASE(does_not_grow_up_to_what_was_reserved) {
  HandleIndex index;
  index.reserve(10000);
  const std::size_t before = index.memory_bytes();
  for (Handle i = 0; i < 10000; ++i) index.insert(i * 2654435761u, i);
  BOOST_TEST(index.memory_bytes() == before);
}

BOOST_AUTO_TEST_CASE(takes_at_most_13_and_a_half_bytes_per_entry_as_it_grows) {
  HandleIndex index;
  for (Handle i = 0; i < 300000; ++i) {
    index.insert(i * 2654435761u, i);
    if (i > 1000) BOOST_REQUIRE_LE(index.memory_bytes(), 13.5 * (i + 1));
  }
}

// It looped for ever: the search for the entry had no end but the entry.
BOOST_AUTO_TEST_CASE(taking_out_what_is_not_there_stops_the_program) {
  HandleIndex index;
  index.insert(9, 1);
  index.insert(10, 2);
  BOOST_TEST(contract::violates([&] { index.erase(9, 2); }, "an entry to erase is in the index"));
  BOOST_TEST(contract::violates([&] { index.erase(8, 1); }, "an entry to erase is in the index"));
  BOOST_TEST(
      contract::violates([&] { index.replace(9, 7, 3); }, "an entry to replace is in the index"));
  HandleIndex empty;
  BOOST_TEST(contract::violates([&] { empty.erase(0, 0); }, "an entry to erase is in the index"));
}

BOOST_AUTO_TEST_CASE(no_handle_cannot_be_put_in) {
  HandleIndex index;
  BOOST_TEST(
      contract::violates([&] { index.insert(9, HandleIndex::kNone); }, "a handle to insert"));
  index.insert(9, 1);
  BOOST_TEST(
      contract::violates([&] { index.replace(9, 1, HandleIndex::kNone); }, "a handle to replace"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::tables
