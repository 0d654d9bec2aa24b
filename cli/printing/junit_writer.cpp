#include "cli/printing/junit_writer.hpp"

#include <fmt/format.h>

#include "analysis/export/safe_text.hpp"
#include "cli/traces/output_file.hpp"

namespace elblab::cli {
namespace {

// A test suite under construction: cases as text, and their counts for its head.
class Suite {
 public:
  explicit Suite(std::string name) : name_(std::move(name)) {}

  void add(const std::string& class_name, const std::string& name, double seconds,
           const std::string& outcome = {}) {
    ++tests_;
    seconds_ += seconds;
    cases_ += fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"",
                          xml_escaped(class_name), xml_escaped(name), seconds);
    cases_ += outcome.empty() ? "/>\n" : fmt::format(">\n      {}\n    </testcase>\n", outcome);
  }
  void add_failure(const std::string& class_name, const std::string& name,
                   const std::string& message) {
    ++failures_;
    add(class_name, name, 0, fmt::format("<failure message=\"{}\"/>", xml_escaped(message)));
  }
  void add_error(const std::string& class_name, const std::string& name,
                 const std::string& message) {
    ++errors_;
    add(class_name, name, 0, fmt::format("<error message=\"{}\"/>", xml_escaped(message)));
  }
  std::string xml() const {
    return fmt::format(
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" time=\"{:.3f}\">\n"
        "{}  </testsuite>\n",
        xml_escaped(name_), tests_, failures_, errors_, seconds_, cases_);
  }

 private:
  std::string name_;
  std::string cases_;
  std::size_t tests_ = 0;
  std::size_t failures_ = 0;
  std::size_t errors_ = 0;
  double seconds_ = 0;
};

std::string class_name_of(const RunPlan& plan, const Job& job) {
  return fmt::format("{}.{}.seed{}", plan.scenarios[job.scenario].file->id(),
                     plan.scenario_of(job).run, job.seed);
}

void add_expectation(const SeedVerdict& judged, const std::string& class_name, Suite& suite) {
  const auto& verdict = judged.verdict;
  const std::string name =
      fmt::format("line {}: {}", verdict.expectation.line, verdict.expectation.measure.to_string());
  if (verdict.holds) {
    suite.add(class_name, name, 0);
  } else {
    suite.add_failure(
        class_name, name,
        verdict.problem.empty()
            ? fmt::format("measured {}, expected {}", verdict.measured_text, verdict.expected_text)
            : verdict.problem);
  }
}

}  // namespace

std::string xml_escaped(std::string_view text) {
  std::string result;
  for (const char c : exports::safe_text(text)) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\n':
        result += "&#10;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string junit_xml(const RunPlan& plan, const std::vector<JobOutcome>& outcomes,
                      const std::vector<ScenarioVerdict>& verdicts) {
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"elblab\">\n";
  for (const auto& verdict : verdicts) {
    Suite suite(plan.scenarios[verdict.scenario].file->id());
    for (const auto& run : verdict.runs) {
      for (const std::size_t job : run.jobs) {
        if (outcomes[job].state == JobOutcome::State::finished) {
          suite.add(class_name_of(plan, plan.jobs[job]), "runs",
                    outcomes[job].result.end.wall_seconds);
        }
      }
      for (const auto& expectation : run.expectations) {
        for (const auto& judged : expectation.seeds) {
          add_expectation(judged,
                          fmt::format("{}.{}.seed{}", plan.scenarios[verdict.scenario].file->id(),
                                      run.run, judged.seed),
                          suite);
        }
      }
    }
    for (const auto& problem : verdict.problems) {
      suite.add_error(class_name_of(plan, plan.jobs[problem.job]),
                      problem.code == ExitCode::not_reproducible ? "is reproducible" : "measures",
                      problem.text);
    }
    xml += suite.xml();
  }
  return xml + "</testsuites>\n";
}

std::string write_junit(const std::filesystem::path& file, const std::string& xml) {
  OutputFile out(file.string());
  out.write(xml);
  const auto closed = out.close();
  return closed ? std::string() : "the JUnit report: " + closed.error().message;
}

}  // namespace elblab::cli
