// Rows in memory that SQLite can select from: a table-valued function of one connection.
//
// "INSERT INTO t SELECT … FROM <name>" takes all of them in one step. Binding the same values to
// parameters of INSERT … VALUES costs about 30 % more processor time per row, and a step for every
// few rows (https://www.sqlite.org/vtab.html#eponymous_virtual_tables).
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/trace/database.hpp"

namespace elblab::trace {

// One value of a row: an integer, a number, or nothing (NULL).
class Cell {
 public:
  constexpr Cell() = default;
  template <std::integral Integer>
  constexpr Cell(Integer value)  // NOLINT: a row is written as a list of values
      : kind_(Kind::integer), integer_(static_cast<std::int64_t>(value)) {}
  constexpr Cell(double value) : kind_(Kind::real), real_(value) {}  // NOLINT: as above

  // 0 of an ID means "none": no row of another table.
  static constexpr Cell id(std::int64_t id) { return id == 0 ? Cell() : Cell(id); }

  // Answers SQLite's question for a column.
  void give_to(sqlite3_context* context) const {
    switch (kind_) {
      case Kind::null:
        return sqlite3_result_null(context);
      case Kind::integer:
        return sqlite3_result_int64(context, integer_);
      case Kind::real:
        return sqlite3_result_double(context, real_);
    }
  }

 private:
  enum class Kind : std::uint8_t { null, integer, real };
  Kind kind_ = Kind::null;
  union {
    std::int64_t integer_ = 0;
    double real_;
  };
};

class CellRows {
 public:
  // `columns` as in SQL: "a, b, c". Holds up to `capacity` rows. The database must outlive this
  // object, and this object every statement that selects from it.
  CellRows(const Database& database, std::string_view name, std::string_view columns,
           std::size_t capacity);
  ~CellRows();
  CellRows(const CellRows&) = delete;
  CellRows& operator=(const CellRows&) = delete;

  // One column per cell; at most `capacity` rows between two clear().
  template <std::size_t N>
  void add(const std::array<Cell, N>& row) {
    for (std::size_t i = 0; i < N; ++i) cells_[used_ + i] = row[i];
    used_ += N;
  }
  void clear() { used_ = 0; }
  bool empty() const { return used_ == 0; }
  bool full() const { return used_ == cells_.size(); }

  std::size_t columns() const { return columns_; }
  const Cell* begin() const { return cells_.data(); }
  const Cell* end() const { return cells_.data() + used_; }
  // The declaration of the table that SQLite sees.
  const std::string& declaration() const { return declaration_; }

 private:
  sqlite3* database_;
  std::string name_;
  std::string declaration_;
  std::size_t columns_;
  std::vector<Cell> cells_;
  std::size_t used_ = 0;
};

}  // namespace elblab::trace
