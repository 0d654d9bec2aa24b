#include "analysis/trace/metric_views.hpp"

#include <fmt/format.h>

#include <array>

#include "analysis/trace/metric_sql.hpp"

namespace elblab::trace {
namespace {

using Columns = std::span<const MetricColumn>;

constexpr auto kServerShares = std::to_array<MetricColumn>({
    {"server_group", "", "the group"},
    {"server", "", "the server as a member of the group, \"app/b1\""},
    {"connections", "connections", "given to it by the scheduler"},
    {"requests", "requests", "answered by its host; NULL in a replay"},
    {"bytes", "B",
     "payload, both directions, of connections that ended; NULL before the run's end"},
    {"connection_share", "1", "of the connections of the group"},
    {"request_share", "1", "of the requests of the group"},
    {"byte_share", "1", "of the bytes of the group"},
    {"expected_share", "1", "of the connections, as the weights say"},
});

constexpr auto kImbalances = std::to_array<MetricColumn>({
    {"server_group", "", "the group"},
    {"connections", "1", "largest share of connections / expected share; 1: as the weights say"},
    {"requests", "1", "the same of requests"},
});

constexpr auto kTrafficMatrix = std::to_array<MetricColumn>({
    {"client", "", "an address; \"others\" beyond the first million pairs"},
    {"server", "", "\"app/b1\"; NULL: none was chosen"},
    {"connections", "connections", "of this client at this server"},
    {"failed", "connections", "of these, never established"},
    {"bytes", "B", "payload, both directions"},
});

constexpr auto kGaps = std::to_array<MetricColumn>({
    {"workload", "", "the workload"},
    {"from_s", "s", "the end of the last sample interval with an answer"},
    {"to_s", "s", "the beginning of the next one, or the end of the run"},
    {"seconds", "s", "how long that is"},
});

constexpr auto kOccupancySamples = std::to_array<MetricColumn>({
    {"measure", "", "the level, \"time_wait(c1)\""},
    {"capacity", "", "what bounds it, \"local_ports(c1)\"; \"100 %\" of percentages"},
    {"unit", "", "of the level"},
    {"at_s", "s", "the moment of the sample"},
    {"level", "as `unit`", "the level"},
    {"capacity_level", "as `unit`", "its bound at that moment"},
    {"share", "1", "level / bound; NULL where the bound is 0"},
});

constexpr auto kOccupancies = std::to_array<MetricColumn>({
    {"measure", "", "the level, \"time_wait(c1)\""},
    {"capacity", "", "what bounds it, \"local_ports(c1)\"; \"100 %\" of percentages"},
    {"unit", "", "of the level"},
    {"peak", "as `unit`", "the highest level"},
    {"peak_at_s", "s", "when it was first reached"},
    {"capacity_level", "as `unit`", "the bound at that moment"},
    {"share", "1", "the largest level / bound of any sample"},
    {"full_s", "s", "how long the level stood at 99 % of the bound or above"},
});

constexpr auto kLatencyQuantiles = std::to_array<MetricColumn>({
    {"workload", "", "the workload"},
    {"responses", "responses", "how many were timed"},
    {"p50_ms", "ms", "half of them took at most so long"},
    {"p90_ms", "ms", "90 %"},
    {"p99_ms", "ms", "99 %"},
    {"p999_ms", "ms", "99.9 %"},
    {"max_ms", "ms", "all of them"},
});

constexpr auto kDrops = std::to_array<MetricColumn>({
    {"object", "", "where: a host, a node, a link"},
    {"reason", "", "why"},
    {"packets", "packets", "how many"},
});

constexpr auto kRequestTotals = std::to_array<MetricColumn>({
    {"workload", "", "the workload"},
    {"requests", "requests", "it wanted to make"},
    {"responses", "requests", "answered in full"},
    {"failures", "requests", "ended without a full answer, those refused locally among them"},
    {"slow", "requests", "answered later than the workload's `slow` threshold"},
});

constexpr auto kCloudMetrics = std::to_array<MetricColumn>({
    {"from_s", "s", "when the minute began"},
    {"m1_cps", "connections", "concurrent connections (MET-01), mean"},
    {"m2_act_conn", "connections", "active connections (MET-02), mean"},
    {"m3_inact_conn", "connections", "inactive connections (MET-03), mean"},
    {"m4_ncps", "connections/s", "new connections (MET-04)"},
    {"m5_in_pps", "packets/s", "incoming packets (MET-05)"},
    {"m6_out_pps", "packets/s", "outgoing packets (MET-06)"},
    {"m7_in_Bps", "B/s", "inbound rate (MET-07)"},
    {"m8_out_Bps", "B/s", "outbound rate (MET-08)"},
});

constexpr auto kUserRequests = std::to_array<MetricColumn>({
    {"user", "", "his number, of all users of the run"},
    {"at_s", "s", "when his request was read"},
    {"since_s", "s", "time since his request before"},
    {"host", "", "the server that read it"},
    {"result", "",
     "session_begun (his first), session_kept, or session_lost: another answered his "
     "last one"},
    {"server", "",
     "as the balancer chose it, \"app/b1\"; NULL where no session of a balancer is "
     "known that brought it: he came directly, or it has not ended yet"},
    {"server_before", "", "the one of his request before"},
    {"client", "", "the address that the balancer saw"},
    {"client_before", "", "the one of his request before"},
    {"cause", "", "why his session was lost; NULL where it was not, or cannot be told"},
});

constexpr auto kUserSwitches = std::to_array<MetricColumn>({
    {"user", "", "his number"},
    {"requests", "requests", "of his that servers read"},
    {"lost", "requests", "of these, by servers that did not know him"},
    {"servers", "servers", "that read one"},
    {"switch", "1", "SWITCH: lost / requests but the first; NULL of a single request"},
});

constexpr auto kSwitchCauses = std::to_array<MetricColumn>({
    {"cause", "", "as in `user_requests`; NULL: cannot be told"},
    {"lost", "requests", "sessions lost because of it"},
    {"users", "users", "whose sessions these were"},
    {"switch", "1", "lost / all requests of users but the first of each"},
});

std::array<MetricView, 13> make_views() {
  return {{
      {"server_shares",
       "what each server had: connections, requests, bytes, beside what it was due",
       "What a server is due is its weight over the weights of its group, sample interval by "
       "sample "
       "interval, averaged over the connections that came: weights that changed, and servers that "
       "were disabled (weight 0), count for as long as they were so. The weight of an interval is "
       "the one at its end. Requests are those of the server's host: hosts that are members of "
       "several groups count in each.",
       Columns(kServerShares),
       "SELECT server, round(100 * connection_share, 1) AS percent,"
       " round(100 * expected_share, 1) AS due FROM server_shares",
       metric_sql::server_shares()},
      {"imbalances", "IMB of each group: the largest share over the share it was due",
       "IMB of the scenarios: max over servers of share / expected share by weight. A server that "
       "was due nothing is left out.",
       Columns(kImbalances), "SELECT * FROM imbalances WHERE connections > 1.1",
       metric_sql::imbalances()},
      {"traffic_matrix", "what each client address had from each server",
       "From the balancer's sessions, counted while they were written; filled at the end of the "
       "run.",
       Columns(kTrafficMatrix),
       "SELECT client, sum(connections) FROM traffic_matrix GROUP BY client ORDER BY 2 DESC LIMIT "
       "10",
       metric_sql::traffic_matrix()},
      {"gaps", "GAP of each workload: stretches without an answer although one was wanted",
       "Whole sample intervals without a response in which requests were made or were waiting for "
       "an answer. Shorter silences do not show. The longest one of a workload is its GAP.",
       Columns(kGaps), "SELECT workload, max(seconds) AS gap_s FROM gaps GROUP BY workload",
       metric_sql::gaps()},
      {"occupancies", "how full what can run full was: ports, queues, CPUs, pools",
       "One row per level that has a bound (docs/measures.md says which); none where the bound is "
       "always 0.",
       Columns(kOccupancies), "SELECT measure, peak, share FROM occupancies ORDER BY share DESC",
       metric_sql::occupancies()},
      {"occupancy_samples", "the curves of the occupancies: level and bound over time", "",
       Columns(kOccupancySamples),
       "SELECT at_s, share FROM occupancy_samples WHERE measure = 'time_wait(c1)'",
       metric_sql::occupancy_samples()},
      {"latency_quantiles", "response times of each workload: p50, p90, p99, p99.9, longest",
       "From histograms that add up over intervals (`latencies`): upper edges of buckets, at most "
       "1/16 too high. A quantile is the smallest edge that so many responses did not exceed.",
       Columns(kLatencyQuantiles), "SELECT workload, p50_ms, p99_ms FROM latency_quantiles",
       metric_sql::latency_quantiles()},
      {"drops", "packets dropped, by place and reason", "", Columns(kDrops),
       "SELECT reason, sum(packets) FROM drops GROUP BY reason", metric_sql::drops()},
      {"request_totals", "how the requests of each workload went", "", Columns(kRequestTotals),
       "SELECT workload, round(100.0 * failures / requests, 1) AS failed_percent FROM "
       "request_totals",
       metric_sql::request_totals()},
      {"cloud_metrics", "the service's own metrics m1 … m8, minute by minute",
       "The metric store of the service as its operator sees it (MET-01 … MET-08): levels are "
       "averaged over the minute, counts divided by the seconds measured in it. A minute holds the "
       "samples after its beginning and up to its end; the last one may be shorter.",
       Columns(kCloudMetrics), "SELECT from_s, m4_ncps, m3_inact_conn FROM cloud_metrics",
       metric_sql::cloud_metrics()},
      {"user_requests", "requests of users, who answered them, and why a session was lost",
       "What servers wrote down (events `user_request`) beside the sessions and decisions of the "
       "balancer. Why a session was lost is the first that is true, in the order of STK-24: "
       "`stickiness_off`, the connection or that of the request before was scheduled without "
       "stickiness; `address_change`, the balancer saw another address; then what ended the "
       "binding of the address in between: `bound_server_out`, `stickiness_over`, "
       "`stickiness_evicted`; `node_change`, another node, which has a table of its own; "
       "`servers_changed`, the source hash has another server for the same address.",
       Columns(kUserRequests),
       "SELECT at_s, server_before, server, client, cause FROM user_requests WHERE user = 7",
       metric_sql::user_requests()},
      {"user_switches", "SWITCH of each user: how often a server did not know him", "",
       Columns(kUserSwitches), "SELECT avg(switch) FROM user_switches",
       metric_sql::user_switches()},
      {"switch_causes", "SWITCH by what it is due to", "Sums of `user_requests`.",
       Columns(kSwitchCauses),
       "SELECT cause, lost, round(100 * switch, 1) AS percent FROM switch_causes",
       metric_sql::switch_causes()},
  }};
}

}  // namespace

std::span<const MetricView> metric_views() {
  static const auto views = make_views();
  return views;
}

std::string create_metric_views_sql() {
  std::string sql;
  for (const MetricView& view : metric_views()) {
    sql += fmt::format("CREATE VIEW {} AS {};\n", view.name, view.sql);
  }
  return sql;
}

}  // namespace elblab::trace
