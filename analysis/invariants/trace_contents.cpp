#include <fmt/format.h>

#include "analysis/invariants/cases.hpp"
#include "analysis/invariants/laws.hpp"
#include "scenarios/language/scenario_file.hpp"

namespace elblab::invariants {
namespace {

constexpr std::string_view kLaw = "trace_contents";

constexpr const char* kOutsideTheRun = R"(
SELECT printf('connection %d begins at %.6f s and ends at %.6f s of %.6f', c.id, c.opened_ns / 1e9,
              (c.opened_ns + c.closed_after_ns) / 1e9, run.end_of_run_ns / 1e9)
FROM connections c, run
WHERE c.opened_ns < 0 OR c.closed_after_ns < 0 OR c.established_after_ns < 0
   OR c.established_after_ns > c.closed_after_ns
   OR c.opened_ns + c.closed_after_ns > run.end_of_run_ns)";

constexpr const char* kMiscounted = R"(
SELECT printf('%d connections are counted, and %d are there', counted, there)
FROM (SELECT (SELECT total(n) FROM connection_counts) AS counted,
             (SELECT count(*) FROM connections) AS there)
WHERE counted <> there)";

void judge_text(const trace::RunMetadata& run, const language::Scenario& scenario,
                std::vector<Broken>& broken) {
  const auto complain = [&](const std::string& text) { broken.push_back({kLaw, text}); };
  if (run.scenario_text != scenario.source_text.str()) {
    return complain("the scenario in the trace is not the one that was run");
  }
  const auto loaded = language::ScenarioFile::parse(run.effective_yaml, "the effective scenario");
  if (!loaded.file) return complain(loaded.errors.front().to_string());
  const auto decoded = loaded.file->decode(loaded.file->runs().front());
  if (!decoded.scenario) return complain(decoded.errors.front().to_string());
  if (decoded.scenario->effective_yaml != run.effective_yaml) {
    complain("the effective scenario of the trace reads back as another one");
  }
}

}  // namespace

void judge_contents(const trace::Reader& reader, const language::Scenario& scenario,
                    std::vector<Broken>& broken) {
  if (!reader.complete()) {
    broken.push_back({kLaw, "the trace of a run that came to its end is not complete"});
    return;
  }
  judge_text(reader.metadata(), scenario, broken);
  judge_by(reader, kLaw, kOutsideTheRun, broken);
  judge_by(reader, kLaw, kMiscounted, broken);
  if (const auto problem = reader.problem()) broken.push_back({kLaw, problem->message});
}

}  // namespace elblab::invariants
