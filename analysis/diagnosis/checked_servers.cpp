#include "analysis/diagnosis/checked_servers.hpp"

#include <fmt/format.h>

#include "analysis/diagnosis/evidence.hpp"
#include "analysis/diagnosis/servers.hpp"

namespace elblab::diagnosis {
namespace {

// Columns that lie in the span at least by half.
void mark_span(const Grid& grid, Instant from, Instant to, Curve& curve) {
  for (std::size_t i = grid.column_of(from); i < curve.size(); ++i) {
    const Instant middle = grid.begin(i) + grid.width() / 2;
    if (middle >= to) return;
    if (middle >= from) curve[i] = 1;
  }
}

Instant first_failure(const HealthRecord& record, const Grid& grid) {
  Curve all(grid.columns, 0.0);
  for (const auto& [reason, curve] : record.failures) add(all, curve);
  return span_of(all, grid).from;
}

bool was_ever_known(const HealthRecord& record) {
  return std::any_of(record.spans.begin(), record.spans.end(),
                     [](const OpinionSpan& span) { return span.opinion != Opinion::unknown; });
}

void find_states(const Grid& grid, CheckedServer& server) {
  server.unhealthy = server.healthy = Curve(grid.columns, 0.0);
  for (const OpinionSpan& span : server.record->spans) {
    if (span.opinion == Opinion::healthy) mark_span(grid, span.from, span.to, server.healthy);
    if (span.opinion != Opinion::unhealthy) continue;
    server.unhealthy_from = std::min(server.unhealthy_from, span.from);
    mark_span(grid, span.from, span.to, server.unhealthy);
  }
  if (server.record->failed() == 0 || was_ever_known(*server.record)) return;
  server.unhealthy_from = first_failure(*server.record, grid);
  mark_span(grid, server.unhealthy_from, grid.end(grid.columns - 1), server.unhealthy);
}

CheckedServer checked_server(const Observations& seen, const std::string& name,
                             const CheckSettings& check) {
  CheckedServer server;
  server.name = name;
  server.host = host_of(name);
  const std::string endpoint = seen.health().endpoint(name);
  server.address = address_of(endpoint);
  server.service_port = port_of(endpoint);
  server.probe_port = check.port.value_or(server.service_port);
  server.check = &check;
  server.record = &seen.health().of(name);
  const Curve* probes = seen.counter("probes", MeasureScope::checked_server, name);
  server.probes = probes == nullptr ? server.record->failed() : total(*probes);
  find_states(seen.grid(), server);
  return server;
}

}  // namespace

std::string CheckedServer::probed() const {
  const bool is_v6 = address.find(':') != std::string::npos;
  return is_v6 ? fmt::format("[{}]:{}", address, probe_port)
               : fmt::format("{}:{}", address, probe_port);
}

std::vector<CheckedServer> checked_servers(const Observations& seen) {
  std::vector<CheckedServer> servers;
  for (const std::string& name : seen.objects(MeasureScope::server)) {
    const auto check = seen.checks().find(group_of(name));
    if (check == seen.checks().end()) continue;
    servers.push_back(checked_server(seen, name, check->second));
  }
  return servers;
}

bool is_flapping(const CheckedServer& server) {
  return server.record->changes() >= kFlaps ||
         server.record->node_changes >= kFlaps * server.check->nodes;
}

bool is_unhealthy(const CheckedServer& server) { return server.unhealthy_from != kNever; }

}  // namespace elblab::diagnosis
