// What haproxy makes of servers whose checks have given results, one after the other.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tests/peers/haproxy_checks.hpp"
#include "tests/peers/peer_network.hpp"
#include "tests/peers/probed_servers.hpp"

namespace elblab::peers {

struct Schedule {
  unsigned rise = 1;
  unsigned fall = 1;
  bool fully_up = false;  // at start, by command; otherwise as haproxy starts
  // To be brought about, in haproxy's words. A time-out is neither followed by another one nor the
  // last: nobody could tell it from one that was not wanted.
  std::vector<std::string> results;

  bool passed(std::size_t probe) const { return results[probe].ends_with("OK"); }
};

// Element n: after n results. One more than there are results.
using HealthCourse = std::vector<CheckState>;

using MakeServers = std::function<std::unique_ptr<ProbedServers>(const PeerNetwork&)>;

// One server for each schedule, all at the same time. lines: which check, in haproxy's keywords.
//
// What haproxy makes of result n is read when probe n + 1 has come, before it is answered. haproxy
// gives up a probe whose connection is not there within an interval: when that happens without
// being wanted, because the machine was busy, all is done again, half as fast.
std::vector<HealthCourse> health_courses(const MakeServers& make,
                                         const std::vector<Schedule>& schedules,
                                         const std::vector<std::string>& lines,
                                         std::chrono::milliseconds interval);

}  // namespace elblab::peers
