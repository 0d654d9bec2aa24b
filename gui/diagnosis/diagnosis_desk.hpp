// The diagnoses of the open traces, made once for all views that show them. Belongs to the
// TraceSet.
#pragma once

#include <QObject>
#include <cstdint>
#include <map>
#include <vector>

#include "gui/diagnosis/diagnosis_page.hpp"
#include "gui/traces/trace_focus.hpp"

namespace elblab::gui {

class DiagnosisDesk : public QObject {
  Q_OBJECT

 public:
  // The one of these traces; made when first asked for, a child of `traces`.
  static DiagnosisDesk& of(TraceSet& traces);

  // Diagnoses what was not diagnosed as it is now. A growing trace is looked at again only when
  // the question before was answered.
  void look_at(const std::vector<OpenTrace*>& traces);
  // Those that are known, in the order given.
  std::vector<TraceDiagnosis> known(const std::vector<OpenTrace*>& traces) const;

 Q_SIGNALS:
  void answered();

 private:
  explicit DiagnosisDesk(TraceSet& traces);
  void ask(OpenTrace& trace);

  struct Known {
    Request request;
    std::uint64_t answered = 0;  // OpenTrace::generation(); 0: not yet
    diagnosis::Diagnosis diagnosis;
  };
  TraceSet& traces_;
  std::map<int, Known> known_;  // by OpenTrace::id()
};

}  // namespace elblab::gui
