#include "cli/printing/comparison_printer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "analysis/expectations/text.hpp"
#include "cli/printing/verdict_printer.hpp"
#include "cli/text/curve.hpp"
#include "cli/text/one_line.hpp"
#include "cli/text/text_table.hpp"

namespace elblab::cli {
namespace {

using comparison::Comparison;
using comparison::SeriesDifference;
using expectations::count_text;
using expectations::number_text;
using expectations::signed_text;

constexpr std::size_t kMostSeries = 8;
constexpr std::size_t kMostOutcomes = 8;
constexpr std::size_t kMostServersShown = 8;

std::string percent(double share) { return fmt::format("{:.2g} %", 100 * share); }

std::string world_name(const trace::Reader& reader) {
  return reader.metadata().world == "simulation" ? "simulated" : reader.metadata().world;
}

bool nothing_happened(const SeriesDifference& series) { return series.a == 0 && series.b == 0; }

// The largest strain first; equal ones in the order given.
template <class Difference>
std::vector<const Difference*> by_strain(const std::vector<Difference>& differences) {
  std::vector<const Difference*> sorted;
  sorted.reserve(differences.size());
  for (const auto& difference : differences) sorted.push_back(&difference);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto* x, const auto* y) { return strain_of(*x) > strain_of(*y); });
  return sorted;
}

template <class Difference>
std::size_t beyond(const std::vector<Difference>& differences) {
  return static_cast<std::size_t>(std::count_if(differences.begin(), differences.end(),
                                                [](const auto& d) { return !d.within; }));
}

// "12 compared, all within their bounds", "12 compared, 2 beyond their bounds"
std::string tally(std::size_t all, std::size_t outside) {
  return outside == 0 ? fmt::format("{} compared, all within their bounds", all)
                      : fmt::format("{} compared, {} beyond their bounds", all, outside);
}

std::string strain(double difference, double bound) {
  return fmt::format("{} of {}", number_text(difference), number_text(bound));
}

}  // namespace

double strain_of(const SeriesDifference& difference) {
  if (!difference.judged) return 0;
  if (!difference.within && difference.bound == 0) return std::numeric_limits<double>::infinity();
  return difference.bound > 0 ? difference.gap / difference.bound : 0;
}

double strain_of(const comparison::OutcomeDifference& difference) {
  if (!difference.why_not_judged.empty()) return 0;
  const double apart =
      std::abs(static_cast<double>(difference.a) - static_cast<double>(difference.b));
  return difference.bound > 0 ? apart / difference.bound : 0;
}

std::string agreement_text(comparison::Agreement agreement, const Terminal& terminal) {
  if (agreement == comparison::Agreement::different) {
    return terminal.styled("DIFFERENT", Style::bad);
  }
  return terminal.styled(comparison::to_string(agreement), Style::good);
}

ComparisonPrinter::ComparisonPrinter(const ComparedTrace& a, const ComparedTrace& b,
                                     const comparison::Bounds& bounds, const Terminal& terminal,
                                     bool all)
    : a_(a), b_(b), bounds_(bounds), terminal_(terminal), all_(all) {
  name_a_ = world_name(*a.reader);
  name_b_ = world_name(*b.reader);
  if (name_a_ == name_b_) {
    name_a_ = "a";
    name_b_ = "b";
  }
}

std::string ComparisonPrinter::text(const Comparison& comparison) const {
  return heading() + notes(comparison) + expectations(comparison) + series(comparison) +
         outcomes(comparison) + decisions(comparison) + partings(comparison) + closing(comparison);
}

std::string ComparisonPrinter::mark(bool within) const {
  return terminal_.styled(within ? "ok" : "DIFFERS", within ? Style::good : Style::bad);
}

std::string ComparisonPrinter::heading() const {
  const auto& run = a_.reader->metadata();
  TextTable table(2, "llll");
  for (const auto& [name, side] : {std::pair{name_a_, a_}, {name_b_, b_}}) {
    const auto& metadata = side.reader->metadata();
    table.add({name, metadata.world + " " + metadata.run, fmt::format("seed {}", metadata.seed),
               side.path.string()});
  }
  return fmt::format("{}  {}\n{}", terminal_.styled(run.scenario, Style::bold),
                     terminal_.styled(one_line(run.title), Style::bold), table.text());
}

std::string ComparisonPrinter::notes(const Comparison& comparison) const {
  std::string text;
  for (const auto& note : comparison.notes) {
    text += fmt::format("  {} {}\n", terminal_.styled("!", Style::bold), note);
  }
  return text;
}

std::string ComparisonPrinter::expectations(const Comparison& comparison) const {
  if (comparison.expectations.empty()) return {};
  TextTable table(5, "lllrll");
  for (const auto& pair : comparison.expectations) {
    const auto side = [&](const expectations::Verdict& verdict) {
      if (!verdict.problem.empty()) return verdict.problem;
      return verdict.measured_text + (pair.judged && !verdict.holds ? " FAILED" : "");
    };
    table.add({pair.a.expectation.measure.to_string(), side(pair.a), side(pair.b),
               signed_text(pair.difference), "bound " + number_text(pair.bound),
               mark(pair.within)});
  }
  return fmt::format("  expectations  {} | {} | difference\n", name_a_, name_b_) + table.text();
}

std::string ComparisonPrinter::curve_of(const trace::Reader& reader,
                                        const std::string& measure) const {
  const std::size_t columns = curve_columns_for(terminal_.width()) / 2;
  const auto open = measure.find('(');
  if (columns == 0 || open == std::string::npos) return {};
  const auto info = reader.find_series(measure.substr(0, open),
                                       measure.substr(open + 1, measure.size() - open - 2));
  if (!info) return std::string(columns, ' ');
  return curve(reader.buckets(info->id, kStart, kNever, columns));
}

std::string ComparisonPrinter::series(const Comparison& comparison) const {
  TextTable table(5, "llrlrll");
  std::size_t shown = 0;
  for (const SeriesDifference* series : by_strain(comparison.series)) {
    // What is not judged and differs is never passed over in silence.
    const bool told = !series->judged && series->gap > 0;
    if (!all_ && !told && (nothing_happened(*series) || shown >= kMostSeries)) continue;
    ++shown;
    std::string remark;
    if (!series->only_in.empty()) remark = "  only in " + series->only_in;
    if (!series->reason.empty()) {
      remark += terminal_.styled(fmt::format("  ({})", series->reason), Style::dim);
    }
    table.add({series->measure, curve_of(*a_.reader, series->measure), number_text(series->a),
               curve_of(*b_.reader, series->measure), number_text(series->b),
               strain(series->gap, series->bound),
               (series->judged ? mark(series->within) : "–") + remark});
  }
  const auto silent = static_cast<std::size_t>(
      std::count_if(comparison.series.begin(), comparison.series.end(), nothing_happened));
  return fmt::format("  series        {}, {} empty in both{}: {} | {} | gap of bound\n",
                     tally(comparison.series.size(), beyond(comparison.series)), silent,
                     all_ ? "" : "; the widest", name_a_, name_b_) +
         table.text();
}

std::string ComparisonPrinter::outcomes(const Comparison& comparison) const {
  if (comparison.outcomes.empty()) return {};
  TextTable table(5, "lrrll");
  std::size_t shown = 0;
  for (const auto* outcome : by_strain(comparison.outcomes)) {
    const bool told = !outcome->why_not_judged.empty() && outcome->a != outcome->b;
    if (!all_ && !told && (shown >= kMostOutcomes || outcome->a == outcome->b)) continue;
    ++shown;
    table.add({fmt::format("{} {} {}", outcome->object, outcome->role, outcome->reason),
               count_text(outcome->a), count_text(outcome->b),
               "bound " + number_text(outcome->bound),
               outcome->why_not_judged.empty()
                   ? mark(outcome->within)
                   : terminal_.styled(std::string(outcome->why_not_judged), Style::dim)});
  }
  return fmt::format("  outcomes      {}{}\n",
                     tally(comparison.outcomes.size(), beyond(comparison.outcomes)),
                     shown == 0 ? ", all equal" : fmt::format(": {} | {}", name_a_, name_b_)) +
         table.text();
}

std::string ComparisonPrinter::decisions(const Comparison& comparison) const {
  if (comparison.decisions.empty()) return {};
  TextTable table(5, "lrrll");
  std::size_t shown = 0;
  for (const auto& decision : comparison.decisions) {
    if (!all_ && shown == kMostServersShown && decision.within) continue;
    ++shown;
    table.add({decision.server,
               fmt::format("{} {:5.2f} %", count_text(decision.a), 100 * decision.share_a),
               fmt::format("{} {:5.2f} %", count_text(decision.b), 100 * decision.share_b),
               "bound " + percent(decision.bound), mark(decision.within)});
  }
  const auto& order = comparison.order;
  std::string alike = fmt::format("the first {} in the same order", count_text(order.alike));
  if (order.alike == std::max(order.decisions_a, order.decisions_b)) {
    alike = "all in the same order";
  } else if (order.alike == 0) {
    alike = "in another order from the first on";
  }
  return fmt::format("  decisions     {} | {}, {}\n", count_text(order.decisions_a),
                     count_text(order.decisions_b), alike) +
         table.text();
}

std::string ComparisonPrinter::partings(const Comparison& comparison) const {
  std::string text;
  if (!comparison.parting.empty()) text += fmt::format("  parts         {}\n", comparison.parting);
  if (!comparison.first_difference.empty()) {
    const std::string line = "  first difference  " + comparison.first_difference;
    const std::size_t width = std::max<std::size_t>(terminal_.width(), 60);
    text += (all_ || columns_of(line) <= width ? line : fitted(line, width)) + "\n";
  }
  return text;
}

std::string ComparisonPrinter::closing(const Comparison& comparison) const {
  const std::size_t compared = comparison.expectations.size() + comparison.series.size() +
                               comparison.outcomes.size() + comparison.decisions.size();
  std::string text = "  " + agreement_text(comparison.agreement, terminal_);
  switch (comparison.agreement) {
    case comparison::Agreement::identical:
      return text + ": every row of both traces is equal\n";
    case comparison::Agreement::equivalent:
      return text + fmt::format(": {} figures compared, each within its bound (tolerance {})\n",
                                compared, percent(bounds_.figure));
    case comparison::Agreement::different:
      break;
  }
  text += fmt::format(": {} of {} figures beyond their bounds (tolerance {})\n",
                      comparison.beyond_bounds(), compared, percent(bounds_.figure));
  if (!all_) {
    text += fmt::format("  next          elblab compare --all {} {}\n", a_.path.string(),
                        b_.path.string());
  }
  return text;
}

}  // namespace elblab::cli
