#include "analysis/trace/classed_rows.hpp"

#include <fmt/format.h>

#include <map>

namespace elblab::trace {

ClassedRows::ClassedRows(const Database& database, std::string_view name,
                         std::string_view class_columns, std::string_view kind)
    : classes_(database, fmt::format("{}_classes", name), class_columns),
      blocks_(database, fmt::format("{}_blocks", name),
              "class, first_id, last_id, n, first_ns, last_ns"),
      counts_(database, fmt::format("{}_counts", name), fmt::format("object, {}, reason, n", kind)),
      ok_(classes_.ok() && blocks_.ok() && counts_.ok()) {}

bool ClassedRows::write_blocks() {
  for (const ClassBlock& b : directory_.take()) {
    ok_ = ok_ && blocks_.add(std::array<Cell, 6>{b.class_id, b.first_id, b.last_id, b.n, b.first_ns,
                                                 b.last_ns});
  }
  return ok_;
}

bool ClassedRows::flush() {
  ok_ = ok_ && classes_.flush() && blocks_.flush() && counts_.flush();
  return ok_;
}

bool ClassedRows::finish() {
  // By object, kind, reason: in this order they are written.
  std::map<std::array<std::int64_t, 3>, std::uint64_t> counts;
  std::int64_t class_id = 0;
  for (const CountKey& key : counted_as_) {
    counts[{key.object, key.kind, key.reason}] += directory_.total(++class_id);
  }
  for (const auto& [key, n] : counts) {
    ok_ = ok_ && counts_.add(std::array<Cell, 4>{key[0], key[1], key[2], n});
  }
  return write_blocks() && flush();
}

}  // namespace elblab::trace
