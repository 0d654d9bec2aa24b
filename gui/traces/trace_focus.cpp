#include "gui/traces/trace_focus.hpp"

#include <algorithm>

namespace elblab::gui {

TraceFocus::TraceFocus(TraceSet& traces, QObject* parent) : QObject(parent), traces_(traces) {
  if (!traces.all().empty()) current_ = traces.all().front();
  connect(&traces, &TraceSet::opened, this, [this](OpenTrace* trace) {
    if (current_ == nullptr) choose(trace);
  });
  connect(&traces, &TraceSet::changed, this, [this](OpenTrace* trace) {
    if (trace == current_ || trace == compared_) Q_EMIT changed();
  });
  connect(&traces, &TraceSet::closing, this, [this](OpenTrace* trace) {
    if (trace == compared_) set(current_, nullptr);
    if (trace != current_) return;
    const auto& all = traces_.all();
    const auto next =
        std::find_if(all.begin(), all.end(), [&](OpenTrace* other) { return other != trace; });
    set(next == all.end() ? nullptr : *next, nullptr);
  });
}

std::vector<OpenTrace*> TraceFocus::readable() const {
  std::vector<OpenTrace*> result;
  for (OpenTrace* trace : {current_, compared_}) {
    if (trace != nullptr && trace->readable()) result.push_back(trace);
  }
  return result;
}

void TraceFocus::choose(OpenTrace* current) {
  set(current, compared_ == current ? nullptr : compared_);
}

void TraceFocus::compare_with(OpenTrace* compared) {
  set(current_, compared == current_ ? nullptr : compared);
}

void TraceFocus::set(OpenTrace* current, OpenTrace* compared) {
  if (current == current_ && compared == compared_) return;
  current_ = current;
  compared_ = compared;
  Q_EMIT chosen();
  Q_EMIT changed();
}

}  // namespace elblab::gui
