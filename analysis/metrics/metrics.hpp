// Metrics over a trace: every number that a command, a report or the analyzer shows comes from here
// or from the series themselves.
//
// Each metric is a documented SQL view of the trace (analysis/trace/metric_views.hpp,
// docs/metrics.md), which `elblab query` and sqlite3 can ask as well, and a function here that
// reads it. Where a view would look at every connection, the rows come from tables that were
// counted while the trace was written, so that a metric of 10 million connections takes
// milliseconds.
//
// Times are moments of the run; rates per second; shares 0 … 1. A metric that the trace cannot
// answer (no such series: a replay has no hosts) is empty, never a zero that looks measured. A
// damaged file: what could be read, and Reader::problem() says so.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/trace/reader.hpp"

namespace elblab::metrics {

// One server of a group, measured against its weight. IMB of scenarios.md 0.3 is the largest
// share / expected_share over the servers of a group.
struct ServerShare {
  std::string group;   // "app"
  std::string server;  // "app/b1", as the trace names it
  std::uint64_t connections = 0;
  std::uint64_t requests = 0;  // answered by the server's host; 0 in a replay
  std::uint64_t bytes = 0;     // payload, both directions, of connections that ended
  double connection_share = 0;
  double request_share = 0;
  double byte_share = 0;
  // By weight, as it was when each connection came; weights that changed are averaged over them.
  double expected_share = 0;
};
std::vector<ServerShare> server_shares(const trace::Reader& trace);

struct Imbalance {
  std::string group;
  double connections = 1;  // 1.0: as the weights say
  double requests = 1;
};
std::vector<Imbalance> imbalances(const trace::Reader& trace);

// What one client address had from one server: the cells of a heat map. At most `most` cells, those
// with most connections; the rest is summed up under the client "others".
struct TrafficCell {
  std::string client;  // an address
  std::string server;  // "app/b1"
  std::uint64_t connections = 0;
  std::uint64_t bytes = 0;
};
std::vector<TrafficCell> traffic_matrix(const trace::Reader& trace, std::size_t most);

// The longest time without a completed request while requests were wanted (GAP).
struct Gap {
  std::string workload;
  Instant from;
  Instant to;
};
std::vector<Gap> gaps(const trace::Reader& trace);

// A level and what bounds it: TIME_WAIT against local ports, the SNAT pool, accept queues, CPU. The
// pairs are those of telemetry::measures().
struct Occupancy {
  std::string measure;   // "time_wait(c1)"
  std::string capacity;  // "local_ports(c1)"
  std::string unit;
  double peak = 0;
  Instant peak_at;
  double limit = 0;  // at the peak
  double share = 0;  // the largest level / limit
  // How long it stood at or above 99 % of its limit.
  Duration full{};
};
std::vector<Occupancy> occupancies(const trace::Reader& trace);

// Response times of a workload, from histograms that add up over intervals and workloads.
struct LatencyQuantiles {
  std::string workload;
  std::uint64_t count = 0;
  Duration p50{}, p90{}, p99{}, p999{}, max{};  // upper edges of buckets, at most 1/16 too high
};
std::vector<LatencyQuantiles> latencies(const trace::Reader& trace, Instant from, Instant to);

struct DropCount {
  std::string object;
  std::string reason;
  std::uint64_t packets = 0;
};
std::vector<DropCount> drops(const trace::Reader& trace);

// How a workload's requests went.
struct RequestSummary {
  std::string workload;
  std::uint64_t requests = 0;
  std::uint64_t responses = 0;
  std::uint64_t failures = 0;  // includes refused locally
  std::uint64_t slow = 0;
};
std::vector<RequestSummary> requests(const trace::Reader& trace);

// How often servers did not know a user (SWITCH).
struct UserSwitches {
  std::uint64_t user = 0;
  std::uint64_t requests = 0;
  std::uint64_t lost = 0;
  std::uint64_t servers = 0;    // that read one of his requests
  std::optional<double> share;  // lost / requests but the first; nullopt: there is no other
};
std::vector<UserSwitches> user_switches(const trace::Reader& trace);

// What their sessions were lost by, most of them first.
struct SwitchCause {
  std::string cause;  // empty: it cannot be told
  std::uint64_t lost = 0;
  std::uint64_t users = 0;
  double share = 0;  // of all requests of users but the first of each
};
std::vector<SwitchCause> switch_causes(const trace::Reader& trace);

// The metric store of the service: MET-01 … MET-08 at one minute, as the operator of a load
// balancer sees them. Levels (m1 … m3) are averaged, counts (m4 … m8) divided by the seconds.
struct CloudMinute {
  Instant from;  // the minute from <= t < from + 60 s, the last one may be shorter
  // By identifier: "m1_cps", …; absent where nothing was measured.
  std::optional<double> m1_cps, m2_act_conn, m3_inact_conn, m4_ncps, m5_in_pps, m6_out_pps,
      m7_in_Bps, m8_out_Bps;
};
std::vector<CloudMinute> cloud_metrics(const trace::Reader& trace);

}  // namespace elblab::metrics
