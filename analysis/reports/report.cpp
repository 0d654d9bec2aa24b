#include "analysis/reports/report.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/reports/sections.hpp"

namespace elblab::reports {
namespace {

// Runs of one scenario stay together, in the order given.
std::vector<Runs> by_scenario(Runs runs) {
  std::vector<Runs> groups;
  for (auto& run : runs) {
    const auto& scenario = run.trace->metadata().scenario;
    const auto group = std::find_if(groups.begin(), groups.end(), [&](const Runs& other) {
      return other.front().trace->metadata().scenario == scenario;
    });
    if (group == groups.end()) {
      groups.emplace_back().push_back(std::move(run));
    } else {
      group->push_back(std::move(run));
    }
  }
  return groups;
}

void set_badge(const Runs& runs, Document& document) {
  const auto judged =
      std::count_if(runs.begin(), runs.end(), [](const auto& r) { return r.judged(); });
  const bool fails =
      std::any_of(runs.begin(), runs.end(), [](const auto& r) { return r.judged() && !r.holds(); });
  if (fails) {
    document.badge = "an expectation failed";
    document.tone = Tone::bad;
  } else if (judged == 0) {
    document.badge = "nothing was judged";
    document.tone = Tone::dim;
  } else {
    document.badge = "every expectation holds";
    document.tone = Tone::good;
  }
}

void add(Section section, const std::string& scenario, bool named, Document& document) {
  if (section.blocks.empty()) return;
  if (named) {
    section.title = scenario + ": " + section.title;
    section.name = scenario + "." + section.name;
  }
  document.sections.push_back(std::move(section));
}

void add_scenario(const Runs& runs, bool named, Document& document) {
  const std::string& scenario = runs.front().trace->metadata().scenario;
  for (const auto make :
       {diagnosis_section, expectations_section, differences_section, charts_section,
        operations_section, health_section, requests_section, servers_section, users_section,
        occupancy_section, drops_section, cloud_section, support_section}) {
    add(make(runs), scenario, named, document);
  }
}

std::string title_of(const Runs& runs) {
  const auto& first = runs.front().trace->metadata();
  const bool one_scenario = std::all_of(runs.begin(), runs.end(), [&](const auto& run) {
    return run.trace->metadata().scenario == first.scenario;
  });
  if (!one_scenario) return fmt::format("{} traces", runs.size());
  const auto& scenario = runs.front().scenario;
  const std::string& title = scenario ? scenario->title : first.title;
  return title.empty() ? first.scenario : first.scenario + "  " + title;
}

}  // namespace

Document make_report(const std::vector<ReportedTrace>& traces) {
  Document document;
  Runs runs = read_runs(traces);
  document.title = title_of(runs);
  set_badge(runs, document);
  document.footer = fmt::format("elblab {}, {}", runs.front().trace->metadata().program_version,
                                runs.front().trace->metadata().world_version);
  add(runs_section(runs), {}, false, document);
  const auto groups = by_scenario(std::move(runs));
  for (const auto& group : groups) add_scenario(group, groups.size() > 1, document);
  return document;
}

}  // namespace elblab::reports
