#include "analysis/trace/batch_insert.hpp"

#include <fmt/format.h>

#include <string>

namespace elblab::trace {
namespace {

std::string source_of(std::string_view table) { return fmt::format("new_{}", table); }

}  // namespace

BatchInsert::BatchInsert(const Database& database, std::string_view table, std::string_view columns)
    : rows_(database, source_of(table), columns, kRows),
      insert_(database, fmt::format("INSERT INTO {} ({}) SELECT {} FROM {}", table, columns,
                                    columns, source_of(table))) {}

bool BatchInsert::flush() {
  if (rows_.empty()) return true;
  const bool written = insert_.run();
  rows_.clear();
  return written;
}

}  // namespace elblab::trace
