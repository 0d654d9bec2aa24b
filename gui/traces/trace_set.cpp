#include "gui/traces/trace_set.hpp"

#include <algorithm>
#include <numeric>
#include <system_error>

namespace elblab::gui {
namespace {

namespace fs = std::filesystem;

// Two names of one file.
bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return a == b || fs::equivalent(a, b, error);
}

}  // namespace

// Each waits for its threads; those asked first end while the others do.
TraceSet::~TraceSet() {
  for (OpenTrace* trace : traces_) trace->retire();
}

OpenTrace* TraceSet::open(const fs::path& path) {
  const auto known = std::find_if(traces_.begin(), traces_.end(), [&](const OpenTrace* trace) {
    return same_file(trace->path(), path);
  });
  if (known != traces_.end()) {
    (*known)->look_again();
    return *known;
  }
  auto* trace = new OpenTrace(++last_id_, path, this);
  traces_.push_back(trace);
  connect(trace, &OpenTrace::changed, this, [this, trace] { Q_EMIT changed(trace); });
  connect(trace, &OpenTrace::settled, this, [this] {
    if (pending() == 0) Q_EMIT settled();
  });
  Q_EMIT opened(trace);
  return trace;
}

void TraceSet::close(OpenTrace* trace) {
  const auto known = std::find(traces_.begin(), traces_.end(), trace);
  if (known == traces_.end()) return;
  Q_EMIT closing(trace);
  traces_.erase(std::find(traces_.begin(), traces_.end(), trace));
  disconnect(trace, nullptr, this, nullptr);
  connect(trace, &OpenTrace::retired, trace, &QObject::deleteLater);
  trace->retire();
}

OpenTrace* TraceSet::find(int id) const {
  const auto found = std::find_if(traces_.begin(), traces_.end(),
                                  [&](const OpenTrace* trace) { return trace->id() == id; });
  return found == traces_.end() ? nullptr : *found;
}

int TraceSet::pending() const {
  return std::accumulate(traces_.begin(), traces_.end(), 0,
                         [](int sum, const OpenTrace* trace) { return sum + trace->pending(); });
}

}  // namespace elblab::gui
