#include "analysis/metrics/health.hpp"

#include <algorithm>

#include "analysis/metrics/view_rows.hpp"

namespace elblab::metrics {
namespace {

class Reading {
 public:
  explicit Reading(const trace::Reader& trace) : trace_(trace) {}

  std::vector<ServerHealth> take() {
    read_spans();
    if (servers_.empty()) return {};
    read_figures();
    read_probes();
    read_failures();
    return std::move(servers_);
  }

 private:
  ServerHealth& server(const std::string& name) {
    const auto found = std::find_if(servers_.begin(), servers_.end(),
                                    [&](const auto& each) { return each.server == name; });
    if (found != servers_.end()) return *found;
    servers_.push_back({name, {"displayed", {}, 0, 0, 0}, {}, 0, 0, {}});
    return servers_.back();
  }

  static NodeVerdicts& of_node(ServerHealth& of, const std::string& node) {
    if (node == "displayed") return of.displayed;
    const auto found = std::find_if(of.nodes.begin(), of.nodes.end(),
                                    [&](const auto& each) { return each.node == node; });
    if (found != of.nodes.end()) return *found;
    of.nodes.push_back({node, {}, 0, 0, 0});
    return of.nodes.back();
  }

  // In the order of registration of servers and nodes, then of time.
  void read_spans() {
    ViewRows rows(trace_,
                  "SELECT s.name AS server, ifnull(n.name, 'displayed') AS node,"
                  " h.at_ns / 1e9 AS from_s, v.name AS verdict,"
                  " lead(h.at_ns, 1, (SELECT ifnull(end_of_run_ns, duration_ns) FROM run))"
                  " OVER (PARTITION BY h.server, h.node ORDER BY h.at_ns, h.id) / 1e9 AS to_s"
                  " FROM health h JOIN objects s ON s.id = h.server"
                  " LEFT JOIN objects n ON n.id = h.node JOIN verdicts v ON v.id = h.after"
                  " ORDER BY h.server, h.node, h.at_ns, h.id");
    while (rows.next()) {
      of_node(server(rows.text("server")), rows.text("node"))
          .spans.push_back({rows.real("from_s"), rows.real("to_s"), rows.text("verdict")});
    }
  }

  void read_figures() {
    ViewRows rows(trace_, "SELECT * FROM server_health");
    while (rows.next()) {
      NodeVerdicts& of = of_node(server(rows.text("server")), rows.text("node"));
      of.availability = rows.optional_real("availability").value_or(0);
      of.transitions = rows.count("transitions");
      of.transitions_per_hour = rows.real("flaps_per_hour");
    }
  }

  void read_probes() {
    ViewRows rows(trace_,
                  "SELECT o.name AS server, s.name AS measure, sum(x.value) AS total"
                  " FROM series s JOIN objects o ON o.id = s.object"
                  " JOIN samples x ON x.series = s.id"
                  " WHERE s.name IN ('probes', 'probes_failed') GROUP BY s.id");
    while (rows.next()) {
      ServerHealth& of = server(rows.text("server"));
      (rows.text("measure") == "probes" ? of.probes : of.failed) = rows.count("total");
    }
  }

  void read_failures() {
    ViewRows rows(trace_,
                  "SELECT p.name AS server, re.name AS reason, sum(b.n) AS failed"
                  " FROM event_classes k JOIN event_kinds ek ON ek.id = k.kind"
                  " JOIN event_blocks b ON b.class = k.id JOIN objects p ON p.id = k.peer"
                  " JOIN reasons re ON re.id = k.reason WHERE ek.name = 'probe_failed'"
                  " GROUP BY k.peer, k.reason ORDER BY k.peer, failed DESC, re.name");
    while (rows.next()) {
      server(rows.text("server")).failures.emplace_back(rows.text("reason"), rows.count("failed"));
    }
  }

  const trace::Reader& trace_;
  std::vector<ServerHealth> servers_;
};

}  // namespace

std::vector<ServerHealth> server_health(const trace::Reader& trace) {
  return Reading(trace).take();
}

}  // namespace elblab::metrics
