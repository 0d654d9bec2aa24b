#include "analysis/reports/telling.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/expectations/text.hpp"

namespace elblab::reports {
namespace {

constexpr std::size_t kCurvesPerPoint = 2;

Tone tone_of(diagnosis::Confidence confidence) {
  return confidence == diagnosis::Confidence::possible ? Tone::warning : Tone::bad;
}

// "time_wait(c1)" -> its series; nullopt: there is none.
std::optional<trace::SeriesInfo> series_named(const trace::Reader& trace,
                                              const std::string& measure) {
  const auto open = measure.find('(');
  if (open == std::string::npos || !measure.ends_with(')')) return std::nullopt;
  return trace.find_series(measure.substr(0, open),
                           measure.substr(open + 1, measure.size() - open - 2));
}

// Limits beside a level, which never change, and counts of nothing make no curve.
std::vector<SmallCurve> curves_of(const std::vector<std::string>& measures,
                                  const trace::Reader& trace, std::size_t columns) {
  std::vector<SmallCurve> curves;
  for (const std::string& measure : measures) {
    if (curves.size() == kCurvesPerPoint) break;
    const auto series = series_named(trace, measure);
    if (!series) continue;
    SmallCurve curve{measure,
                     trace.buckets(series->id, kStart, kNever, columns),
                     series->kind == trace::SeriesKind::gauge,
                     {}};
    double most = 0;
    double least = INFINITY;
    double total = 0;
    for (const auto& bucket : curve.buckets) {
      if (bucket.count == 0) continue;
      most = std::max(most, bucket.max);
      least = std::min(least, bucket.min);
      total += bucket.sum;
    }
    const bool limit = most == least && measure != measures.front();
    if (most <= 0 || limit) continue;
    curve.figure = fmt::format("{} {}", curve.is_level ? "peak" : "total",
                               expectations::number_text(curve.is_level ? most : total));
    curves.push_back(std::move(curve));
  }
  return curves;
}

class Telling {
 public:
  Telling(const diagnosis::Diagnosis& diagnosis, const trace::Reader* trace, std::size_t columns)
      : diagnosis_(diagnosis), trace_(trace), columns_(columns) {}

  std::vector<Block> blocks() {
    for (const auto& symptom : diagnosis_.symptoms) {
      blocks_.emplace_back(Paragraph{symptom.text, Tone::plain, "seen"});
    }
    for (const auto& cause : diagnosis_.found) add_cause(cause);
    add_verdict();
    for (const auto& sentence : diagnosis_.balanced) {
      blocks_.emplace_back(Paragraph{sentence, Tone::plain, "shares"});
    }
    add_rest(diagnosis_.ruled_out, "ruled_out", "ruled out");
    add_rest(diagnosis_.not_observable, "not_observable", "cannot tell");
    return std::move(blocks_);
  }

 private:
  void add_verdict() {
    const bool told =
        !diagnosis_.found.empty() && diagnosis_.unexplained <= diagnosis::Diagnosis::kChance;
    if (told) return;
    const Tone tone = diagnosis_.nothing_wrong() ? Tone::good
                      : diagnosis_.found.empty() ? Tone::bad
                                                 : Tone::plain;
    blocks_.emplace_back(Paragraph{diagnosis_.verdict, tone, "verdict"});
  }

  void add_cause(const diagnosis::Finding& cause) {
    Finding finding;
    finding.name = cause.cause;
    finding.title = cause.title;
    finding.badge = to_string(cause.confidence);
    finding.tone = tone_of(cause.confidence);
    const bool shared = !diagnosis_.symptoms.empty() && cause.explains > 0;
    if (shared) {
      finding.explains = cause.explains;
      finding.complaint = diagnosis_.complaint();
    }
    for (const auto& evidence : cause.evidence) finding.points.push_back(point_of(evidence));
    for (const auto& step : cause.steps) finding.points.push_back(plain("step", step));
    for (const auto& remedy : cause.remedies) finding.points.push_back(plain("remedy", remedy));
    if (!cause.facts.empty()) {
      finding.points.push_back(plain("facts", fmt::format("{}", fmt::join(cause.facts, ", "))));
    }
    blocks_.emplace_back(std::move(finding));
  }

  static Finding::Point plain(const char* label, std::string text) {
    Finding::Point point;
    point.label = label;
    point.text = std::move(text);
    return point;
  }

  Finding::Point point_of(const diagnosis::Evidence& evidence) const {
    Finding::Point point = plain("evidence", evidence.text);
    point.query = evidence.query;
    point.connections = evidence.connections;
    if (evidence.from != kStart || evidence.to != kNever) point.from_s = to_seconds(evidence.from);
    if (evidence.to != kNever) point.to_s = to_seconds(evidence.to);
    if (trace_ != nullptr && columns_ > 0) {
      point.curves = curves_of(evidence.measures, *trace_, columns_);
    }
    return point;
  }

  void add_rest(const std::vector<diagnosis::Finding>& causes, const char* name,
                const char* title) {
    if (causes.empty()) return;
    Remainder rest{name, title, {}};
    for (const auto& cause : causes) {
      rest.entries.push_back({cause.cause, cause.title, cause.because});
    }
    blocks_.emplace_back(std::move(rest));
  }

  const diagnosis::Diagnosis& diagnosis_;
  const trace::Reader* trace_;
  std::size_t columns_;
  std::vector<Block> blocks_;
};

}  // namespace

std::vector<Block> tell(const diagnosis::Diagnosis& diagnosis, const trace::Reader* trace,
                        std::size_t curve_columns) {
  return Telling(diagnosis, trace, curve_columns).blocks();
}

}  // namespace elblab::reports
