// Open connections that are cut when the time of their client's binding is up (CON-04, the variant
// that cuts): which to look at, and when.
//
// A connection is watched from its first packet. When its binding's time would be up it comes out
// of take_due(), and whoever asked looks whether the binding was used meanwhile, and watches it
// again. One that ended by itself stays until then, or until as many are over as are open: never
// more than about twice the open ones, 24 bytes each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/forwarding/connection.hpp"
#include "models/time/instant.hpp"

namespace elblab::forwarding {

class StickyEnds {
 public:
  struct Watched {
    Instant at;
    Instant opened_at;  // tells it from a later connection of the same number
    ConnectionNumber number = 0;
  };

  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  Instant next_deadline() const { return heap_.empty() ? kNever : heap_.front().at; }

  // O(log n).
  void watch(const Watched& watched);
  // The earliest that is due; nullopt: none is. O(log n).
  std::optional<Watched> take_due(Instant now);
  // Looks at all of them at `now`: durations have changed. O(n).
  void look_again(Instant now);

  // To be asked before watch() with the number of open connections.
  bool has_many_over(std::size_t open) const { return heap_.size() >= 2 * open + 64; }
  // Forgets those of which `is_open` is false. O(n).
  template <typename IsOpen>
  void forget_over(IsOpen is_open) {
    std::erase_if(heap_, [&](const Watched& each) { return !is_open(each); });
    order();
  }

 private:
  void order();

  std::vector<Watched> heap_;  // the earliest first
};

}  // namespace elblab::forwarding
