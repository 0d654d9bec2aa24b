// Many rows into one table: 512 of them in one step of SQLite.
//
// Rows are kept until 512 stand together; flush() writes a rest. Rows get their rowids in the order
// of add(), whenever flush() is called: batches do not show in the contents.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "analysis/trace/cell_rows.hpp"
#include "analysis/trace/database.hpp"

namespace elblab::trace {

class BatchInsert {
 public:
  static constexpr std::size_t kRows = 512;

  // `columns` as in SQL, "a, b, c": all columns of the table from the first on, in its order, so
  // that SQLite takes a row as it is (an INTEGER PRIMARY KEY comes last and is left out). One
  // object per table and database; the database must outlive it.
  BatchInsert(const Database& database, std::string_view table, std::string_view columns);

  bool ok() const { return insert_.ok(); }
  // False when writing failed.
  template <std::size_t N>
  bool add(const std::array<Cell, N>& row) {
    rows_.add(row);
    return !rows_.full() || flush();
  }
  bool flush();

 private:
  CellRows rows_;
  Statement insert_;
};

}  // namespace elblab::trace
