// Health checks: who was found healthy when, by which node, and what the probes cost.
#include <fmt/format.h>

#include "analysis/metrics/health.hpp"
#include "analysis/reports/cells.hpp"
#include "analysis/reports/sections.hpp"

namespace elblab::reports {
namespace {

constexpr std::size_t kMostServers = 40;

Tone tone_of(const std::string& verdict) {
  if (verdict == "healthy") return Tone::good;
  return verdict == "unhealthy" ? Tone::bad : Tone::dim;
}

Lane lane_of(const metrics::NodeVerdicts& of, std::string label, bool is_part) {
  Lane lane{std::move(label), is_part, {}, percent_text(of.availability)};
  for (const metrics::VerdictSpan& span : of.spans) {
    lane.spans.push_back({span.from_s, span.to_s, span.verdict, tone_of(span.verdict)});
  }
  return lane;
}

double end_of(const std::vector<metrics::ServerHealth>& servers) {
  double end = 0;
  for (const auto& server : servers) {
    for (const auto& span : server.displayed.spans) end = std::max(end, span.to_s);
  }
  return end;
}

std::string failures_text(const metrics::ServerHealth& server) {
  std::string text;
  for (const auto& [reason, count] : server.failures) {
    text += fmt::format("{}{} × {}", text.empty() ? "" : ", ", reason, count);
  }
  return text.empty() ? "–" : text;
}

void add_load(Table& table, const Runs& runs, const ReportedRun& run,
              const metrics::ServerHealth& server, double end_s) {
  add_row(table, runs, run,
          {text_cell(server.server), share_cell(server.displayed.availability),
           count_cell(server.displayed.transitions),
           number_cell(server.displayed.transitions_per_hour, "/h"), count_cell(server.probes),
           number_cell(static_cast<double>(server.probes) / end_s, "/s"), count_cell(server.failed),
           text_cell(failures_text(server))});
}

Lanes health_lanes(const std::vector<metrics::ServerHealth>& servers, std::string title) {
  Lanes lanes{"health_lanes", std::move(title), end_of(servers), {}, {}};
  for (std::size_t i = 0; i < servers.size() && i < kMostServers; ++i) {
    lanes.lanes.push_back(lane_of(servers[i].displayed, servers[i].server, false));
    for (const auto& node : servers[i].nodes) {
      lanes.lanes.push_back(lane_of(node, node.node, true));
    }
  }
  if (servers.size() > kMostServers) {
    lanes.remark = fmt::format("The first {} of {} servers; `elblab query` of health_view has all.",
                               kMostServers, servers.size());
  }
  return lanes;
}

}  // namespace

Section health_section(const Runs& runs) {
  Section section{"health", "Health checks", {}};
  Table load = table_of(runs, "probes",
                        {{"server", "server"},
                         {"availability", "shown healthy", true},
                         {"transitions", "transitions", true},
                         {"flaps_per_hour", "FLAP", true},
                         {"probes", "probes", true},
                         {"probe_rate", "probes per second", true},
                         {"failed", "failed", true},
                         {"failures", "why"}});
  for (const auto& run : runs) {
    const auto servers = metrics::server_health(*run.trace);
    if (servers.empty()) continue;
    const std::string title =
        runs.size() > 1 ? fmt::format("Verdicts over time, {}", run.label) : "Verdicts over time";
    section.blocks.emplace_back(health_lanes(servers, title));
    const double end_s = end_of(servers);
    for (const auto& server : servers) add_load(load, runs, run, server, end_s);
  }
  if (!load.rows.empty()) section.blocks.emplace_back(std::move(load));
  return section;
}

}  // namespace elblab::reports
