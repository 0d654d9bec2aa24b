// A first-in first-out queue in one block of memory that grows by doubling: no allocation once a
// workload has reached its steady state. A large one that is emptied gives its memory back, so that
// what a burst took does not stay; to take it again costs less than to fill it. Elements are plain
// values.
#pragma once

#include <cstddef>
#include <type_traits>
#include <vector>

namespace elblab::workload {

template <typename T>
class RingQueue {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  // The i-th from the front; i < size().
  T& operator[](std::size_t i) { return slots_[(head_ + i) & (slots_.size() - 1)]; }
  const T& operator[](std::size_t i) const { return slots_[(head_ + i) & (slots_.size() - 1)]; }
  T& front() { return slots_[head_]; }
  const T& front() const { return slots_[head_]; }

  void push(const T& value) {
    if (size_ == slots_.size()) grow();
    slots_[(head_ + size_) & (slots_.size() - 1)] = value;
    ++size_;
  }
  void pop() {
    head_ = (head_ + 1) & (slots_.size() - 1);
    --size_;
    if (size_ == 0 && slots_.size() > kKept) give_back();
  }
  std::size_t memory_bytes() const { return slots_.capacity() * sizeof(T); }

 private:
  static constexpr std::size_t kKept = 1024;

  void give_back() {
    slots_ = std::vector<T>();
    head_ = 0;
  }
  void grow() {
    std::vector<T> larger(slots_.empty() ? 16 : 2 * slots_.size());
    for (std::size_t i = 0; i < size_; ++i) larger[i] = (*this)[i];
    slots_.swap(larger);
    head_ = 0;
  }

  std::vector<T> slots_;  // a power of two, so that an index wraps by a mask
  std::size_t head_ = 0;
  std::size_t size_ = 0;
};

}  // namespace elblab::workload
