// The metrics of each run as tables.
#include <fmt/format.h>

#include "analysis/expectations/text.hpp"
#include "analysis/metrics/metrics.hpp"
#include "analysis/reports/cells.hpp"
#include "analysis/reports/sections.hpp"

namespace elblab::reports {
namespace {

using expectations::number_text;

// A page of minutes is read, a book is not: longer runs show their beginning.
constexpr std::size_t kMostMinutes = 30;
constexpr double kNear = 0.8;
constexpr double kFull = 0.99;

Tone fullness(double share) {
  if (share >= kFull) return Tone::bad;
  return share >= kNear ? Tone::warning : Tone::plain;
}

Cell optional_share(const std::optional<double>& share) {
  return share ? share_cell(*share) : number_cell({});
}

void add_gaps(const Runs& runs, Section& section) {
  Table table = table_of(runs, "gaps",
                         {{"workload", "workload"},
                          {"from_s", "from", true},
                          {"to_s", "to", true},
                          {"seconds", "without an answer", true}});
  for (const auto& run : runs) {
    for (const auto& gap : metrics::gaps(*run.trace)) {
      add_row(table, runs, run,
              {text_cell(gap.workload), moment_cell(gap.from), moment_cell(gap.to),
               duration_cell(gap.to - gap.from)});
    }
  }
  table.remark = "The longest stretch of each workload without an answer although one was wanted.";
  if (!table.rows.empty()) section.blocks.emplace_back(std::move(table));
}

void add_latencies(const Runs& runs, Section& section) {
  Table table = table_of(runs, "latencies",
                         {{"workload", "response time of"},
                          {"responses", "responses", true},
                          {"p50_s", "median", true},
                          {"p90_s", "p90", true},
                          {"p99_s", "p99", true},
                          {"p999_s", "p99.9", true},
                          {"max_s", "longest", true}});
  for (const auto& run : runs) {
    for (const auto& l : metrics::latencies(*run.trace, kStart, kNever)) {
      add_row(
          table, runs, run,
          {text_cell(l.workload), count_cell(l.count), duration_cell(l.p50), duration_cell(l.p90),
           duration_cell(l.p99), duration_cell(l.p999), duration_cell(l.max)});
    }
  }
  if (!table.rows.empty()) section.blocks.emplace_back(std::move(table));
}

}  // namespace

Section servers_section(const Runs& runs) {
  Section section{"servers", "Servers", {}};
  Table table = table_of(runs, "server_shares",
                         {{"server", "server"},
                          {"connections", "connections", true},
                          {"connection_share", "share", true},
                          {"expected_share", "expected", true},
                          {"requests", "requests", true},
                          {"request_share", "share", true},
                          {"bytes", "bytes", true}});
  for (const auto& run : runs) {
    for (const auto& s : metrics::server_shares(*run.trace)) {
      Cell expected = share_cell(s.expected_share);
      expected.bar.reset();
      add_row(table, runs, run,
              {text_cell(s.server), count_cell(s.connections),
               share_cell(s.connection_share, s.expected_share), expected, count_cell(s.requests),
               s.requests > 0 ? share_cell(s.request_share, s.expected_share) : number_cell({}),
               count_cell(s.bytes)});
    }
  }
  if (table.rows.empty()) return section;
  table.remark = "Bars are what a server had, the mark is what its weight promised.";
  section.blocks.emplace_back(std::move(table));
  Table imbalance = table_of(runs, "imbalances",
                             {{"group", "group"},
                              {"connections", "imbalance of connections", true},
                              {"requests", "imbalance of requests", true}});
  for (const auto& run : runs) {
    for (const auto& i : metrics::imbalances(*run.trace)) {
      add_row(imbalance, runs, run,
              {text_cell(i.group), number_cell(i.connections), number_cell(i.requests)});
    }
  }
  imbalance.remark = "Largest share over the expected one; 1: as the weights say.";
  section.blocks.emplace_back(std::move(imbalance));
  return section;
}

Section occupancy_section(const Runs& runs) {
  Section section{"occupancies", "How full things were", {}};
  Table table = table_of(runs, "occupancies",
                         {{"measure", "level"},
                          {"capacity", "bounded by"},
                          {"peak", "peak", true},
                          {"peak_at_s", "at", true},
                          {"limit", "bound", true},
                          {"share", "full", true},
                          {"full_s", "at the bound for", true}});
  std::size_t idle = 0;
  for (const auto& run : runs) {
    for (const auto& o : run.occupancies) {
      // What never rose above a hundredth says nothing that its absence would not.
      if (o.share < 0.01) {
        ++idle;
        continue;
      }
      Cell share = share_cell(o.share);
      share.tone = fullness(o.share);
      add_row(table, runs, run,
              {text_cell(o.measure), text_cell(o.capacity),
               number_cell(o.peak, o.unit == "%" ? "%" : ""), moment_cell(o.peak_at),
               number_cell(o.limit), share, duration_cell(o.full)});
    }
  }
  if (idle > 0) {
    table.remark =
        fmt::format("{} more never rose above 1 %.", number_text(static_cast<double>(idle)));
  }
  if (!table.rows.empty()) {
    section.blocks.emplace_back(std::move(table));
  } else if (idle > 0) {
    section.blocks.emplace_back(
        Paragraph{"Nothing that has a bound rose above 1 % of it.", Tone::dim});
  }
  return section;
}

Section requests_section(const Runs& runs) {
  Section section{"requests", "Requests", {}};
  Table table = table_of(runs, "requests",
                         {{"workload", "workload"},
                          {"requests", "wanted", true},
                          {"responses", "answered", true},
                          {"failures", "failed", true},
                          {"failed_share", "failed share", true},
                          {"slow", "slow", true}});
  for (const auto& run : runs) {
    for (const auto& r : metrics::requests(*run.trace)) {
      std::optional<double> failed;
      if (r.requests > 0)
        failed = static_cast<double>(r.failures) / static_cast<double>(r.requests);
      Cell share = optional_share(failed);
      if (r.failures > 0) share.tone = Tone::bad;
      add_row(table, runs, run,
              {text_cell(r.workload), count_cell(r.requests), count_cell(r.responses),
               count_cell(r.failures), share, count_cell(r.slow)});
    }
  }
  if (!table.rows.empty()) section.blocks.emplace_back(std::move(table));
  add_latencies(runs, section);
  add_gaps(runs, section);
  return section;
}

Section drops_section(const Runs& runs) {
  Section section{"drops", "Dropped packets", {}};
  Table table = table_of(runs, "drops",
                         {{"object", "where"}, {"reason", "why"}, {"packets", "packets", true}});
  for (const auto& run : runs) {
    for (const auto& d : metrics::drops(*run.trace)) {
      add_row(table, runs, run, {text_cell(d.object), text_cell(d.reason), count_cell(d.packets)});
    }
  }
  if (table.rows.empty()) {
    section.blocks.emplace_back(Paragraph{"No packet was dropped.", Tone::dim});
  } else {
    section.blocks.emplace_back(std::move(table));
  }
  return section;
}

Section cloud_section(const Runs& runs) {
  Section section{"cloud_metrics", "Metrics of the service, by the minute", {}};
  Table table = table_of(runs, "cloud_metrics",
                         {{"from_s", "from", true},
                          {"m1_cps", "m1_cps", true},
                          {"m2_act_conn", "m2_act_conn", true},
                          {"m3_inact_conn", "m3_inact_conn", true},
                          {"m4_ncps", "m4_ncps", true},
                          {"m5_in_pps", "m5_in_pps", true},
                          {"m6_out_pps", "m6_out_pps", true},
                          {"m7_in_Bps", "m7_in_Bps", true},
                          {"m8_out_Bps", "m8_out_Bps", true}});
  for (const auto& run : runs) {
    const auto minutes = metrics::cloud_metrics(*run.trace);
    for (std::size_t i = 0; i < minutes.size() && i < kMostMinutes; ++i) {
      const auto& m = minutes[i];
      add_row(table, runs, run,
              {moment_cell(m.from), number_cell(m.m1_cps), number_cell(m.m2_act_conn),
               number_cell(m.m3_inact_conn), number_cell(m.m4_ncps), number_cell(m.m5_in_pps),
               number_cell(m.m6_out_pps), number_cell(m.m7_in_Bps), number_cell(m.m8_out_Bps)});
    }
    if (minutes.size() > kMostMinutes) {
      table.remark = fmt::format(
          "The first {} minutes; `elblab export --what cloud_metrics` has all.", kMostMinutes);
    }
  }
  if (!table.rows.empty()) section.blocks.emplace_back(std::move(table));
  return section;
}

}  // namespace elblab::reports
