#include "analysis/metrics/metrics.hpp"

#include <fmt/format.h>

#include <map>

#include "analysis/metrics/view_rows.hpp"
#include "analysis/trace/metric_sql.hpp"

namespace elblab::metrics {

std::vector<ServerShare> server_shares(const trace::Reader& trace) {
  std::vector<ServerShare> result;
  ViewRows rows(trace, "SELECT * FROM server_shares");
  while (rows.next()) {
    result.push_back({rows.text("server_group"), rows.text("server"), rows.count("connections"),
                      rows.count("requests"), rows.count("bytes"), rows.real("connection_share"),
                      rows.real("request_share"), rows.real("byte_share"),
                      rows.real("expected_share")});
  }
  return result;
}

std::vector<Imbalance> imbalances(const trace::Reader& trace) {
  std::vector<Imbalance> result;
  ViewRows rows(trace, "SELECT * FROM imbalances");
  while (rows.next()) {
    // A group without connections, or without hosts that count requests, is not uneven.
    result.push_back({rows.text("server_group"), rows.optional_real("connections").value_or(1),
                      rows.optional_real("requests").value_or(1)});
  }
  return result;
}

std::vector<TrafficCell> traffic_matrix(const trace::Reader& trace, std::size_t most) {
  std::vector<TrafficCell> result;
  std::map<std::string, TrafficCell> others;  // by server
  ViewRows rows(trace,
                "SELECT client, ifnull(server, '') AS server, connections, bytes"
                " FROM traffic_matrix ORDER BY connections DESC, client, server");
  while (rows.next()) {
    TrafficCell cell{rows.text("client"), rows.text("server"), rows.count("connections"),
                     rows.count("bytes")};
    if (result.size() < most && cell.client != "others") {
      result.push_back(std::move(cell));
      continue;
    }
    TrafficCell& rest = others[cell.server];
    rest.client = "others";
    rest.server = cell.server;
    rest.connections += cell.connections;
    rest.bytes += cell.bytes;
  }
  for (auto& [server, rest] : others) result.push_back(std::move(rest));
  return result;
}

std::vector<Gap> gaps(const trace::Reader& trace) {
  std::vector<Gap> result;
  // Of a maximum, SQLite takes the other columns from its row.
  ViewRows rows(trace,
                "SELECT workload, from_s, to_s, max(seconds) FROM gaps GROUP BY workload"
                " ORDER BY workload");
  while (rows.next()) {
    result.push_back({rows.text("workload"), rows.seconds("from_s"), rows.seconds("to_s")});
  }
  return result;
}

std::vector<Occupancy> occupancies(const trace::Reader& trace) {
  std::vector<Occupancy> result;
  ViewRows rows(trace, "SELECT * FROM occupancies ORDER BY share DESC, measure");
  while (rows.next()) {
    result.push_back({rows.text("measure"), rows.text("capacity"), rows.text("unit"),
                      rows.real("peak"), rows.seconds("peak_at_s"), rows.real("capacity_level"),
                      rows.real("share"), from_seconds(rows.real("full_s"))});
  }
  return result;
}

std::vector<LatencyQuantiles> latencies(const trace::Reader& trace, Instant from, Instant to) {
  std::vector<LatencyQuantiles> result;
  const auto ns = [](Instant t) { return t.time_since_epoch().count(); };
  ViewRows rows(trace, trace::metric_sql::latency_quantiles_between(ns(from), ns(to)));
  while (rows.next()) {
    result.push_back({rows.text("workload"), rows.count("responses"), rows.milliseconds("p50_ms"),
                      rows.milliseconds("p90_ms"), rows.milliseconds("p99_ms"),
                      rows.milliseconds("p999_ms"), rows.milliseconds("max_ms")});
  }
  return result;
}

std::vector<DropCount> drops(const trace::Reader& trace) {
  std::vector<DropCount> result;
  ViewRows rows(trace, "SELECT * FROM drops");
  while (rows.next()) {
    result.push_back({rows.text("object"), rows.text("reason"), rows.count("packets")});
  }
  return result;
}

std::vector<RequestSummary> requests(const trace::Reader& trace) {
  std::vector<RequestSummary> result;
  ViewRows rows(trace, "SELECT * FROM request_totals");
  while (rows.next()) {
    result.push_back({rows.text("workload"), rows.count("requests"), rows.count("responses"),
                      rows.count("failures"), rows.count("slow")});
  }
  return result;
}

std::vector<CloudMinute> cloud_metrics(const trace::Reader& trace) {
  std::vector<CloudMinute> result;
  ViewRows rows(trace, "SELECT * FROM cloud_metrics");
  while (rows.next()) {
    result.push_back({rows.seconds("from_s"), rows.optional_real("m1_cps"),
                      rows.optional_real("m2_act_conn"), rows.optional_real("m3_inact_conn"),
                      rows.optional_real("m4_ncps"), rows.optional_real("m5_in_pps"),
                      rows.optional_real("m6_out_pps"), rows.optional_real("m7_in_Bps"),
                      rows.optional_real("m8_out_Bps")});
  }
  return result;
}

}  // namespace elblab::metrics
