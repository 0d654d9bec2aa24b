#include "analysis/trace/database.hpp"

namespace elblab::trace {
namespace {

// Of a result code
// (https://www.sqlite.org/rescode.html#primary_result_codes_versus_extended_result_codes).
constexpr int kPrimaryCode = 0xFF;

// A path as the URI that carries options (https://www.sqlite.org/uri.html): what is special in a
// URI is escaped.
std::string to_uri(const std::filesystem::path& path, std::string_view options) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : path.string()) {
    if (c == '?' || c == '#' || c == '%') {
      const auto byte = static_cast<unsigned char>(c);
      uri += '%';
      uri += kHex[byte >> 4];
      uri += kHex[byte & 15];
    } else {
      uri += c;
    }
  }
  return uri.append("?").append(options);
}

Step step_of(int result) {
  switch (result) {
    case SQLITE_ROW:
      return Step::row;
    case SQLITE_DONE:
      return Step::done;
    default:
      return Step::error;
  }
}

}  // namespace

Expected<Database, SqliteError> Database::open(const std::filesystem::path& path, int flags,
                                               bool immutable) {
  // An absolute path: a name that begins with "file:" or ":memory:" stays a name.
  std::error_code ignored;
  const auto absolute = std::filesystem::absolute(path, ignored);
  const std::string name = immutable ? to_uri(absolute, "immutable=1") : absolute.string();
  sqlite3* handle = nullptr;
  const int result =
      sqlite3_open_v2(name.c_str(), &handle,
                      flags | SQLITE_OPEN_NOMUTEX | (immutable ? SQLITE_OPEN_URI : 0), nullptr);
  Database database;
  database.handle_.reset(handle);
  if (result == SQLITE_OK) return database;
  // Without memory for a handle SQLite gives none to ask.
  if (!handle) return SqliteError{{sqlite3_errstr(result)}, result & kPrimaryCode};
  return database.last_error();
}

Expected<Database, SqliteError> Database::open_in_memory() {
  sqlite3* handle = nullptr;
  const int result =
      sqlite3_open_v2(":memory:", &handle,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_MEMORY, nullptr);
  Database database;
  database.handle_.reset(handle);
  if (result != SQLITE_OK) return SqliteError{{sqlite3_errstr(result)}, result & kPrimaryCode};
  return database;
}

std::optional<DatabaseImage> Database::image() const {
  sqlite3_int64 size = 0;
  unsigned char* bytes = sqlite3_serialize(handle_.get(), "main", &size, 0);
  if (bytes == nullptr) return std::nullopt;
  return DatabaseImage(bytes, static_cast<std::size_t>(size));
}

void Database::limit(ReadingLimits limits) {
  watch_ = std::make_unique<ReadingWatch>(handle_.get(), std::move(limits));
}

Expected<void, SqliteError> Database::execute(const std::string& sql) const {
  const int result = sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return last_error();
  return {};
}

SqliteError Database::last_error() const {
  return {{sqlite3_errmsg(handle_.get())}, sqlite3_errcode(handle_.get()) & kPrimaryCode};
}

Statement::Statement(const Database& database, std::string_view sql) {
  std::string_view rest;
  *this = Statement(database, sql, rest);
}

Statement::Statement(const Database& database, std::string_view sql, std::string_view& rest) {
  sqlite3_stmt* handle = nullptr;
  const char* tail = sql.data() + sql.size();
  if (!database.is_open()) return;
  const int result = sqlite3_prepare_v3(database.handle(), sql.data(), static_cast<int>(sql.size()),
                                        SQLITE_PREPARE_PERSISTENT, &handle, &tail);
  handle_.reset(handle);
  watch_ = database.watch();
  if (result == SQLITE_OK) rest = sql.substr(static_cast<std::size_t>(tail - sql.data()));
}

bool Statement::is_read_only() const { return sqlite3_stmt_readonly(handle_.get()) != 0; }

Step Statement::step() {
  if (!handle_) return Step::error;
  if (watch_ == nullptr) return step_of(sqlite3_step(handle_.get()));
  if (watch_->has_ended()) return Step::error;
  const ReadingWatch::Asking asking(*watch_, question_);
  return step_of(sqlite3_step(handle_.get()));
}

bool Statement::run() {
  const bool done = step() == Step::done;
  // After an error the reset would give the same error again: the answer is already known.
  reset();
  return done;
}

void Statement::reset() {
  question_ = {};
  sqlite3_reset(handle_.get());
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  sqlite3_bind_int64(handle_.get(), parameter, value);
  return *this;
}

Statement& Statement::bind(int parameter, double value) {
  sqlite3_bind_double(handle_.get(), parameter, value);
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
  sqlite3_bind_text64(handle_.get(), parameter, text.data() ? text.data() : "", text.size(),
                      SQLITE_TRANSIENT, SQLITE_UTF8);
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  sqlite3_bind_null(handle_.get(), parameter);
  return *this;
}

int Statement::columns() const { return sqlite3_column_count(handle_.get()); }

std::string_view Statement::column_name(int column) const {
  return sqlite3_column_name(handle_.get(), column);
}

int Statement::type(int column) const { return sqlite3_column_type(handle_.get(), column); }

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}

double Statement::real(int column) const { return sqlite3_column_double(handle_.get(), column); }

std::string_view Statement::text(int column) const {
  const auto* bytes = static_cast<const char*>(sqlite3_column_blob(handle_.get(), column));
  const auto size = static_cast<std::size_t>(sqlite3_column_bytes(handle_.get(), column));
  return bytes ? std::string_view(bytes, size) : std::string_view();
}

}  // namespace elblab::trace
