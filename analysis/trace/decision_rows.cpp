#include "analysis/trace/decision_rows.hpp"

#include <array>
#include <span>

#include "analysis/trace/instant_cell.hpp"

namespace elblab::trace {

DecisionRows::DecisionRows(const Database& database, AddressRows& addresses)
    : addresses_(addresses),
      decisions_(database, "decisions",
                 "connection, at_ns, object, protocol, source, destination, ground, chosen, slot,"
                 " servers, usable"),
      candidates_(database, "decision_candidates",
                  "decision, server, weight, active_connections, credit, kept_out_by") {}

bool DecisionRows::write(const telemetry::DecisionRecord& d, std::int64_t connection) {
  const std::array<Cell, 11> row{connection,
                                 to_ns(d.at),
                                 d.object,
                                 static_cast<std::int64_t>(d.flow.protocol),
                                 addresses_.number_of(d.flow.source),
                                 addresses_.number_of(d.flow.destination),
                                 static_cast<std::int64_t>(d.ground),
                                 Cell::id(d.chosen),
                                 d.slot ? Cell(*d.slot) : Cell(),
                                 d.servers,
                                 d.usable};
  ++written_;
  bool ok = decisions_.add(row);
  for (const telemetry::WeighedServer& server : std::span(d.weighed).first(d.kept)) {
    ok =
        ok && candidates_.add(std::array<Cell, 6>{
                  written_, server.server, server.weight, server.active_connections,
                  server.credit ? Cell(std::int64_t{*server.credit}) : Cell(), server.kept_out_by});
  }
  return ok;
}

}  // namespace elblab::trace
