// What the nodes of a balancer dropped, and rules in the network around it, reason by reason, as
// their logs tell it: when, of which protocol, and how many flows were meant. Drops on links are
// not among them: an operator does not see those. Packets of health probes are counted apart: no
// user misses them.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>

#include "analysis/diagnosis/grid.hpp"
#include "analysis/diagnosis/probe_ends.hpp"
#include "analysis/trace/reader.hpp"

namespace elblab::diagnosis {

// Of a balancer that takes part in nothing: it is frozen, or no address is bound to it.
inline constexpr std::array<std::string_view, 2> kHalted{"frozen", "no_address"};

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
  // Packets by who dropped them: "lvs1", "lb1/lvs1", "network".
  std::map<std::string, double> objects;
};

// Packets of probes of one server: on their way to it, and answers on their way back. Empty: none.
struct ProbeDrops {
  Curve to_server;
  Curve from_server;
  double icmp_from_server = 0;  // of the latter: echo replies, Port Unreachables
  double icmp_to_server = 0;    // of the former: echo requests

  double all() const { return total(to_server) + total(from_server); }
};

class BalancerDrops {
 public:
  static constexpr Duration kForgotten = std::chrono::seconds(60);
  // Of a reason with more rows than that some stretches only are read, each for several.
  static constexpr std::int64_t kMostRead = 200'000;

  BalancerDrops(const trace::Reader& trace, const Grid& grid);

  // Nothing but zeros where nothing was dropped for this reason.
  const DropCurves& of(std::string_view reason) const;
  // Of probes of the server with this address.
  const ProbeDrops& of_probes(std::string_view reason, const std::string& server) const;

 private:
  std::map<std::string, DropCurves, std::less<>> by_reason_;
  DropCurves none_;
  std::map<std::string, std::map<std::string, ProbeDrops>, std::less<>> of_probes_;
  ProbeDrops no_probes_;
};

}  // namespace elblab::diagnosis
