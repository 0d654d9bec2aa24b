// Records of one cache line, found by a hash of their key in one miss of the cache: the slots of an
// open-addressing table are the records themselves.
//
// An index of handles (handle_index.hpp) finds a record in two misses that depend on each other.
// Here the hash itself says where to look: the pair of lines in which an entry has its home, of
// which two thirds and more of all entries are found, is fetched at once with the tags, one byte
// per line, that tell which line to read. The price: a line has no lasting address. Its Place is
// good until the next insert() or erase(); what must be remembered longer is the hash, and
// something in the line to know it by.
//
// Homes are hashes scaled to the capacity: a hash needs good high bits (and low ones, for the
// tags). Linear probing; an erased line is filled from those behind it (no tombstones), for which a
// second byte per line says how far it is from its home. Load 7/9 to 7/8: at most 85 bytes per
// entry; of small tables (393,216 lines and fewer) 7/12 to 7/8, at most 114. Growth copies line
// after line in the order of the hashes, as memory likes it best, and gives the old memory back as
// it goes. The owner compares keys and gives hashes anew
// (`hash_of(line)`); the order of lines never decides anything. Correct for any input; a flood of
// equal hashes costs time linear in the flood, which is why hashes are seeded per run.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "models/contract/require.hpp"
#include "models/tables/large_page_allocator.hpp"

namespace elblab::tables {

template <typename Line>
class LineTable {
  static_assert(sizeof(Line) == 64 && alignof(Line) == 64 && std::is_trivially_copyable_v<Line>);

 public:
  using Place = std::uint32_t;
  static constexpr Place kNone = 0xFFFFFFFF;

  LineTable() { start(kSmallest); }

  Line& operator[](Place place) { return blocks_[place >> kBlockBits][place & kBlockMask]; }
  const Line& operator[](Place place) const {
    return blocks_[place >> kBlockBits][place & kBlockMask];
  }

  // The first line under this hash for which matches(line) holds, or kNone.
  template <typename Matches>
  Place find(std::uint32_t hash, Matches&& matches) const {
    const std::uint64_t wanted = kEach * tag_of(hash);
    std::size_t at = home(hash);
    for (std::size_t seen = 0; seen < capacity_ + kTagsAtOnce; seen += kTagsAtOnce) {
      const std::uint64_t tags = load_tags(at);
      const std::uint64_t free = ~tags & kHighs;
      const std::uint64_t before_free = free == 0 ? ~std::uint64_t{0} : (free & -free) - 1;
      // Marks every equal tag, and now and then one above it that is not: the line decides.
      const std::uint64_t differing = tags ^ wanted;
      std::uint64_t equal = (differing - kEach) & ~differing & kHighs & before_free;
      for (; equal != 0; equal &= equal - 1) {
        const auto place = static_cast<Place>(wrap(at + index_of(equal)));
        if (matches((*this)[place])) return place;
      }
      if (free != 0) return kNone;
      at = wrap(at + kTagsAtOnce);
    }
    return kNone;
  }

  // A place for an entry of this hash; what the line holds is for the caller to write. Every other
  // place may change. hash_of(line): the hash that a line was inserted with.
  template <typename HashOf>
  Place insert(std::uint32_t hash, HashOf&& hash_of) {
    if ((size_ + 1) * 8 > capacity_ * 7) grow_to(next_capacity(), hash_of);
    ++size_;
    return take(hash);
  }
  // Every other place may change.
  template <typename HashOf>
  void erase(Place place, HashOf&& hash_of);

  template <typename HashOf>
  void reserve(std::size_t entries, HashOf&& hash_of) {
    const std::size_t lines = even(entries + entries / 7 + 8);
    if (lines > capacity_) grow_to(lines, hash_of);
  }
  std::size_t size() const { return size_; }
  std::size_t memory_bytes() const {
    return capacity_ * sizeof(Line) + tags_.capacity() + distances_.capacity() +
           blocks_.capacity() * sizeof(Block);
  }

  // Bring nearer what find() will read. Hints only. Inlined always, or g++ would remove calls of
  // them as without effect. At once, for a find() that comes soon: the tags and both lines at home.
  [[gnu::always_inline]] void prefetch(std::uint32_t hash) const {
    const std::size_t at = home(hash);
    __builtin_prefetch(&tags_[at]);
    const Line* const line = &(*this)[static_cast<Place>(at)];
    __builtin_prefetch(line, 1);
    __builtin_prefetch(line + 1, 1);
  }
  bool in_use(Place place) const { return place < capacity_ && tags_[place] != 0; }
  // Whether a place that was an entry's of this hash still may be: the line decides.
  bool may_be_at(Place place, std::uint32_t hash) const {
    return place < capacity_ && tags_[place] == tag_of(hash);
  }
  [[gnu::always_inline]] void prefetch_place(Place place) const {
    if (place >= capacity_) return;
    __builtin_prefetch(&tags_[place]);
    __builtin_prefetch(&(*this)[place], 1);
  }
  // In two steps, for a find() that comes later: the tags; when they have come, the line itself,
  // wherever it is.
  [[gnu::always_inline]] void prefetch_tags(std::uint32_t hash) const {
    __builtin_prefetch(&tags_[home(hash)]);
  }
  [[gnu::always_inline]] void prefetch_line(std::uint32_t hash) const {
    const Place place = find(hash, [](const Line&) { return true; });
    if (place != kNone) __builtin_prefetch(&(*this)[place], 1);
  }

 private:
  static constexpr unsigned kBlockBits = 15;  // 32,768 lines: one large page
  static constexpr std::size_t kBlock = std::size_t{1} << kBlockBits;
  static constexpr std::size_t kBlockMask = kBlock - 1;
  static constexpr std::size_t kSmallest = 64;
  static constexpr std::size_t kLarge = 8 * kBlock;  // up to here time counts more than memory
  static constexpr std::size_t kTagsAtOnce = 8;
  static constexpr std::uint64_t kEach = 0x0101010101010101ULL;
  static constexpr std::uint64_t kHighs = 0x8080808080808080ULL;  // set in the tag of a line in use
  static constexpr std::uint8_t kFar = 0xFF;                      // a distance of this and more

  struct Free {
    std::size_t lines = 0;
    void operator()(Line* block) const { free_table_memory(block, lines * sizeof(Line)); }
  };
  using Block = std::unique_ptr<Line[], Free>;
  using Bytes = std::vector<std::uint8_t, LargePageAllocator<std::uint8_t>>;

  static std::size_t even(std::size_t lines) { return (lines + 1) / 2 * 2; }
  static std::uint8_t tag_of(std::uint32_t hash) {
    return static_cast<std::uint8_t>(0x80 | (hash & 0x7F));
  }
  static std::size_t index_of(std::uint64_t marks) {
    return static_cast<std::size_t>(std::countr_zero(marks)) / 8;
  }
  // The first line of a pair.
  std::size_t home(std::uint32_t hash) const { return (std::uint64_t{hash} * pairs_ >> 32) * 2; }
  std::size_t wrap(std::size_t at) const { return at < capacity_ ? at : at - capacity_; }
  std::size_t distance(std::size_t from, std::size_t to) const {
    return to >= from ? to - from : to + capacity_ - from;
  }
  std::uint64_t load_tags(std::size_t at) const {
    std::uint64_t tags = 0;
    std::memcpy(&tags, tags_.data() + at, kTagsAtOnce);
    if constexpr (std::endian::native == std::endian::big) tags = __builtin_bswap64(tags);
    return tags;
  }
  bool room_at_home(std::uint32_t hash) const {
    const std::size_t at = home(hash);
    return tags_[at] == 0 || tags_[at + 1] == 0;
  }
  // The first tags stand behind the last ones too, so that eight can be read anywhere.
  void set_tag(std::size_t at, std::uint8_t tag) {
    tags_[at] = tag;
    if (at < kTagsAtOnce) tags_[capacity_ + at] = tag;
  }
  void set_distance(std::size_t at, std::size_t lines) {
    distances_[at] = lines < kFar ? static_cast<std::uint8_t>(lines) : kFar;
  }
  std::size_t next_capacity() const {
    if (capacity_ < kBlock) return 2 * capacity_;
    return even(capacity_ + capacity_ / (capacity_ < kLarge ? 2 : 8));
  }

  void start(std::size_t capacity);
  Place take(std::uint32_t hash);
  template <typename HashOf>
  void grow_to(std::size_t capacity, HashOf& hash_of);

  std::size_t capacity_ = 0;  // even
  std::size_t pairs_ = 0;
  std::size_t size_ = 0;  // less than capacity_: there is always a free line
  std::vector<Block> blocks_;
  Bytes tags_;       // 0: free
  Bytes distances_;  // lines from home to here, where in use
};

template <typename Line>
void LineTable<Line>::start(std::size_t capacity) {
  ELBLAB_REQUIRE(capacity < kNone, "places fit 32 bits");
  capacity_ = capacity;
  pairs_ = capacity / 2;
  tags_.assign(capacity + kTagsAtOnce, 0);
  distances_ = Bytes(capacity);
  blocks_.clear();
  for (std::size_t begun = 0; begun < capacity; begun += kBlock) {
    const std::size_t lines = capacity - begun < kBlock ? capacity - begun : kBlock;
    blocks_.push_back(
        Block(static_cast<Line*>(allocate_table_memory(lines * sizeof(Line))), Free{lines}));
  }
}

template <typename Line>
typename LineTable<Line>::Place LineTable<Line>::take(std::uint32_t hash) {
  const std::size_t from = home(hash);
  std::size_t at = from;
  std::uint64_t free = 0;
  while ((free = ~load_tags(at) & kHighs) == 0) at = wrap(at + kTagsAtOnce);
  at = wrap(at + index_of(free));
  set_tag(at, tag_of(hash));
  set_distance(at, distance(from, at));
  return static_cast<Place>(at);
}

template <typename Line>
template <typename HashOf>
void LineTable<Line>::erase(Place place, HashOf&& hash_of) {
  const bool there = in_use(place);
  ELBLAB_REQUIRE(there, "a line to erase is in use");
  if (!there) return;
  std::size_t hole = place;
  for (std::size_t at = wrap(hole + 1); tags_[at] != 0; at = wrap(at + 1)) {
    Line& line = (*this)[static_cast<Place>(at)];
    const std::size_t gap = distance(hole, at);
    const std::size_t from_home =
        distances_[at] < kFar ? distances_[at] : distance(home(hash_of(std::as_const(line))), at);
    if (from_home < gap) continue;  // its home lies behind the hole
    (*this)[static_cast<Place>(hole)] = line;
    set_tag(hole, tags_[at]);
    set_distance(hole, from_home - gap);
    hole = at;
  }
  set_tag(hole, 0);
  --size_;
}

// Lines stand nearly in the order of their hashes, in the old table as in the new. Those that find
// room at home go first, or every line would be pushed on a little by the ones before it.
template <typename Line>
template <typename HashOf>
void LineTable<Line>::grow_to(std::size_t capacity, HashOf& hash_of) {
  const std::size_t old_capacity = capacity_;
  Bytes old_tags = std::exchange(tags_, Bytes());
  std::vector<Block> old_blocks = std::exchange(blocks_, std::vector<Block>());
  start(capacity);
  for (std::size_t begin = 0; begin < old_capacity; begin += kBlock) {
    Block& block = old_blocks[begin >> kBlockBits];
    const std::size_t end = std::min(begin + kBlock, old_capacity);
    for (const bool anywhere : {false, true}) {
      for (std::size_t at = begin; at < end; ++at) {
        if (old_tags[at] == 0) continue;
        const Line& line = block[at & kBlockMask];
        const std::uint32_t hash = hash_of(line);
        if (!anywhere && !room_at_home(hash)) continue;
        (*this)[take(hash)] = line;
        old_tags[at] = 0;
      }
    }
    block.reset();
  }
}

}  // namespace elblab::tables
