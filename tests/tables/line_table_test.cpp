#include "models/tables/line_table.hpp"

#include <boost/test/unit_test.hpp>
#include <unordered_map>
#include <vector>

#include "models/random/stream.hpp"
#include "tests/contract/stops_the_program.hpp"

namespace elblab::tables {
namespace {

struct alignas(64) Entry {
  std::uint64_t key = 0;
  std::uint64_t value = 0;
  std::uint32_t hash = 0;
};

constexpr auto hash_of = [](const Entry& entry) { return entry.hash; };

// A table of entries by key beside a std::unordered_map. The hash of a key is one of `hashes`.
class TableBeside {
 public:
  explicit TableBeside(std::vector<std::uint32_t> hashes) : hashes_(std::move(hashes)) {}

  void insert(std::uint64_t key, std::uint64_t value) {
    const auto place = table_.insert(hash_of_key(key), hash_of);
    table_[place] = {key, value, hash_of_key(key)};
    reference_[key] = value;
  }
  void erase(std::uint64_t key) {
    table_.erase(place_of(key), hash_of);
    reference_.erase(key);
  }
  bool holds(std::uint64_t key) const { return reference_.contains(key); }
  bool same_of(std::uint64_t key) const {
    const auto place = place_of(key);
    const auto there = reference_.find(key);
    if (there == reference_.end()) return place == LineTable<Entry>::kNone;
    return place != LineTable<Entry>::kNone && table_[place].value == there->second &&
           table_.may_be_at(place, hash_of_key(key));
  }
  bool all_the_same() const {
    for (const auto& [key, value] : reference_) {
      if (!same_of(key)) return false;
    }
    return table_.size() == reference_.size();
  }
  std::size_t size() const { return table_.size(); }
  std::uint64_t any_key() const { return reference_.begin()->first; }

 private:
  std::uint32_t hash_of_key(std::uint64_t key) const { return hashes_[key % hashes_.size()]; }
  LineTable<Entry>::Place place_of(std::uint64_t key) const {
    return table_.find(hash_of_key(key), [key](const Entry& entry) { return entry.key == key; });
  }

  std::vector<std::uint32_t> hashes_;
  LineTable<Entry> table_;
  std::unordered_map<std::uint64_t, std::uint64_t> reference_;
};

std::vector<std::uint32_t> random_hashes(std::size_t count) {
  random::Stream random(7, "hashes");
  std::vector<std::uint32_t> hashes(count);
  for (auto& hash : hashes) hash = static_cast<std::uint32_t>(random.next());
  return hashes;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(line_table)

// Hashes that hardly collide; few; one; and neighbours at the upper end, so that runs wrap around
// and stand hundreds of lines from home. Grows and empties in turn.
BOOST_AUTO_TEST_CASE(behaves_as_an_unordered_map_whatever_the_hashes) {
  const std::vector<std::vector<std::uint32_t>> kinds = {
      random_hashes(100'000),
      random_hashes(50),
      {12345},
      {0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFF00, 0, 1},
  };
  for (const auto& hashes : kinds) {
    random::Stream random(hashes.size(), "lines");
    TableBeside both(hashes);
    const std::uint64_t keys = hashes.size() > 1000 ? 30'000 : 700;
    const int operations = hashes.size() > 1000 ? 200'000 : 20'000;
    for (int i = 0; i < operations; ++i) {
      const std::uint64_t key = random.below(keys);
      const bool grow = random.chance((i / (operations / 8)) % 2 == 0 ? 0.8 : 0.3);
      if (grow && !both.holds(key)) {
        both.insert(key, random.next());
      } else if (!grow && both.size() > 0) {
        both.erase(both.holds(key) ? key : both.any_key());
      }
      BOOST_REQUIRE(both.same_of(key));
      BOOST_REQUIRE(both.same_of(random.below(keys)));
      if (i % 5000 == 0) BOOST_REQUIRE(both.all_the_same());
    }
    BOOST_REQUIRE(both.all_the_same());
    while (both.size() > 0) both.erase(both.any_key());
    BOOST_REQUIRE(both.all_the_same());
  }
}

BOOST_AUTO_TEST_CASE(grows_through_blocks_and_takes_at_most_114_bytes_per_entry_of_many_85) {
  LineTable<Entry> table;
  random::Stream random(2, "growth");
  std::vector<std::uint32_t> hashes;
  for (std::uint64_t i = 0; i < 500'000; ++i) {
    hashes.push_back(static_cast<std::uint32_t>(random.next()));
    table[table.insert(hashes.back(), hash_of)] = {i, i, hashes.back()};
    const double most = i > 330'000 ? 85.2 : 114;
    if (i > 40'000) BOOST_REQUIRE_LE(table.memory_bytes(), most * static_cast<double>(i + 1));
  }
  for (std::uint64_t i = 0; i < hashes.size(); ++i) {
    const auto place = table.find(hashes[i], [i](const Entry& entry) { return entry.key == i; });
    BOOST_REQUIRE_NE(place, LineTable<Entry>::kNone);
  }
}

BOOST_AUTO_TEST_CASE(does_not_move_lines_up_to_what_was_reserved) {
  LineTable<Entry> table;
  table.reserve(50'000, hash_of);
  const std::size_t before = table.memory_bytes();
  const auto first = table.insert(77, hash_of);
  table[first] = {1, 2, 77};
  for (std::uint32_t i = 1; i < 50'000; ++i) {
    const std::uint32_t hash = i * 2654435761u;
    table[table.insert(hash, hash_of)] = {i + 1, 0, hash};
  }
  BOOST_TEST(table.memory_bytes() == before);
  BOOST_TEST(table[first].key == 1u);
}

BOOST_AUTO_TEST_CASE(erasing_what_is_not_there_stops_the_program) {
  LineTable<Entry> table;
  const auto place = table.insert(5, hash_of);
  table[place] = {1, 1, 5};
  for (const auto wrong :
       {place + 1, LineTable<Entry>::Place{1'000'000}, LineTable<Entry>::kNone}) {
    BOOST_TEST(
        contract::violates([&] { table.erase(wrong, hash_of); }, "a line to erase is in use"));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::tables
