// The local ports that connections of an ns-3 host are made from.
//
// ns-3 would choose one itself, at a price that ends a run: it asks of every port in turn whether
// one of its connections has it, and looks through all of them for each answer; with none of its
// 16,384 ports free that is 268 million looks for every attempt. This gives the ports out in the
// same order and knows at once that none is left.
#pragma once

#include <ns3/node.h>

#include <bitset>
#include <cstdint>
#include <optional>

#include "models/time/instant.hpp"

namespace elblab::sim {

class Ns3Ports {
 public:
  // RFC 6335 §6, as ns-3 has them.
  static constexpr std::uint32_t kFirst = 49152;
  static constexpr std::uint32_t kLast = 65535;
  static constexpr std::uint32_t kCount = kLast - kFirst + 1;
  // ns-3 does not tell when a port comes free, and asking costs as much as there are connections:
  // a free one is noticed so much later at most.
  static constexpr Duration kRecount = std::chrono::milliseconds(10);

  explicit Ns3Ports(ns3::Ptr<ns3::Node> node) : node_(std::move(node)) {}

  // The next port that nothing on the host uses; from now on something does. nullopt: there is
  // none. Those that ended give theirs back by themselves, after TIME_WAIT (240 s in ns-3).
  std::optional<std::uint16_t> take(Instant now);

 private:
  std::optional<std::uint16_t> next_free();
  void recount();

  ns3::Ptr<ns3::Node> node_;
  std::bitset<kCount> used_;  // as of the last count, and those taken since
  std::uint32_t last_ = 0;    // from kFirst, of the last one taken
  Instant next_recount_ = kStart;
};

}  // namespace elblab::sim
