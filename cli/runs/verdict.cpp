#include "cli/runs/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <system_error>

#include "analysis/comparison/first_difference.hpp"
#include "analysis/diagnosis/expected.hpp"
#include "analysis/expectations/text.hpp"
#include "analysis/reports/telling.hpp"
#include "cli/text/curve.hpp"

namespace elblab::cli {
namespace {

namespace fs = std::filesystem;

// How far inside its bounds a value lies, as a share of the bound; negative outside.
double margin_of(const expectations::Verdict& verdict) {
  if (!verdict.problem.empty()) return -std::numeric_limits<double>::infinity();
  const auto& expectation = verdict.expectation;
  double margin = std::numeric_limits<double>::infinity();
  const auto narrow = [&](double distance, double bound) {
    margin = std::min(margin, distance / std::max(std::fabs(bound), 1.0));
  };
  if (expectation.low) narrow(verdict.measured - *expectation.low, *expectation.low);
  if (expectation.high) narrow(*expectation.high - verdict.measured, *expectation.high);
  return margin;
}

// Opens and judges the traces of one scenario, each file once.
class Judge {
 public:
  Judge(const RunPlan& plan, const std::vector<JobOutcome>& outcomes, std::size_t scenario,
        const JudgeOptions& options)
      : plan_(plan), outcomes_(outcomes), scenario_(scenario), options_(options) {}

  ScenarioVerdict judge() {
    verdict_.scenario = scenario_;
    for (std::size_t i = 0; i < plan_.jobs.size(); ++i) {
      if (plan_.jobs[i].scenario == scenario_) note_problem(i);
    }
    const auto& runs = plan_.scenarios[scenario_].runs;
    for (std::size_t run = 0; run < runs.size(); ++run) verdict_.runs.push_back(judge_run(run));
    compare_passes();
    fill_texts();
    return std::move(verdict_);
  }

 private:
  // The trace of a job that ended as planned; nullptr otherwise.
  const trace::Reader* reader_of(std::size_t job) {
    const auto known = readers_.find(job);
    if (known != readers_.end()) return known->second.get();
    std::unique_ptr<trace::Reader> reader;
    if (outcomes_[job].state == JobOutcome::State::finished) {
      auto opened = trace::Reader::open(plan_.jobs[job].trace);
      if (opened) {
        reader = std::move(*opened);
      } else {
        verdict_.problems.push_back({job, opened.error().message, ExitCode::could_not_run});
      }
    }
    return (readers_[job] = std::move(reader)).get();
  }

  std::optional<std::size_t> job_of(const std::string& run, std::uint64_t seed, Pass pass) const {
    for (std::size_t i = 0; i < plan_.jobs.size(); ++i) {
      const Job& job = plan_.jobs[i];
      if (job.scenario == scenario_ && job.seed == seed && job.pass == pass &&
          plan_.scenario_of(job).run == run) {
        return i;
      }
    }
    return std::nullopt;
  }

  void note_problem(std::size_t job) {
    const JobOutcome& outcome = outcomes_[job];
    switch (outcome.state) {
      case JobOutcome::State::finished:
      case JobOutcome::State::could_not_run:
      case JobOutcome::State::crashed:
        if (!outcome.problem.empty()) {
          verdict_.problems.push_back({job, outcome.problem, ExitCode::could_not_run});
        }
        break;
      case JobOutcome::State::stopped:
        verdict_.problems.push_back(
            {job, "stopped; its trace is incomplete", ExitCode::interrupted});
        break;
      case JobOutcome::State::not_started:
        verdict_.problems.push_back({job, "not run", ExitCode::interrupted});
        break;
    }
  }

  RunVerdict judge_run(std::size_t run) {
    const auto& planned = plan_.scenarios[scenario_];
    const language::Scenario& scenario = planned.runs[run];
    RunVerdict verdict;
    verdict.run = scenario.run;
    verdict.title = scenario.run_title;
    for (const std::uint64_t seed : planned.seeds) {
      if (const auto job = job_of(scenario.run, seed, Pass::main)) verdict.jobs.push_back(*job);
    }
    for (const auto& expectation : scenario.expectations) {
      ExpectationVerdict judged = judge_expectation(expectation, verdict.jobs);
      if (!judged.seeds.empty()) verdict.expectations.push_back(std::move(judged));
    }
    for (const auto& expected : scenario.diagnoses) {
      ExpectationVerdict judged = judge_diagnosis(expected, verdict.jobs);
      if (!judged.seeds.empty()) verdict.expectations.push_back(std::move(judged));
    }
    for (const auto& measure : scenario.curves) draw(measure, verdict);
    if (options_.diagnose) diagnose(verdict);
    return verdict;
  }

  ExpectationVerdict judge_expectation(const language::Expectation& expectation,
                                       const std::vector<std::size_t>& jobs) {
    ExpectationVerdict result;
    for (const std::size_t job : jobs) {
      const trace::Reader* reader = reader_of(job);
      if (reader == nullptr) continue;
      const std::uint64_t seed = plan_.jobs[job].seed;
      const trace::Reader* reference = nullptr;
      if (!expectation.relative_to.empty()) {
        const auto other = job_of(expectation.relative_to, seed, Pass::main);
        if (other) reference = reader_of(*other);
        if (reference == nullptr) continue;  // why is among the problems
      }
      result.seeds.push_back({seed, expectations::evaluate(expectation, *reader, reference)});
    }
    if (!result.seeds.empty()) {
      result.curve = curve_of(expectation.measure, result.worst().seed, jobs);
    }
    return result;
  }

  ExpectationVerdict judge_diagnosis(const language::DiagnosisExpectation& expected,
                                     const std::vector<std::size_t>& jobs) {
    ExpectationVerdict result;
    for (const std::size_t job : jobs) {
      if (const diagnosis::Diagnosis* found = diagnosis_of(job)) {
        result.seeds.push_back({plan_.jobs[job].seed, diagnosis::evaluate(expected, *found)});
      }
    }
    result.curve = std::string(options_.curve_columns, ' ');
    return result;
  }

  // Of a job that ended as planned; nullptr otherwise. Made once.
  const diagnosis::Diagnosis* diagnosis_of(std::size_t job) {
    const auto known = diagnoses_.find(job);
    if (known != diagnoses_.end()) return &known->second;
    const trace::Reader* reader = reader_of(job);
    if (reader == nullptr) return nullptr;
    return &diagnoses_.emplace(job, diagnosis::diagnose(*reader)).first->second;
  }

  void draw(const language::Measure& measure, RunVerdict& verdict) {
    const auto first = std::find_if(verdict.jobs.begin(), verdict.jobs.end(),
                                    [&](std::size_t job) { return reader_of(job) != nullptr; });
    if (first == verdict.jobs.end()) return;
    const trace::Reader& reader = *reader_of(*first);
    const auto series = reader.find_series(measure.name, measure.object);
    if (!series) return;
    const bool gauge = series->kind == trace::SeriesKind::gauge;
    const auto value = expectations::statistic(
        reader, measure, gauge ? language::Stat::max : language::Stat::mean, kStart, kNever);
    if (!value) return;
    verdict.drawn.push_back({measure.to_string(),
                             curve_of(measure, plan_.jobs[*first].seed, verdict.jobs),
                             fmt::format("{} {}{}", gauge ? "peak" : "mean",
                                         expectations::number_text(*value), gauge ? "" : "/s")});
  }

  void diagnose(RunVerdict& verdict) {
    for (const std::size_t job : verdict.jobs) {
      const diagnosis::Diagnosis* found = diagnosis_of(job);
      if (found == nullptr) continue;
      verdict.diagnosis = reports::tell(*found, reader_of(job), options_.curve_columns);
      return;
    }
  }

  std::string curve_of(const language::Measure& measure, std::uint64_t seed,
                       const std::vector<std::size_t>& jobs) {
    if (options_.curve_columns == 0) return {};
    for (const std::size_t job : jobs) {
      if (plan_.jobs[job].seed != seed) continue;
      const trace::Reader* reader = reader_of(job);
      const auto series = reader->find_series(measure.name, measure.object);
      if (!series) break;
      return curve(reader->buckets(series->id, kStart, kNever, options_.curve_columns));
    }
    return std::string(options_.curve_columns, ' ');
  }

  void compare_passes() {
    for (std::size_t i = 0; i < plan_.jobs.size(); ++i) {
      const Job& job = plan_.jobs[i];
      if (job.scenario != scenario_ || job.pass == Pass::main) continue;
      const auto main = job_of(plan_.scenario_of(job).run, job.seed, Pass::main);
      if (!main || outcomes_[*main].state != JobOutcome::State::finished ||
          outcomes_[i].state != JobOutcome::State::finished) {
        continue;
      }
      if (const auto text = comparison::first_difference(plan_.jobs[*main].trace, job.trace)) {
        verdict_.problems.push_back(
            {i, fmt::format("differs from {}: {}", plan_.jobs[*main].trace.string(), *text),
             ExitCode::not_reproducible});
      } else {
        ++verdict_.compared;
        std::error_code ignored;
        fs::remove(job.trace, ignored);
      }
    }
  }

  // Placeholders name values of the first run (scenario_file.hpp); the first seed stands for all.
  void fill_texts() {
    const language::ScenarioFile& file = *plan_.scenarios[scenario_].file;
    if (verdict_.runs.empty() || verdict_.runs.front().jobs.empty()) return;
    const trace::Reader* reader = reader_of(verdict_.runs.front().jobs.front());
    if (reader == nullptr) return;
    verdict_.why = expectations::fill_placeholders(file.why(), *reader);
    verdict_.remedy = expectations::fill_placeholders(file.remedy(), *reader);
  }

  const RunPlan& plan_;
  const std::vector<JobOutcome>& outcomes_;
  std::size_t scenario_;
  JudgeOptions options_;
  ScenarioVerdict verdict_;
  std::map<std::size_t, std::unique_ptr<trace::Reader>> readers_;  // by job
  std::map<std::size_t, diagnosis::Diagnosis> diagnoses_;          // by job
};

}  // namespace

bool ExpectationVerdict::holds() const {
  return std::all_of(seeds.begin(), seeds.end(), [](const auto& s) { return s.verdict.holds; });
}

const SeedVerdict& ExpectationVerdict::worst() const {
  return *std::min_element(seeds.begin(), seeds.end(), [](const auto& a, const auto& b) {
    if (a.verdict.holds != b.verdict.holds) return b.verdict.holds;
    return margin_of(a.verdict) < margin_of(b.verdict);
  });
}

std::size_t ScenarioVerdict::expectation_count() const {
  std::size_t count = 0;
  for (const auto& run : runs) count += run.expectations.size();
  return count;
}

std::size_t ScenarioVerdict::failed_count() const {
  std::size_t count = 0;
  for (const auto& run : runs) {
    count +=
        static_cast<std::size_t>(std::count_if(run.expectations.begin(), run.expectations.end(),
                                               [](const auto& e) { return !e.holds(); }));
  }
  return count;
}

ExitCode ScenarioVerdict::code() const {
  ExitCode code = failed_count() > 0 ? ExitCode::expectation_failed : ExitCode::holds;
  for (const auto& problem : problems) code = graver(code, problem.code);
  return code;
}

ScenarioVerdict judge(const RunPlan& plan, const std::vector<JobOutcome>& outcomes,
                      std::size_t scenario, const JudgeOptions& options) {
  return Judge(plan, outcomes, scenario, options).judge();
}

}  // namespace elblab::cli
