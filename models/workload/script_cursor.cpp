#include "models/workload/script_cursor.hpp"

namespace elblab::workload {

ScriptCursor::ScriptCursor(const ClientParameters& parameters, net::IpAddress source)
    : script_(parameters.script.get()), share_(parameters.script_share) {
  if (share_.sources.empty()) share_ = {{source}, 0, 1};
  const auto count = static_cast<std::uint32_t>(script_->conversations.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    if (source_index(i) < share_.sources.size()) own_.push_back(i);
  }
}

std::uint32_t ScriptCursor::source_index(std::uint32_t index) const {
  return script_->conversations[index].client % share_.total - share_.first;  // wraps below first
}

net::Endpoint ScriptCursor::source_of(std::uint32_t index) const {
  return {share_.sources[source_index(index)], 0};
}

void ScriptCursor::start(Instant begin, Instant end) {
  begin_ = begin;
  end_ = end;
  next_ = 0;
}

Instant ScriptCursor::next() const {
  if (next_ >= own_.size()) return kNever;
  const Instant at = begin_ + script_->conversations[own_[next_]].begin;
  return at < end_ ? at : kNever;
}

}  // namespace elblab::workload
