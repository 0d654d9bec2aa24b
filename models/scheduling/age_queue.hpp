// Records of a table in the order in which they were last put in: which one is oldest, in O(1).
//
// The records lie in a vector of their table and are named by their place in it; each has the
// members `newer` and `older`, which belong to its queue.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace elblab::scheduling {

template <typename Record>
class AgeQueue {
 public:
  using Place = std::uint32_t;
  static constexpr Place kNone = 0xFFFFFFFF;

  std::size_t size() const { return size_; }
  Place oldest() const { return oldest_; }  // kNone of an empty queue

  // As the newest. The record is in no queue.
  void push(std::vector<Record>& records, Place place) {
    Record& record = records[place];
    record.newer = kNone;
    record.older = newest_;
    (newest_ == kNone ? oldest_ : records[newest_].newer) = place;
    newest_ = place;
    ++size_;
  }
  // The record is in this queue.
  void remove(std::vector<Record>& records, Place place) {
    const Record& record = records[place];
    (record.newer == kNone ? newest_ : records[record.newer].older) = record.older;
    (record.older == kNone ? oldest_ : records[record.older].newer) = record.newer;
    --size_;
  }

 private:
  Place newest_ = kNone;
  Place oldest_ = kNone;
  std::size_t size_ = 0;
};

}  // namespace elblab::scheduling
