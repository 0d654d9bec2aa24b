// What a view asked each trace of its focus, kept until the trace changes: the pattern of every
// view that shows one answer per trace.
#pragma once

#include <QObject>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>

#include "gui/traces/trace_focus.hpp"

namespace elblab::gui {

template <class Answer>
class TraceAnswers {
 public:
  using Work = std::function<Answer(const trace::Reader&)>;

  // `told` is called on the GUI thread after each answer. Both outlive this.
  TraceAnswers(QObject* owner, std::function<void()> told)
      : owner_(owner), told_(std::move(told)) {}

  // Asks those that were not asked as they are now; `again` asks all, for another question.
  void look_at(const TraceFocus& focus, const Work& work, bool again = false) {
    std::erase_if(known_,
                  [&](const auto& one) { return focus.traces().find(one.first) == nullptr; });
    for (OpenTrace* trace : focus.readable()) {
      Known& known = known_[trace->id()];
      // Of a growing trace the answer is waited for before it is asked again.
      const bool waiting = known.asked != known.answered;
      if (!again && (waiting || known.asked == trace->generation())) continue;
      ask(*trace, work, known);
    }
  }

  // nullptr: not answered yet.
  const Answer* find(const OpenTrace* trace) const {
    if (trace == nullptr) return nullptr;
    const auto known = known_.find(trace->id());
    return known == known_.end() ? nullptr : known->second.answer.get();
  }

 private:
  struct Known {
    std::uint64_t asked = 0;  // OpenTrace::generation()
    std::uint64_t answered = 0;
    std::shared_ptr<Answer> answer;
    std::unique_ptr<LatestRequest> request = std::make_unique<LatestRequest>();
  };

  void ask(OpenTrace& trace, const Work& work, Known& known) {
    known.asked = trace.generation();
    const int id = trace.id();
    *known.request = trace.ask(LaneKind::thorough, owner_, work,
                               [this, id, generation = known.asked](Answer answer) {
                                 const auto found = known_.find(id);
                                 if (found == known_.end()) return;
                                 found->second.answered = generation;
                                 found->second.answer = std::make_shared<Answer>(std::move(answer));
                                 told_();
                               });
  }

  QObject* owner_;
  std::function<void()> told_;
  std::map<int, Known> known_;  // by OpenTrace::id()
};

}  // namespace elblab::gui
