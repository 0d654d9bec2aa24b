// What the nodes of a balancer dropped, and rules in the network around it, reason by reason, as
// their logs tell it: when, of which protocol, and how many flows were meant. Drops on links are
// not among them: an operator does not see those.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "analysis/diagnosis/grid.hpp"
#include "analysis/trace/reader.hpp"

namespace elblab::diagnosis {

struct DropCurves {
  // Packets, per column.
  Curve tcp;
  Curve datagrams;
  // TCP flows that met it, each counted once however often its SYN was sent again, by the column in
  // which it first did. One that comes again after kForgotten is a new one.
  Curve attempts;
  Curve insistent;  // of those the ones that came again, by the column in which they did
  // Flows of either protocol by what they were sent to: "198.51.100.10:443".
  std::map<std::string, double> destinations;
};

class BalancerDrops {
 public:
  static constexpr Duration kForgotten = std::chrono::seconds(60);
  // Of a reason with more rows than that some stretches only are read, each for several.
  static constexpr std::int64_t kMostRead = 200'000;

  BalancerDrops(const trace::Reader& trace, const Grid& grid);

  // Nothing but zeros where nothing was dropped for this reason.
  const DropCurves& of(std::string_view reason) const;

 private:
  std::map<std::string, DropCurves, std::less<>> by_reason_;
  DropCurves none_;
};

}  // namespace elblab::diagnosis
