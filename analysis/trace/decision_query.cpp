#include "analysis/trace/decision_query.hpp"

#include "analysis/trace/database.hpp"
#include "analysis/trace/instant_cell.hpp"

namespace elblab::trace {
namespace {

constexpr std::string_view kDecisions =
    "SELECT d.id, d.connection, d.at_ns, v.object, v.protocol, v.source, v.destination, d.ground,"
    " ifnull(v.chosen, ''), d.slot, d.servers, d.usable"
    " FROM decisions d JOIN decisions_view v ON v.id = d.id ";

DecisionRow decision_of(const Statement& row) {
  DecisionRow d;
  d.id = static_cast<std::uint64_t>(row.integer(0));
  d.connection = static_cast<std::uint64_t>(row.integer(1));
  d.at = to_instant(row.integer(2));
  d.object = row.text(3);
  d.protocol = row.text(4);
  d.source = row.text(5);
  d.destination = row.text(6);
  d.ground = static_cast<telemetry::DecisionGround>(row.integer(7));
  d.chosen = row.text(8);
  if (!row.is_null(9)) d.slot = static_cast<std::uint32_t>(row.integer(9));
  d.servers = static_cast<std::uint64_t>(row.integer(10));
  d.usable = static_cast<std::uint64_t>(row.integer(11));
  return d;
}

// False: the table could not be read to the end.
bool read_candidates(const Database& database, DecisionRow& decision) {
  Statement query(database,
                  "SELECT server, weight, active_connections, credit, kept_out"
                  " FROM decision_candidates_view WHERE decision = ?1");
  if (!query.ok()) return false;
  query.bind(1, static_cast<std::int64_t>(decision.id));
  Step step = query.step();
  for (; step == Step::row; step = query.step()) {
    DecisionRow::Candidate candidate;
    candidate.server = query.text(0);
    candidate.weight = static_cast<std::uint8_t>(query.integer(1));
    candidate.active_connections = static_cast<std::uint64_t>(query.integer(2));
    if (!query.is_null(3)) candidate.credit = query.integer(3);
    candidate.kept_out = query.text(4);
    decision.candidates.push_back(std::move(candidate));
  }
  return step == Step::done;
}

bool read_decisions(const Database& database, Statement& query, std::vector<DecisionRow>& rows) {
  if (!query.ok()) return false;
  Step step = query.step();
  for (; step == Step::row; step = query.step()) rows.push_back(decision_of(query));
  if (step != Step::done) return false;
  for (DecisionRow& row : rows) {
    if (!read_candidates(database, row)) return false;
  }
  return true;
}

}  // namespace

std::vector<DecisionRow> decisions_of(const Reader& trace, std::uint64_t packet_connection) {
  const Database& database = trace.database();
  std::vector<DecisionRow> rows;
  Statement query(database, std::string(kDecisions) + "WHERE d.connection = ?1 ORDER BY d.id");
  query.bind(1, static_cast<std::int64_t>(packet_connection));
  trace.noted(read_decisions(database, query, rows));
  return rows;
}

std::vector<DecisionRow> decisions_of_client(const Reader& trace, std::string_view client,
                                             std::size_t most) {
  const Database& database = trace.database();
  std::vector<DecisionRow> rows;
  Statement query(database, std::string(kDecisions) +
                                "LEFT JOIN addresses a ON a.id = d.source >> 16"
                                " WHERE v.source = ?1 OR a.address = ?1"
                                " ORDER BY d.at_ns, d.id LIMIT ?2");
  query.bind(1, client).bind(2, static_cast<std::int64_t>(most));
  trace.noted(read_decisions(database, query, rows));
  return rows;
}

}  // namespace elblab::trace
