// What the rows of a long table share, kept once: their classes, where these stand, how many.
//
// For the table "<name>s" it fills "<name>_classes" (what a class's rows have in common),
// "<name>_blocks" (see class_blocks.hpp) and, in the end, "<name>_counts". Belongs to the writer
// thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "analysis/trace/batch_insert.hpp"
#include "analysis/trace/class_blocks.hpp"
#include "analysis/trace/database.hpp"
#include "analysis/trace/numbering.hpp"
#include "models/telemetry/recorder.hpp"

namespace elblab::trace {

// What rows are counted by. `kind` is an event's kind or a connection's role.
struct CountKey {
  std::int64_t object = 0;
  std::int64_t kind = 0;
  std::int64_t reason = 0;
};

class ClassedRows {
 public:
  // The columns of "<name>_classes" without its id, and the name of the counts' kind.
  ClassedRows(const Database& database, std::string_view name, std::string_view class_columns,
              std::string_view kind);

  // False once anything has failed.
  bool ok() const { return ok_; }

  // The number of the class that `key` stands for, and its row when it is new.
  template <class MakeRow>
  std::int64_t class_of(const Numbering::Key& key, const CountKey& counted_as, MakeRow make_row) {
    bool is_new = false;
    const std::int64_t id = numbers_.number_of(key, is_new);
    if (is_new) {
      counted_as_.push_back(counted_as);
      ok_ = ok_ && classes_.add(make_row());
    }
    return id;
  }
  // Notes the long table's next row, of a class that class_of() gave. False when writing failed.
  bool add(std::int64_t class_id, std::int64_t from_ns, std::int64_t to_ns) {
    directory_.add(class_id, from_ns, to_ns);
    return directory_.full() ? write_blocks() : ok_;
  }
  bool flush();
  // The last block and the counts. No rows may follow.
  bool finish();

 private:
  bool write_blocks();

  Numbering numbers_;
  std::vector<CountKey> counted_as_;  // of class id - 1
  ClassBlocks directory_;
  BatchInsert classes_;
  BatchInsert blocks_;
  BatchInsert counts_;
  bool ok_;
};

}  // namespace elblab::trace
