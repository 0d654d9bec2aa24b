// Many rows into one table: INSERT statements of 16 rows. Of 1, 4, 16 and 64 rows, 16 took the
// least CPU time (0.6 µs per row of a trace; single rows 0.85 µs).
//
// Rows are kept until 16 stand together; flush() writes a rest row by row. Rows get their rowids
// in the order of add(), whenever flush() is called: batches do not show in the contents.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
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

  void bind_to(Statement& statement, int parameter) const;

 private:
  enum class Kind : std::uint8_t { null, integer, real };
  Kind kind_ = Kind::null;
  union {
    std::int64_t integer_ = 0;
    double real_;
  };
};

class BatchInsert {
 public:
  static constexpr std::size_t kRows = 16;

  // `columns` as in SQL: "a, b, c". The database must outlive this object.
  BatchInsert(const Database& database, std::string_view table, std::string_view columns);

  bool ok() const { return many_.ok() && one_.ok(); }
  // False when writing failed.
  template <std::size_t N>
  bool add(const std::array<Cell, N>& row) {
    Cell* place = pending_.data() + pending_rows_ * N;
    for (std::size_t i = 0; i < N; ++i) place[i] = row[i];
    return ++pending_rows_ < kRows || insert_batch();
  }
  bool flush();

 private:
  bool insert_batch();

  std::size_t columns_;
  std::vector<Cell> pending_;
  std::size_t pending_rows_ = 0;
  Statement many_;
  Statement one_;
};

}  // namespace elblab::trace
