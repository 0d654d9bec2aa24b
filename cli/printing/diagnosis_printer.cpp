#include "cli/printing/diagnosis_printer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "analysis/expectations/text.hpp"
#include "cli/runs/cause_curve.hpp"
#include "cli/text/curve.hpp"
#include "cli/text/paragraph.hpp"

namespace elblab::cli {
namespace {

using diagnosis::Confidence;
using diagnosis::Diagnosis;
using diagnosis::Evidence;
using diagnosis::Finding;

constexpr std::size_t kLeastWidth = 60;
constexpr std::size_t kDiagnosisLabelColumns = 15;
constexpr std::size_t kCurveColumns = 40;
constexpr std::size_t kCurvesPerEvidence = 2;

std::size_t width_of(const Terminal& terminal) {
  return std::max<std::size_t>(terminal.width(), kLeastWidth);
}

std::string indented(std::string_view label) {
  return padded(fmt::format("   {}", label), kDiagnosisLabelColumns);
}

std::string joined(const std::vector<std::string>& parts) {
  return fmt::format("{}", fmt::join(parts, " · "));
}

// "client ports exhausted by TIME_WAIT" -> the words before what it is due to.
std::string with_reason(const Finding& finding) {
  return fmt::format("{} ({})", finding.title, finding.because);
}

std::string share_text(double share) { return fmt::format("{:.0f} %", 100 * share); }

Style style_of(Confidence confidence) {
  return confidence == Confidence::possible ? Style::dim : Style::bad;
}

}  // namespace

std::string confidence_text(Confidence confidence) {
  switch (confidence) {
    case Confidence::certain:
      return "certain";
    case Confidence::likely:
      return "likely";
    case Confidence::possible:
      return "possible";
  }
  return {};
}

DiagnosisPrinter::DiagnosisPrinter(const trace::Reader& trace, std::string trace_name,
                                   const Terminal& terminal)
    : trace_(trace),
      trace_name_(std::move(trace_name)),
      terminal_(terminal),
      width_(width_of(terminal)) {}

std::string DiagnosisPrinter::text(const Diagnosis& diagnosis) const {
  std::string text;
  for (const auto& symptom : diagnosis.symptoms) {
    text +=
        paragraph(padded(text.empty() ? "seen" : "", kDiagnosisLabelColumns), symptom.text, width_);
  }
  const bool no_cause = diagnosis.found.empty();
  if (no_cause) {
    const Style style = diagnosis.nothing_wrong() ? Style::good : Style::bad;
    text += paragraph(padded("verdict", kDiagnosisLabelColumns),
                      terminal_.styled(diagnosis.verdict, style), width_);
  }
  for (std::size_t i = 0; i < diagnosis.found.size(); ++i) {
    text += cause(diagnosis.found[i], i + 1, !diagnosis.symptoms.empty());
  }
  if (!no_cause && diagnosis.unexplained > Diagnosis::kChance) {
    text += paragraph(padded("verdict", kDiagnosisLabelColumns), diagnosis.verdict, width_);
  }
  return text + others(diagnosis);
}

std::string DiagnosisPrinter::cause(const Finding& finding, std::size_t rank,
                                    bool with_share) const {
  constexpr std::size_t kTitleColumns = 45;
  const std::string title =
      padded(finding.title, std::max(kTitleColumns, columns_of(finding.title)));
  std::string sure = confidence_text(finding.confidence);
  if (with_share && finding.explains > 0) {
    sure += fmt::format(", explains {} of what went wrong", share_text(finding.explains));
  }
  std::string text = paragraph(fmt::format("{}  {}  ", rank, terminal_.styled(title, Style::bold)),
                               terminal_.styled(sure, style_of(finding.confidence)), width_);
  for (std::size_t i = 0; i < finding.evidence.size(); ++i) {
    text += evidence(finding.evidence[i], i == 0);
  }
  text += connections(finding);
  text += labelled("remedies", joined(finding.remedies));
  text += labelled("facts", fmt::format("{}", fmt::join(finding.facts, ", ")));
  return text;
}

std::string DiagnosisPrinter::evidence(const Evidence& evidence, bool first) const {
  return paragraph(indented(first ? "evidence" : ""), evidence.text, width_) + curves(evidence);
}

// Limits beside a level, which never change, and counts of nothing make no curve.
std::string DiagnosisPrinter::curves(const Evidence& evidence) const {
  const std::size_t columns = std::min(kCurveColumns, width_ - kDiagnosisLabelColumns - 30);
  std::string text;
  std::size_t drawn = 0;
  for (const std::string& measure : evidence.measures) {
    if (drawn == kCurvesPerEvidence) break;
    const auto series = series_named(trace_, measure);
    if (!series) continue;
    const auto buckets = trace_.buckets(series->id, kStart, kNever, columns);
    double most = 0;
    double least = INFINITY;
    double total = 0;
    for (const auto& bucket : buckets) {
      if (bucket.count == 0) continue;
      most = std::max(most, bucket.max);
      least = std::min(least, bucket.min);
      total += bucket.sum;
    }
    const bool limit = most == least && measure != evidence.measures.front();
    if (most <= 0 || limit) continue;
    ++drawn;
    const bool counter = series->kind == trace::SeriesKind::counter;
    text +=
        fmt::format("{}{}  {} {} {}\n", indented(""), curve(buckets), measure,
                    counter ? "total" : "peak", expectations::number_text(counter ? total : most));
  }
  return text;
}

std::string DiagnosisPrinter::connections(const Finding& finding) const {
  std::string text;
  for (const Evidence& evidence : finding.evidence) {
    if (evidence.connections.empty()) continue;
    std::vector<std::string> ids;
    for (const auto id : evidence.connections) ids.push_back(fmt::format("#{}", id));
    text += labelled("connections",
                     fmt::format("{} … (elblab query {} \"SELECT * FROM connections_view WHERE "
                                 "id = {}\")",
                                 fmt::join(ids, " "), trace_name_, evidence.connections.front()));
    break;
  }
  for (const Evidence& evidence : finding.evidence) {
    if (evidence.query.empty()) continue;
    text += labelled("ask", fmt::format("elblab query {} \"{}\"", trace_name_, evidence.query));
    break;
  }
  return text;
}

std::string DiagnosisPrinter::labelled(std::string_view label, std::string_view text) const {
  return paragraph(indented(label), text, width_);
}

std::string DiagnosisPrinter::others(const Diagnosis& diagnosis) const {
  const auto line = [&](const char* label, const std::vector<Finding>& findings) {
    std::vector<std::string> parts;
    parts.reserve(findings.size());
    for (const Finding& finding : findings) parts.push_back(with_reason(finding));
    return paragraph(terminal_.styled(padded(label, kDiagnosisLabelColumns), Style::dim),
                     joined(parts), width_);
  };
  return line("ruled out", diagnosis.ruled_out) + line("cannot tell", diagnosis.not_observable);
}

std::string compact_diagnosis(const Diagnosis& diagnosis, const std::vector<std::string>& curves,
                              std::size_t indent, const Terminal& terminal) {
  if (diagnosis.nothing_wrong()) return {};
  const std::size_t width = width_of(terminal);
  const std::string blanks(indent, ' ');
  const std::string label = blanks + terminal.styled("cause", Style::bold) + "  ";
  const std::string below = blanks + "       ";
  if (diagnosis.found.empty()) return paragraph(label, diagnosis.verdict, width);
  std::string text;
  for (std::size_t i = 0; i < diagnosis.found.size(); ++i) {
    const Finding& finding = diagnosis.found[i];
    std::string sure = confidence_text(finding.confidence);
    if (finding.explains > 0 && finding.explains < 0.95) {
      sure += ", explains " + share_text(finding.explains);
    }
    const std::string title = terminal.styled(finding.title, style_of(finding.confidence));
    text += paragraph(label, fmt::format("{} ({})", title, sure), width);
    if (i < curves.size() && !curves[i].empty()) text += below + curves[i] + "\n";
    for (std::size_t k = 0; k < finding.evidence.size() && k < 2; ++k) {
      text += paragraph(below, finding.evidence[k].text, width);
    }
    text += paragraph(below + "→ ", joined(finding.remedies), width);
  }
  if (diagnosis.unexplained > Diagnosis::kChance) {
    text += paragraph(below, diagnosis.verdict, width);
  }
  return text;
}

}  // namespace elblab::cli
