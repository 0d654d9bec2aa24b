#include "tests/torture/trace_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "analysis/trace/database.hpp"
#include "analysis/trace/reader.hpp"

namespace elblab::torture {
namespace {

namespace fs = std::filesystem;

std::string first_cell(const trace::Database& database, const std::string& sql) {
  trace::Statement statement(database, sql);
  if (statement.step() != trace::Step::row) return database.last_error().message;
  return std::string(statement.text(0));
}

std::string damage(const fs::path& path) {
  const auto database = trace::Database::open(path, SQLITE_OPEN_READWRITE);
  if (!database) return database.error().message;
  const std::string verdict = first_cell(*database, "PRAGMA integrity_check");
  if (verdict != "ok") return "integrity: " + verdict;
  for (const char* table : {"connections", "events"}) {
    const std::string gap =
        first_cell(*database, fmt::format("SELECT count(*) - ifnull(max(id), 0) FROM {}", table));
    if (gap != "0") return fmt::format("a gap in {}: {}", table, gap);
  }
  // What rows refer to has been committed with them.
  const std::string lost = first_cell(
      *database,
      "SELECT count(*) FROM connections c WHERE class NOT IN (SELECT id FROM connection_classes)"
      " OR source >> 16 NOT IN (SELECT id FROM addresses)");
  return lost == "0" ? "" : "rows without what they refer to: " + lost;
}

}  // namespace

TraceState check_trace(const fs::path& path) {
  TraceState state;
  state.exists = fs::exists(path);
  if (!state.exists) return state;
  const auto reader = trace::Reader::open(path);
  if (!reader) {
    state.problem = reader.error().message;
    return state;
  }
  state.complete = (*reader)->complete();
  (*reader)->digest();
  if (const auto problem = (*reader)->problem()) state.problem = problem->message;
  if (state.problem.empty()) state.problem = damage(path);
  return state;
}

std::string check_table(const fs::path& path, bool finished) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (text.empty()) return finished ? "no table" : "";
  if (finished && !text.ends_with('\n')) return "the table's last line is cut off";
  if (!text.starts_with('#')) return "the table has no header";
  return {};
}

}  // namespace elblab::torture
