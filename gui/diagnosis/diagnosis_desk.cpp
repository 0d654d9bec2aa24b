#include "gui/diagnosis/diagnosis_desk.hpp"

namespace elblab::gui {

DiagnosisDesk& DiagnosisDesk::of(TraceSet& traces) {
  auto* desk = traces.findChild<DiagnosisDesk*>(QString(), Qt::FindDirectChildrenOnly);
  return desk != nullptr ? *desk : *new DiagnosisDesk(traces);
}

DiagnosisDesk::DiagnosisDesk(TraceSet& traces) : QObject(&traces), traces_(traces) {
  connect(&traces, &TraceSet::closing, this,
          [this](const OpenTrace* trace) { known_.erase(trace->id()); });
}

void DiagnosisDesk::look_at(const std::vector<OpenTrace*>& traces) {
  for (OpenTrace* trace : traces) {
    const Known& known = known_[trace->id()];
    if (!known.request.under_way() && known.answered != trace->generation()) ask(*trace);
  }
}

void DiagnosisDesk::ask(OpenTrace& trace) {
  const int id = trace.id();
  const std::uint64_t generation = trace.generation();
  known_[id].request = trace.ask(
      LaneKind::thorough, this,
      [](const trace::Reader& reader) { return diagnosis::diagnose(reader); },
      [this, id, generation](diagnosis::Diagnosis answer) {
        const auto known = known_.find(id);
        if (known == known_.end()) return;
        known->second.answered = generation;
        known->second.diagnosis = std::move(answer);
        // It may have grown meanwhile.
        if (OpenTrace* asked = traces_.find(id)) look_at({asked});
        Q_EMIT answered();
      });
}

std::vector<TraceDiagnosis> DiagnosisDesk::known(const std::vector<OpenTrace*>& traces) const {
  std::vector<TraceDiagnosis> all;
  for (const OpenTrace* trace : traces) {
    const auto known = known_.find(trace->id());
    if (known == known_.end() || known->second.answered == 0) continue;
    all.push_back({trace->id(), trace->label(), known->second.diagnosis});
  }
  return all;
}

}  // namespace elblab::gui
