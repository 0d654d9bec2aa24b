// How many of the captured balancer's scheduling decisions this one shares, and what each server
// got then and gets now.
#pragma once

#include <cstdint>
#include <vector>

namespace elblab::replay {

class DecisionTally {
 public:
  explicit DecisionTally(std::size_t servers) : captured_(servers), replayed_(servers) {}

  // By places in AddressPlan::all_servers().
  void add(std::size_t captured, std::size_t replayed) {
    ++captured_[captured];
    ++replayed_[replayed];
    ++seen_;
    if (captured == replayed) ++shared_;
  }
  std::uint64_t seen() const { return seen_; }
  std::uint64_t shared() const { return shared_; }
  const std::vector<std::uint64_t>& captured() const { return captured_; }
  // Of the same connections: the engine may have scheduled others besides.
  const std::vector<std::uint64_t>& replayed() const { return replayed_; }

 private:
  std::vector<std::uint64_t> captured_;
  std::vector<std::uint64_t> replayed_;
  std::uint64_t seen_ = 0;
  std::uint64_t shared_ = 0;
};

}  // namespace elblab::replay
