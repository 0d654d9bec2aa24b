// Expectations: the measure must exist, its unit must fit, the window must lie in the run; those on
// the diagnosis.
#include <fmt/format.h>

#include <algorithm>

#include "scenarios/language/known_causes.hpp"
#include "scenarios/language/measure_names.hpp"
#include "scenarios/language/quantities.hpp"
#include "scenarios/language/resolver.hpp"

namespace elblab::language {
namespace {

using telemetry::MeasureInfo;
using telemetry::MeasureKind;

// Unit of the figure, as it is written behind a number: bytes and milliseconds have one, counts of
// things have none; the mean of a counter is per second.
std::string unit_of(const MeasureInfo& info, Stat stat) {
  const bool per_second = info.kind == MeasureKind::counter && stat == Stat::mean;
  const std::string unit = info.unit == "B" || info.unit == "ms" ? std::string(info.unit) : "";
  return per_second ? unit + "/s" : unit;
}

// A number with the unit of the figure, or without one.
Expected<double> parse_figure(std::string_view text, const std::string& unit) {
  const Expected<double> plain = parse_number(text);
  if (plain) return plain;
  if (unit == "/s") return parse_per_second(text);
  if (unit == "ms") {
    const auto parsed = parse_duration(text);
    if (!parsed) return parsed.error();
    return to_seconds(*parsed) * 1e3;
  }
  if (unit == "B" || unit == "B/s") {
    const bool rate = unit == "B/s" && text.ends_with("/s");
    const auto parsed = parse_size(rate ? text.substr(0, text.size() - 2) : text);
    if (!parsed) return parsed.error();
    return static_cast<double>(*parsed);
  }
  return plain;
}

class ExpectationResolver {
 public:
  ExpectationResolver(Resolution& r, const MeasureNames& measures, std::string run,
                      std::size_t index, ExpectItem& item)
      : r_(r),
        measures_(measures),
        run_(std::move(run)),
        index_(fmt::format("{}", index)),
        item_(item) {}

  void resolve() {
    const std::size_t errors = r_.diagnostics.size();
    e_.line = r_.place({"expect", run_, index_}).line;
    if (item_.diagnosis) return take_diagnosis();
    if (!take_measure()) return;
    take_phase();
    take_reference();
    take_condition();
    if (r_.diagnostics.size() == errors) r_.scenario.expectations.push_back(e_);
  }

 private:
  void error(const std::string& field, std::string message, std::string suggestion = {}) {
    r_.diagnostics.error(r_.place({"expect", run_, index_, field}), std::move(message),
                         did_you_mean(suggestion));
  }

  void take_diagnosis() {
    DiagnosisExpectation expected;
    expected.line = e_.line;
    expected.expected_text = fmt::format("{}", fmt::join(*item_.diagnosis, " and "));
    for (const std::string& cause : *item_.diagnosis) {
      if (cause != kNoCause) expected.causes.push_back(cause);
    }
    r_.scenario.diagnoses.push_back(std::move(expected));
  }

  bool take_measure() {
    const auto found = measures_.find(item_.measure);
    if (!found) {
      error("measure", found.error().message, found.error().suggestion);
      return false;
    }
    const bool counter = found->info->kind == MeasureKind::counter;
    e_.measure = found->measure;
    e_.stat = item_.stat.value_or(counter ? Stat::total : Stat::mean);
    item_.stat = e_.stat;
    if (e_.stat == Stat::total && !counter) {
      error("stat", fmt::format("{} is a level, which has no total; choose mean, max, min or last",
                                found->measure.name));
      return false;
    }
    unit_ = unit_of(*found->info, e_.stat);
    return true;
  }

  void take_phase() {
    const Duration end = r_.scenario.duration;
    const Duration from = item_.from.value_or(Duration(0));
    const Duration to = item_.to.value_or(end);
    e_.from = kStart + from;
    e_.to = item_.to ? kStart + *item_.to : kNever;
    e_.window = item_.window;
    if (from >= end) return error("from", "after the end of the run, " + format_duration(end));
    if (to > end) error("to", "after the end of the run, " + format_duration(end));
    if (to <= from) error("to", "the part of the run that counts ends before it begins");
    if (!item_.window) return;
    const Duration sample = r_.document.sample_interval;
    if (*item_.window > to - from) {
      error("window", "longer than the part of the run that counts, " + format_duration(to - from));
    } else if (*item_.window % sample != Duration(0)) {
      error("window", "not a whole number of samples of " + format_duration(sample));
    }
  }

  void take_reference() {
    if (!item_.relative_to) return;
    e_.relative_to = *item_.relative_to;
    unit_.clear();
    if (!r_.is_run(e_.relative_to)) {
      error("relative_to", fmt::format("there is no run named '{}'", e_.relative_to),
            r_.nearest_run(e_.relative_to));
    } else if (e_.relative_to == r_.scenario.run) {
      error("relative_to", "a run cannot be compared with itself");
    }
  }

  std::optional<double> figure(const std::string& field, const std::string& text) {
    const Expected<double> parsed = parse_figure(text, unit_);
    if (parsed) return *parsed;
    error(field, parsed.error().message);
    return std::nullopt;
  }

  void take_condition() {
    e_.unit = unit_;
    if (item_.equals) {
      e_.low = e_.high = figure("equals", *item_.equals);
      if (e_.low) e_.expected_text = format_for_people(*e_.low);
    } else if (item_.within) {
      take_within();
    } else if (item_.about) {
      take_about();
    } else {
      take_bound();
    }
  }

  void take_within() {
    e_.low = figure("within", item_.within->front());
    e_.high = figure("within", item_.within->back());
    if (!e_.low || !e_.high) return;
    if (*e_.high < *e_.low) error("within", "the first value is larger than the second");
    e_.expected_text = format_for_people(*e_.low) + " … " + format_for_people(*e_.high);
  }

  void take_about() {
    const auto centre = figure("about", *item_.about);
    if (!centre) return;
    const double slack = *centre * item_.tolerance.value_or(0);
    e_.low = std::min(*centre - slack, *centre + slack);
    e_.high = std::max(*centre - slack, *centre + slack);
    std::string percent = format_share(item_.tolerance.value_or(0));
    if (percent.ends_with('%')) percent.insert(percent.size() - 1, " ");
    e_.expected_text = format_for_people(*centre) + " ± " + percent;
  }

  void take_bound() {
    const auto low = [&](const std::string& field, const std::string& text, bool open,
                         std::string_view sign) {
      e_.low = figure(field, text);
      e_.low_exclusive = open;
      if (e_.low) e_.expected_text = std::string(sign) + format_for_people(*e_.low);
    };
    const auto high = [&](const std::string& field, const std::string& text, bool open,
                          std::string_view sign) {
      e_.high = figure(field, text);
      e_.high_exclusive = open;
      if (e_.high) e_.expected_text = std::string(sign) + format_for_people(*e_.high);
    };
    if (item_.above) low("above", *item_.above, true, "> ");
    if (item_.at_least) low("at_least", *item_.at_least, false, "≥ ");
    if (item_.below) high("below", *item_.below, true, "< ");
    if (item_.at_most) high("at_most", *item_.at_most, false, "≤ ");
  }

  Resolution& r_;
  const MeasureNames& measures_;
  std::string run_;
  std::string index_;
  ExpectItem& item_;
  Expectation e_;
  std::string unit_;
};

void check_text(Resolution& r, const MeasureNames& measures, const std::string& text,
                const std::vector<std::string>& path) {
  for (const Placeholder& each : placeholders(text)) {
    if (!find_stat(each.stat)) {
      r.diagnostics.error(r.key_place(path),
                          fmt::format("{} is not a placeholder; write {{max time_wait(c1)}} with "
                                      "total, mean, max, min or last",
                                      each.text));
      continue;
    }
    if (const auto found = measures.find(each.measure); !found) {
      r.diagnostics.error(r.key_place(path),
                          fmt::format("in {}: {}", each.text, found.error().message),
                          did_you_mean(found.error().suggestion));
    }
  }
}

void check_texts(Resolution& r, const MeasureNames& measures) {
  check_text(r, measures, r.document.why, {"why"});
  check_text(r, measures, r.document.remedy, {"remedy"});
  for (const RunEntry& run : r.document.runs) {
    if (run.name != r.scenario.run) continue;
    check_text(r, measures, run.why, {"runs", run.name, "why"});
  }
  for (std::size_t i = 0; i < r.document.curves.size(); ++i) {
    if (const auto found = measures.find(r.document.curves[i]); found) {
      r.scenario.curves.push_back(found->measure);
    } else {
      r.diagnostics.error(r.place({"curves", fmt::format("{}", i)}), found.error().message,
                          did_you_mean(found.error().suggestion));
    }
  }
}

}  // namespace

void resolve_expectations(Resolution& r, const std::string& run) {
  const MeasureNames measures(r.document, r.scenario.balancers);
  for (ExpectEntry& entry : r.document.expect) {
    if (entry.run != run && entry.run != kEveryRun) continue;
    for (std::size_t i = 0; i < entry.items.size(); ++i) {
      ExpectationResolver(r, measures, entry.run, i, entry.items[i]).resolve();
    }
  }
  check_texts(r, measures);
}

}  // namespace elblab::language
