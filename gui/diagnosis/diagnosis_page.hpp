// A diagnosis as a page to read and click on, and as a table.
#pragma once

#include <QString>
#include <QUrl>
#include <optional>
#include <vector>

#include "analysis/diagnosis/diagnosis.hpp"
#include "gui/selection/selection.hpp"
#include "gui/theme/theme.hpp"
#include "gui/views/data_table.hpp"

namespace elblab::gui {

// The diagnosis of one of the open traces.
struct TraceDiagnosis {
  int trace = 0;  // OpenTrace::id()
  QString label;
  diagnosis::Diagnosis diagnosis;
};

// What a click means: "symptom:<trace>/<index>", "evidence:<trace>/<cause>/<index>".
QString diagnosis_page(const std::vector<TraceDiagnosis>& all, const Theme& theme,
                       const std::optional<Highlight>& pointed_at);
// What the views shall point at; nothing for a link that leads nowhere (any more).
std::optional<Highlight> highlight_of(const std::vector<TraceDiagnosis>& all, const QUrl& link);

DataTable diagnosis_table(const std::vector<TraceDiagnosis>& all);

}  // namespace elblab::gui
