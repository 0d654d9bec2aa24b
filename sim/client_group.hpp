// The clients of one workload: one per host and address it comes from, its load shared evenly.
//
// Hosts get equal parts, and so do the addresses of a host. Uniform arrivals of n clients are
// staggered, so that together they are as even as those of one client.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "models/workload/make_application.hpp"
#include "scenarios/language/scenario.hpp"
#include "sim/simulated_host.hpp"

namespace elblab::sim {

// One client's part of a workload, and where it connects from.
struct ClientPart {
  std::size_t host = 0;  // index into the hosts it was split over
  net::IpAddress source;
  workload::ClientParameters parameters;
};

// sources: of each host the addresses it may use, at least one each. Parts that are left without
// any of a closed loop's connections are left out.
std::vector<ClientPart> split_workload(const workload::ClientParameters& whole,
                                       const std::vector<std::vector<net::IpAddress>>& sources);

class ClientGroup {
 public:
  // The host must outlive the group.
  void add(SimulatedHost& host, const ClientPart& part, random::Stream stream);

  // The value of a measure of scope workload: totals of counters. response_time is the mean in ms
  // since it was last asked for, NaN where nothing was answered since.
  double value(std::string_view measure);

 private:
  double mean_response_milliseconds();

  std::vector<std::unique_ptr<workload::Client>> clients_;
};

}  // namespace elblab::sim
