// What a view asked each trace of its focus, kept until the trace or the question changes: the
// pattern of every view that shows one answer per trace.
#pragma once

#include <QObject>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

#include "gui/traces/trace_focus.hpp"

namespace elblab::gui {

// Question: what the work depends on beside the trace (a stretch of time, a workload); compared
// with ==.
template <class Answer, class Question = std::monostate>
class TraceAnswers {
 public:
  using Work = std::function<Answer(const trace::Reader&)>;

  // `told` is called on the GUI thread after each answer. Both outlive this.
  TraceAnswers(QObject* owner, std::function<void()> told)
      : owner_(owner), told_(std::move(told)) {}

  // Asks those that have not answered this question as they are now.
  void look_at(const TraceFocus& focus, const Work& work, const Question& question = {}) {
    std::erase_if(known_,
                  [&](const auto& one) { return focus.traces().find(one.first) == nullptr; });
    for (OpenTrace* trace : focus.readable()) {
      Known& known = known_[trace->id()];
      const Asked wanted{trace->generation(), question};
      if (known.answered == wanted) continue;
      // Of a growing trace the answer is waited for before the same is asked again.
      if (known.request->under_way() && known.asked.question == question) continue;
      ask(*trace, work, known, wanted);
    }
  }

  // To the question before, as long as the last one is not answered; nullptr: nothing yet.
  const Answer* find(const OpenTrace* trace) const {
    if (trace == nullptr) return nullptr;
    const auto known = known_.find(trace->id());
    return known == known_.end() ? nullptr : known->second.answer.get();
  }

 private:
  struct Asked {
    std::uint64_t generation = 0;  // OpenTrace::generation()
    Question question{};
    bool operator==(const Asked&) const = default;
  };
  struct Known {
    Asked asked;
    std::optional<Asked> answered;
    std::shared_ptr<Answer> answer;
    std::unique_ptr<LatestRequest> request = std::make_unique<LatestRequest>();
  };

  void ask(OpenTrace& trace, const Work& work, Known& known, const Asked& wanted) {
    known.asked = wanted;
    *known.request =
        trace.ask(LaneKind::thorough, owner_, work, [this, id = trace.id(), wanted](Answer answer) {
          const auto found = known_.find(id);
          if (found == known_.end()) return;
          found->second.answered = wanted;
          found->second.answer = std::make_shared<Answer>(std::move(answer));
          told_();
        });
  }

  QObject* owner_;
  std::function<void()> told_;
  std::map<int, Known> known_;  // by OpenTrace::id()
};

}  // namespace elblab::gui
