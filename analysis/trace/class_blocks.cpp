#include "analysis/trace/class_blocks.hpp"

#include <algorithm>

namespace elblab::trace {

void ClassBlocks::add(std::int64_t class_id, std::int64_t from_ns, std::int64_t to_ns) {
  const auto index = static_cast<std::size_t>(class_id - 1);
  if (index >= classes_.size()) classes_.resize(index + 1);
  PerClass& rows = classes_[index];
  ++last_id_;
  ++rows_in_block_;
  ++rows.total;
  ClassBlock& open = rows.open;
  if (open.n == 0) {
    open = {class_id, last_id_, last_id_, 1, from_ns, to_ns};
    in_block_.push_back(class_id);
    return;
  }
  open.last_id = last_id_;
  ++open.n;
  open.first_ns = std::min(open.first_ns, from_ns);
  open.last_ns = std::max(open.last_ns, to_ns);
}

std::vector<ClassBlock> ClassBlocks::take() {
  std::sort(in_block_.begin(), in_block_.end());
  std::vector<ClassBlock> blocks;
  blocks.reserve(in_block_.size());
  for (const std::int64_t class_id : in_block_) {
    ClassBlock& open = classes_[static_cast<std::size_t>(class_id - 1)].open;
    blocks.push_back(open);
    open = {};
  }
  in_block_.clear();
  rows_in_block_ = 0;
  return blocks;
}

std::uint64_t ClassBlocks::total(std::int64_t class_id) const {
  const auto index = static_cast<std::size_t>(class_id - 1);
  return index < classes_.size() ? classes_[index].total : 0;
}

}  // namespace elblab::trace
