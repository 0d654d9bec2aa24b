#include "analysis/trace/batch_insert.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace elblab::trace {
namespace {

std::string insert_sql(std::string_view table, std::string_view columns, std::size_t count,
                       std::size_t rows) {
  std::string one = "(?";
  for (std::size_t i = 1; i < count; ++i) one += ",?";
  one += ")";
  std::string sql = fmt::format("INSERT INTO {} ({}) VALUES {}", table, columns, one);
  for (std::size_t i = 1; i < rows; ++i) sql.append(",").append(one);
  return sql;
}

std::size_t count_columns(std::string_view columns) {
  return static_cast<std::size_t>(std::count(columns.begin(), columns.end(), ',')) + 1;
}

}  // namespace

void Cell::bind_to(Statement& statement, int parameter) const {
  switch (kind_) {
    case Kind::null:
      statement.bind_null(parameter);
      return;
    case Kind::integer:
      statement.bind(parameter, integer_);
      return;
    case Kind::real:
      statement.bind(parameter, real_);
      return;
  }
}

BatchInsert::BatchInsert(const Database& database, std::string_view table, std::string_view columns)
    : columns_(count_columns(columns)),
      pending_(columns_ * kRows),
      many_(database, insert_sql(table, columns, columns_, kRows)),
      one_(database, insert_sql(table, columns, columns_, 1)) {}

bool BatchInsert::insert_batch() {
  for (std::size_t i = 0; i < pending_.size(); ++i) {
    pending_[i].bind_to(many_, static_cast<int>(i) + 1);
  }
  pending_rows_ = 0;
  return many_.run();
}

bool BatchInsert::flush() {
  const std::size_t rows = pending_rows_;
  pending_rows_ = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t i = 0; i < columns_; ++i) {
      pending_[row * columns_ + i].bind_to(one_, static_cast<int>(i) + 1);
    }
    if (!one_.run()) return false;
  }
  return true;
}

}  // namespace elblab::trace
