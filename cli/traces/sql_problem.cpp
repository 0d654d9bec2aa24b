#include "cli/traces/sql_problem.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "cli/text/one_line.hpp"
#include "cli/text/terminal.hpp"
#include "scenarios/language/suggestion.hpp"

namespace elblab::cli {
namespace {

// The column names of every table and view would be too many to be near one by chance: tables and
// views only for a missing table, columns for a missing column.
std::vector<std::string> names(const trace::Reader& trace, const char* sql) {
  std::vector<std::string> result;
  auto query = trace.query(sql);
  while (query.next()) result.push_back(trace::to_text(query.row()[0]));
  return result;
}

std::string suggestion(const std::string& message, const trace::Reader& trace) {
  constexpr std::string_view kNoTable = "no such table: ";
  if (!message.starts_with(kNoTable)) return {};
  const auto known =
      names(trace, "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name");
  const std::string near = language::nearest(message.substr(kNoTable.size()), known);
  return near.empty() ? "\n`elblab query` without SQL lists what can be asked"
                      : fmt::format("; did you mean '{}'?", near);
}

struct Line {
  std::string_view text;
  std::size_t at = 0;  // bytes from its beginning
};

Line line_of(std::string_view sql, std::size_t at) {
  at = std::min(at, sql.size());
  const std::size_t before = at == 0 ? std::string_view::npos : sql.rfind('\n', at - 1);
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  const std::size_t end = std::min(sql.find('\n', at), sql.size());
  return {sql.substr(begin, end - begin), at - begin};
}

// Of a long line only what is near the place.
std::string pointed(Line line) {
  constexpr std::size_t kAround = 60;
  std::string left = one_line(line.text.substr(0, line.at));
  std::string right = one_line(line.text.substr(line.at));
  if (columns_of(left) > kAround) {
    while (columns_of(left) > kAround - 1) {
      do left.erase(0, 1);
      while (!left.empty() && (static_cast<unsigned char>(left[0]) & 0xC0) == 0x80);
    }
    left = "…" + left;
  }
  if (columns_of(right) > kAround) right = fitted(right, kAround);
  return fmt::format("  {}{}\n  {}^", left, right, std::string(columns_of(left), ' '));
}

}  // namespace

std::string sql_problem_text(const trace::QueryProblem& problem, std::string_view sql,
                             const trace::Reader& trace) {
  std::string text = one_line(problem.message) + suggestion(problem.message, trace) + "\n";
  if (problem.at) text += pointed(line_of(sql, *problem.at)) + "\n";
  return text;
}

}  // namespace elblab::cli
