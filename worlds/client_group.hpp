// The clients of one workload: one per host and address it comes from, its load shared evenly.
//
// Conversations of a script are not shared out evenly: client i of the script comes from the i-th
// of all source addresses, and there is one application per host. So there is of QUIC connections,
// which move among the addresses of their host.
//
// Hosts get equal parts, and so do the addresses of a host; of connections and users, which are
// whole, the first get one more. Where there are fewer of those than hosts or addresses, the first
// have one each and share the rate: what is offered is the whole whatever it is shared over.
// Uniform arrivals of the parts are staggered, also within bursts: together they are those of one
// client. Users who roam have the addresses of their host divided among them.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "models/workload/make_application.hpp"
#include "scenarios/language/scenario.hpp"
#include "worlds/host.hpp"

namespace elblab::worlds {

// One client's part of a workload, and where it connects from.
struct ClientPart {
  std::size_t host = 0;  // index into the hosts it was split over
  net::IpAddress source;
  workload::ClientParameters parameters;
};

// sources: of each host the addresses it may use, at least one each. Parts that are left without
// any connection are left out. Rates, connections and users of the parts add up to the whole.
std::vector<ClientPart> split_workload(const workload::ClientParameters& whole,
                                       const std::vector<std::vector<net::IpAddress>>& sources);

// The addresses of a host that can reach the destination: those of its family.
std::vector<net::IpAddress> sources_for(const language::HostSpec& host,
                                        const net::IpAddress& destination);

class ClientGroup {
 public:
  // The host must outlive the group.
  void add(Host& host, const ClientPart& part, random::Stream stream);

  // The value of a measure of scope workload: totals of counters. response_time is the mean in ms
  // since it was last asked for, NaN where nothing was answered since.
  double value(std::string_view measure);
  // Of all responses so far. Valid as long as the group.
  const workload::LatencyHistogram& latencies() const { return counters_->latency; }

 private:
  double mean_response_milliseconds();

  // Where all clients count.
  std::shared_ptr<workload::ClientCounters> counters_ =
      std::make_shared<workload::ClientCounters>();
  std::vector<std::unique_ptr<workload::Client>> clients_;
};

// The groups of all workloads of a scenario, in its order, on its hosts (as scenario.hosts, which
// must outlive them). Names of random streams: "workload/<name>/<host>/<address>".
std::vector<std::unique_ptr<ClientGroup>> make_client_groups(const language::Scenario& scenario,
                                                             const std::vector<Host*>& hosts,
                                                             std::uint64_t seed);

}  // namespace elblab::worlds
