// SQLite, owned: a connection and a prepared statement as values with one owner each.
//
// No exceptions. A statement says of each step whether it went well, and Database::last_error() has
// SQLite's code and words for what did not. One thread at a time per Database (opened without
// SQLite's mutex).
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "analysis/trace/reading_watch.hpp"
#include "models/contract/expected.hpp"

namespace elblab::trace {

// In SQLite's own words.
struct SqliteError : Error {
  int code = SQLITE_OK;  // primary result code
};

// The bytes of a database as they would stand in its file.
class DatabaseImage {
 public:
  // Takes what SQLite allocated.
  DatabaseImage(unsigned char* bytes, std::size_t size) : bytes_(bytes), size_(size) {}
  std::span<std::byte> bytes() {
    return std::as_writable_bytes(std::span<unsigned char>(bytes_.get(), size_));
  }

 private:
  struct Free {
    void operator()(unsigned char* bytes) const { sqlite3_free(bytes); }
  };
  std::unique_ptr<unsigned char, Free> bytes_;
  std::size_t size_;
};

class Database {
 public:
  // flags: SQLITE_OPEN_*. `immutable`: nobody changes the file while it is open; SQLite then takes
  // no locks and makes no -wal or -shm file beside it.
  static Expected<Database, SqliteError> open(const std::filesystem::path& path, int flags,
                                              bool immutable = false);
  static Expected<Database, SqliteError> open_in_memory();
  // Not open; what open() gives can be moved there.
  Database() = default;

  // Runs statements that give no rows (or whose rows do not matter).
  Expected<void, SqliteError> execute(const std::string& sql) const;
  // nullopt: last_error() says why.
  std::optional<DatabaseImage> image() const;
  // From now on what is done for a statement is bounded. Once.
  void limit(ReadingLimits limits);
  // Null without limits.
  ReadingWatch* watch() const { return watch_.get(); }
  // Closes; the destructor does the same.
  void close() { handle_.reset(); }

  bool is_open() const { return handle_ != nullptr; }
  // Of the last call that failed, a statement's too. The database must be open.
  SqliteError last_error() const;
  sqlite3* handle() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };
  std::unique_ptr<ReadingWatch> watch_;  // until SQLite no longer calls it
  std::unique_ptr<sqlite3, Close> handle_;
};

enum class Step : std::uint8_t { row, done, error };

class Statement {
 public:
  // An SQL mistake or a damaged file gives a statement that is not ok(): its steps are errors.
  Statement() = default;
  Statement(const Database& database, std::string_view sql);
  // `rest`: what follows the first statement of `sql`.
  Statement(const Database& database, std::string_view sql, std::string_view& rest);

  bool ok() const { return handle_ != nullptr; }
  // Whether it leaves every file as it is (https://www.sqlite.org/c3ref/stmt_readonly.html).
  bool is_read_only() const;
  Step step();
  // Runs a statement that gives no rows, and makes it ready to run again.
  bool run();
  void reset();

  // Parameters count from 1, as in SQLite.
  Statement& bind(int parameter, std::int64_t value);
  Statement& bind(int parameter, double value);
  Statement& bind(int parameter, std::string_view text);
  Statement& bind_null(int parameter);

  // Columns count from 0.
  int columns() const;
  std::string_view column_name(int column) const;
  int type(int column) const;  // SQLITE_INTEGER, ...
  bool is_null(int column) const { return type(column) == SQLITE_NULL; }
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string_view text(int column) const;  // until the next step

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
  ReadingWatch* watch_ = nullptr;
  ReadingWatch::Question question_;
};

}  // namespace elblab::trace
