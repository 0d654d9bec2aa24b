#include "analysis/trace/query.hpp"

#include <fmt/format.h>

#include <utility>

namespace elblab::trace {
namespace {

// How many steps of SQLite's machine between two looks at the flag: some tens of microseconds.
constexpr int kStepsBetweenLooks = 10'000;

// A text or a row may not be longer.
constexpr int kMostCellBytes = 64 << 20;

// What the authorizer was last asked to allow and did not.
struct Refusal {
  std::string what;
};

std::string text_or(const char* text, std::string_view otherwise) {
  return text == nullptr || *text == '\0' ? std::string(otherwise) : std::string(text);
}

// What a statement would do, from the authorizer's arguments for it.
std::string deed_of(int action, const char* first, const char* second) {
  const std::string thing = text_or(first, "the database");
  if (thing.starts_with("sqlite_")) return "change what tables there are";
  switch (action) {
    case SQLITE_INSERT:
      return "insert into " + thing;
    case SQLITE_DELETE:
      return "delete from " + thing;
    case SQLITE_UPDATE:
      return "update " + thing;
    case SQLITE_PRAGMA:
      return "use the PRAGMA " + thing;
    case SQLITE_ATTACH:
      return "open " + thing;
    case SQLITE_FUNCTION:
      return "call " + text_or(second, "a function");
    default:
      return "change " + thing;
  }
}

int authorize(void* refusal, int action, const char* first, const char* second, const char*,
              const char*) {
  const bool loads_code = action == SQLITE_FUNCTION && second != nullptr &&
                          std::string_view(second) == "load_extension";
  const bool reads = action == SQLITE_SELECT || action == SQLITE_READ ||
                     action == SQLITE_RECURSIVE || action == SQLITE_FUNCTION;
  if (reads && !loads_code) return SQLITE_OK;
  auto& what = static_cast<Refusal*>(refusal)->what;
  // The first refusal says what was wanted; those after it are its consequences.
  if (what.empty()) what = deed_of(action, first, second);
  return SQLITE_DENY;
}

// Refuses everything but reading while it lives.
class ReadingOnly {
 public:
  explicit ReadingOnly(sqlite3* handle) : handle_(handle) {
    sqlite3_set_authorizer(handle_, authorize, &refusal_);
  }
  ~ReadingOnly() { sqlite3_set_authorizer(handle_, nullptr, nullptr); }
  ReadingOnly(const ReadingOnly&) = delete;
  ReadingOnly& operator=(const ReadingOnly&) = delete;

  const std::string& refused() const { return refusal_.what; }

 private:
  sqlite3* handle_;
  Refusal refusal_;
};

int look(void* flag) {
  return static_cast<const std::atomic<bool>*>(flag)->load(std::memory_order_relaxed) ? 1 : 0;
}

// Lets the flag end what SQLite does while it lives.
class Stoppable {
 public:
  Stoppable(const Database& database, const std::atomic<bool>* flag) {
    if (flag == nullptr) return;
    if (database.watch() != nullptr) {
      watched_.emplace(*database.watch(), flag);
      return;
    }
    handle_ = database.handle();
    sqlite3_progress_handler(handle_, kStepsBetweenLooks, look,
                             const_cast<std::atomic<bool>*>(flag));
  }
  ~Stoppable() {
    if (handle_ != nullptr) sqlite3_progress_handler(handle_, 0, nullptr, nullptr);
  }
  Stoppable(const Stoppable&) = delete;
  Stoppable& operator=(const Stoppable&) = delete;

 private:
  std::optional<ReadingWatch::AlsoStoppedBy> watched_;
  sqlite3* handle_ = nullptr;
};

std::string hexadecimal(std::string_view bytes) {
  std::string text = "x'";
  for (const char c : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return text + "'";
}

}  // namespace

Query::Query(const Database& database, std::string_view sql, const std::atomic<bool>* stop)
    : database_(database), stop_(stop) {
  if (!prepare(sql)) return;
  for (int i = 0; i < statement_.columns(); ++i) columns_.emplace_back(statement_.column_name(i));
  row_.resize(columns_.size());
}

bool Query::prepare(std::string_view sql) {
  if (sql.size() > kMostSql) {
    problem_ = QueryProblem{
        QueryProblem::Kind::mistake, fmt::format("the SQL is longer than {} bytes", kMostSql), {}};
    return false;
  }
  // What a foreign file has in its views may not call what could change anything either.
  sqlite3_db_config(database_.handle(), SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_limit(database_.handle(), SQLITE_LIMIT_LENGTH, kMostCellBytes);
  const ReadingOnly reading_only(database_.handle());
  std::string_view rest;
  statement_ = Statement(database_, sql, rest);
  if (!reading_only.refused().empty()) {
    problem_ =
        QueryProblem{QueryProblem::Kind::mistake,
                     fmt::format("a trace can only be asked (SELECT …), not changed: this would {}",
                                 reading_only.refused()),
                     {}};
    return false;
  }
  if (!statement_.ok()) {
    if (database_.last_error().code == SQLITE_OK) {
      problem_ =
          QueryProblem{QueryProblem::Kind::mistake, "there is no SQL; ask with SELECT …", {}};
    } else {
      note_error();
    }
    return false;
  }
  // VACUUM INTO asks no authorizer.
  if (statement_.columns() == 0 || !statement_.is_read_only()) {
    statement_ = Statement();
    refuse("do something else");
    return false;
  }
  return is_only_statement(rest);
}

void Query::refuse(std::string_view deed) {
  problem_ = QueryProblem{
      QueryProblem::Kind::mistake,
      fmt::format("a trace can only be asked (SELECT …), not changed: this would {}", deed),
      {}};
}

// Blanks, comments and semicolons may follow.
bool Query::is_only_statement(std::string_view rest) {
  while (!rest.empty()) {
    const std::string_view text = rest;
    const Statement next(database_, text, rest);
    if (next.ok() || database_.last_error().code != SQLITE_OK) {
      statement_ = Statement();
      problem_ = QueryProblem{QueryProblem::Kind::mistake, "one statement at a time", {}};
      return false;
    }
  }
  return true;
}

bool Query::next() {
  if (problem_ || !statement_.ok()) return false;
  if (stop_ != nullptr && *stop_) {
    problem_ = QueryProblem{QueryProblem::Kind::stopped, "stopped", {}};
    return false;
  }
  const Stoppable stoppable(database_, stop_);
  switch (statement_.step()) {
    case Step::row:
      take_row();
      return true;
    case Step::done:
      statement_ = Statement();  // lets go of its lock on the file
      return false;
    case Step::error:
      note_error();
      statement_ = Statement();
      return false;
  }
  return false;
}

void Query::take_row() {
  for (int i = 0; i < static_cast<int>(row_.size()); ++i) {
    QueryCell& cell = row_[static_cast<std::size_t>(i)];
    switch (statement_.type(i)) {
      case SQLITE_INTEGER:
        cell = statement_.integer(i);
        break;
      case SQLITE_FLOAT:
        cell = statement_.real(i);
        break;
      case SQLITE_TEXT:
        cell = std::string(statement_.text(i));
        break;
      case SQLITE_BLOB:
        cell = hexadecimal(statement_.text(i));
        break;
      default:
        cell = std::monostate();
        break;
    }
  }
}

void Query::note_error() {
  QueryProblem problem;
  if (const ReadingWatch* watch = database_.watch(); watch != nullptr && watch->has_ended()) {
    problem_ = watch->ran_out() ? QueryProblem{QueryProblem::Kind::limit, watch->limit_text(), {}}
                                : QueryProblem{QueryProblem::Kind::stopped, "stopped", {}};
    return;
  }
  const SqliteError error = database_.last_error();
  problem.message = error.message;
  switch (error.code) {
    case SQLITE_INTERRUPT:
      problem.kind = QueryProblem::Kind::stopped;
      problem.message = "stopped";
      break;
    case SQLITE_ERROR:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE: {
      problem.kind = QueryProblem::Kind::mistake;
      const int offset = sqlite3_error_offset(database_.handle());
      if (offset >= 0) problem.at = static_cast<std::size_t>(offset);
      break;
    }
    default:
      problem.kind = QueryProblem::Kind::damaged;
      problem.message = fmt::format("the trace cannot be read any further ({})", problem.message);
      break;
  }
  problem_ = std::move(problem);
}

std::int64_t to_integer(const QueryCell& cell) {
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) return *integer;
  // Beyond the range of integers there is no right answer, only a defined one.
  const double real = to_real(cell);
  if (!(real > -9.2e18 && real < 9.2e18)) return 0;
  return static_cast<std::int64_t>(real);
}

double to_real(const QueryCell& cell) {
  if (const auto* real = std::get_if<double>(&cell)) return *real;
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) return static_cast<double>(*integer);
  return 0;
}

std::string to_text(const QueryCell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* real = std::get_if<double>(&cell)) return fmt::format("{}", *real);
  if (const auto* integer = std::get_if<std::int64_t>(&cell)) return fmt::format("{}", *integer);
  return {};
}

bool is_null(const QueryCell& cell) { return std::holds_alternative<std::monostate>(cell); }

QueryResult collect(Query query, std::size_t most) {
  QueryResult result;
  result.columns = query.columns();
  while (query.next()) {
    if (result.rows.size() == most) {
      result.more = true;
      break;
    }
    result.rows.emplace_back(query.row().begin(), query.row().end());
  }
  result.problem = query.problem();
  return result;
}

}  // namespace elblab::trace
