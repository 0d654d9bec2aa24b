// Where in a long table the rows of a class stand: a short directory instead of an index.
//
// Every 16,384 rows, in the order of writing, make a block; of each class in it the directory says
// how many rows, between which ids and between which times. Finding rows by class and time then
// looks at few blocks, and counting them over time at no rows at all. Indices of both long tables
// cost half as much processor time again as their rows (measured), and exist only after the end of
// the run.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace elblab::trace {

// Rows of one class in one block.
struct ClassBlock {
  std::int64_t class_id = 0;
  std::int64_t first_id = 0;  // of the class's rows in the block
  std::int64_t last_id = 0;
  std::int64_t n = 0;
  std::int64_t first_ns = 0;  // the rows' times lie within first_ns and last_ns
  std::int64_t last_ns = 0;
};

class ClassBlocks {
 public:
  static constexpr std::int64_t kRowsPerBlock = 16'384;

  // Notes the table's next row (ids count from 1). Classes count from 1, without gaps.
  void add(std::int64_t class_id, std::int64_t from_ns, std::int64_t to_ns);
  bool full() const { return rows_in_block_ == kRowsPerBlock; }
  // What stands in the block begun, by class; the next row begins another.
  std::vector<ClassBlock> take();
  // All rows of a class so far; 0 of one that has not come.
  std::uint64_t total(std::int64_t class_id) const;

 private:
  struct PerClass {
    ClassBlock open;  // n == 0: none in this block
    std::uint64_t total = 0;
  };
  std::vector<PerClass> classes_;       // of class id - 1
  std::vector<std::int64_t> in_block_;  // classes, as they came
  std::int64_t last_id_ = 0;
  std::int64_t rows_in_block_ = 0;
};

}  // namespace elblab::trace
