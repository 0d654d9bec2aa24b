#include "analysis/trace/health_rows.hpp"

#include <array>

#include "analysis/trace/instant_cell.hpp"

namespace elblab::trace {

HealthRows::HealthRows(const Database& database)
    : probes_(database, "probes",
              "started_ns, ended_after_ns, node, server, reason, status, verdict"),
      changes_(database, "health", "at_ns, node, server, before, after, reason") {}

bool HealthRows::write(const telemetry::ProbeRecord& p) {
  return probes_.add(std::array<Cell, 7>{to_ns(p.started), to_ns(p.ended) - to_ns(p.started),
                                         p.node, p.server, static_cast<std::int64_t>(p.reason),
                                         p.status == 0 ? Cell() : Cell(std::int64_t{p.status}),
                                         static_cast<std::int64_t>(p.verdict)});
}

bool HealthRows::write(const telemetry::HealthRecord& c) {
  const bool of_node = c.node != 0;
  return changes_.add(
      std::array<Cell, 6>{to_ns(c.at), Cell::id(c.node), c.server,
                          static_cast<std::int64_t>(c.before), static_cast<std::int64_t>(c.after),
                          of_node ? Cell(static_cast<std::int64_t>(c.reason)) : Cell()});
}

}  // namespace elblab::trace
