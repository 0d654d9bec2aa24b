// The deadlines of many things by their number: when the first is due, and which are, in the order
// of their numbers. For whoever drives many models that have one deadline each, and hears which of
// them may have moved: the cost follows what moved, not how many there are.
//
// A tournament: a complete binary tree over the places, in which each node holds the earliest
// deadline below it. earliest() and at() are O(1), set() and first_due() O(log n), set() less where
// the change does not reach the top. Two instants of memory per place.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

#include "models/time/instant.hpp"

namespace elblab {

class DeadlineTree {
 public:
  // Adds a place, whose number is returned: 0, 1, 2 … Amortized O(1) plus set().
  std::size_t add(Instant deadline = kNever) {
    if (size_ == leaves_) grow();
    set(size_, deadline);
    return size_++;
  }
  std::size_t size() const { return size_; }

  // Precondition here and below: place < size().
  void set(std::size_t place, Instant deadline) {
    std::size_t node = leaves_ + place;
    if (nodes_[node] == deadline) return;
    nodes_[node] = deadline;
    while (node > 1) {
      const Instant earlier = std::min(nodes_[node], nodes_[node ^ 1]);
      node /= 2;
      if (nodes_[node] == earlier) return;
      nodes_[node] = earlier;
    }
  }
  Instant at(std::size_t place) const { return nodes_[leaves_ + place]; }
  // kNever: none, or no place.
  Instant earliest() const { return nodes_[1]; }

  // The lowest place from `from` on that is due at `now`; size() if there is none.
  std::size_t first_due(std::size_t from, Instant now) const {
    if (from >= size_ || nodes_[1] > now) return size_;
    std::size_t node = leaves_ + from;
    // Up until the subtree holds one that is due: then it lies to the right of where it came from.
    while (nodes_[node] > now) {
      while (node % 2 == 1) {
        if ((node & (node + 1)) == 0) return size_;  // the last node of its level
        node /= 2;
      }
      ++node;
    }
    while (node < leaves_) {
      node *= 2;
      if (nodes_[node] > now) ++node;
    }
    return node - leaves_;
  }

 private:
  void grow() {
    const std::size_t leaves = 2 * leaves_;
    std::vector<Instant> nodes(2 * leaves, kNever);
    std::copy_n(nodes_.begin() + static_cast<std::ptrdiff_t>(leaves_), size_,
                nodes.begin() + static_cast<std::ptrdiff_t>(leaves));
    for (std::size_t node = leaves - 1; node > 0; --node) {
      nodes[node] = std::min(nodes[2 * node], nodes[2 * node + 1]);
    }
    nodes_.swap(nodes);
    leaves_ = leaves;
  }

  // nodes_[1] is the top, the children of node i are 2i and 2i + 1, the leaves begin at leaves_.
  std::vector<Instant> nodes_{kNever, kNever};
  std::size_t leaves_ = 1;  // a power of two
  std::size_t size_ = 0;
};

}  // namespace elblab
