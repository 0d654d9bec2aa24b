// Gives every key that occurs a small number, from 1, in the order of first occurrence.
//
// What few values share then costs a byte or two per row: an address instead of its text, a class
// of connections instead of what they have in common. Open addressing over a power of two: about
// one cache line per look-up. O(1) expected, also when a number is given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace elblab::trace {

class Numbering {
 public:
  struct Key {
    std::uint64_t a = 0;
    std::uint64_t b = 0;
    std::uint64_t c = 0;
    friend bool operator==(const Key&, const Key&) = default;
  };

  Numbering() : slots_(64) {}

  // The key's number. `is_new` is set when it had none before.
  std::int64_t number_of(const Key& key, bool& is_new);
  // 0: it has none.
  std::int64_t find_number(const Key& key) { return find(key).number; }

 private:
  struct Slot {
    Key key;
    std::int64_t number = 0;  // 0: free
  };
  Slot& find(const Key& key);
  void grow();

  std::vector<Slot> slots_;
  std::int64_t last_ = 0;
};

}  // namespace elblab::trace
