// From the hash of a flow to the slot that holds its state: open addressing with linear probing,
// deletion by moving later entries back. 8 bytes per entry at a load of at most 1/2; keys are not
// stored here, the caller compares. O(1) on average.
#pragma once

#include <cstdint>
#include <vector>

namespace elblab::pcap {

class FlowIndex {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  // The slot among those of this hash for which is_it(slot) holds; kNone.
  template <typename IsIt>
  std::uint32_t find(std::uint32_t hash, IsIt is_it) const {
    if (entries_.empty()) return kNone;
    for (std::size_t at = home(hash); entries_[at].slot != kNone; at = after(at)) {
      if (entries_[at].hash == hash && is_it(entries_[at].slot)) return entries_[at].slot;
    }
    return kNone;
  }

  // Precondition: the slot is not in the index.
  void insert(std::uint32_t hash, std::uint32_t slot) {
    if (2 * (size_ + 1) > entries_.size()) grow();
    place({hash, slot});
    ++size_;
  }

  // Precondition: the slot is in the index under this hash.
  void erase(std::uint32_t hash, std::uint32_t slot) {
    std::size_t hole = home(hash);
    while (entries_[hole].slot != slot) hole = after(hole);
    // Knuth, volume 3, algorithm 6.4R: an entry moves back unless its home lies behind the hole.
    const std::size_t mask = entries_.size() - 1;
    for (std::size_t at = after(hole); entries_[at].slot != kNone; at = after(at)) {
      if (((at - home(entries_[at].hash)) & mask) < ((at - hole) & mask)) continue;
      entries_[hole] = entries_[at];
      hole = at;
    }
    entries_[hole] = {};
    --size_;
  }

  std::size_t size() const { return size_; }

 private:
  struct Entry {
    std::uint32_t hash = 0;
    std::uint32_t slot = kNone;
  };

  std::size_t home(std::uint32_t hash) const { return hash & (entries_.size() - 1); }
  std::size_t after(std::size_t at) const { return (at + 1) & (entries_.size() - 1); }
  void place(const Entry& entry) {
    std::size_t at = home(entry.hash);
    while (entries_[at].slot != kNone) at = after(at);
    entries_[at] = entry;
  }
  void grow() {
    std::vector<Entry> old(entries_.empty() ? 64 : 2 * entries_.size());
    old.swap(entries_);
    for (const Entry& entry : old) {
      if (entry.slot != kNone) place(entry);
    }
  }

  std::vector<Entry> entries_;  // a power of two
  std::size_t size_ = 0;
};

}  // namespace elblab::pcap
