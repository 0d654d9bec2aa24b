// The flows whose SYN was seen last, by the SYN's sequence number: whom an answer belongs to that
// the captured balancer sent from a port of its own.
//
// 65,536 of them; a later SYN takes the place of an earlier one whose number ends alike. The table
// grows where it is written: a short capture does not pay for a long one.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "models/net/flow_key.hpp"

namespace elblab::replay {

class RecentSyns {
 public:
  void note(std::uint32_t sequence, const net::FlowKey& flow);
  // nullptr: no SYN of this number was seen lately. Valid until the next one is noted.
  const net::FlowKey* find(std::uint32_t sequence) const;

 private:
  struct Syn {
    std::uint32_t sequence = 0;
    bool used = false;
    net::FlowKey flow;
  };
  static constexpr std::size_t kPages = 256;
  using Page = std::array<Syn, 256>;

  static std::size_t page_of(std::uint32_t sequence) { return sequence / 256 % kPages; }

  std::array<std::unique_ptr<Page>, kPages> pages_;
};

}  // namespace elblab::replay
