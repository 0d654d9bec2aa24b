// A question in SQL, put to a trace by a person, a metric or a piece of evidence.
//
// One SELECT (or WITH, VALUES, EXPLAIN), which can read and nothing else: while it is prepared an
// authorizer refuses every other action (https://www.sqlite.org/c3ref/set_authorizer.html), on a
// connection that is read-only anyway. Rows come one at a time, so that a question about millions
// of them takes no memory; collect() takes a few of them as a table. Another thread, or a signal
// handler, stops a long question by setting a flag.
//
// Errors are values: problem() says what, in words for the person who asked, and where in the text.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "analysis/trace/database.hpp"

namespace elblab::trace {

// NULL, an integer, a real, a text. Bytes that are no text stand as SQL writes them: x'0aff'.
using QueryCell = std::variant<std::monostate, std::int64_t, double, std::string>;

struct QueryProblem {
  enum class Kind : std::uint8_t {
    mistake,  // in the SQL: it does not parse, names what is not there, or wants to write
    stopped,  // the flag was set
    limit,    // it took longer than the reader allows (reading_watch.hpp)
    damaged,  // the file could not be read
  };
  Kind kind = Kind::mistake;
  std::string message;
  // Where in the text, in bytes from its beginning, where SQLite says so.
  std::optional<std::size_t> at;
};

class Query {
 public:
  // `stop` may be null; it and the database must outlive the query. Of several queries on one
  // database each keeps its own place. A text longer than kMostSql is a mistake.
  Query(const Database& database, std::string_view sql, const std::atomic<bool>* stop = nullptr);
  static constexpr std::size_t kMostSql = 1'000'000;

  // Known before the first row; empty when the query is mistaken.
  const std::vector<std::string>& columns() const { return columns_; }
  // Makes row() the next one; false at the end, and when there is a problem.
  bool next();
  // As many cells as columns, until next().
  std::span<const QueryCell> row() const { return row_; }
  const std::optional<QueryProblem>& problem() const { return problem_; }

 private:
  bool prepare(std::string_view sql);
  void refuse(std::string_view deed);
  bool is_only_statement(std::string_view rest);
  void take_row();
  void note_error();

  const Database& database_;
  const std::atomic<bool>* stop_;
  Statement statement_;
  std::vector<std::string> columns_;
  std::vector<QueryCell> row_;
  std::optional<QueryProblem> problem_;
};

// Numbers as they are, NULL as 0; for reading a query whose columns are known.
std::int64_t to_integer(const QueryCell& cell);
double to_real(const QueryCell& cell);
// NULL as an empty text, numbers as SQL writes them.
std::string to_text(const QueryCell& cell);
bool is_null(const QueryCell& cell);

// The first rows of an answer, as a table.
struct QueryResult {
  std::vector<std::string> columns;
  std::vector<std::vector<QueryCell>> rows;
  bool more = false;  // rows were left out
  std::optional<QueryProblem> problem;
};
QueryResult collect(Query query, std::size_t most);

}  // namespace elblab::trace
