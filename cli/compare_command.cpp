// elblab compare: hold two traces of one scenario against each other.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "analysis/comparison/compare.hpp"
#include "cli/commands.hpp"
#include "cli/printing/comparison_printer.hpp"
#include "cli/signals/stop_signals.hpp"
#include "cli/text/terminal.hpp"
#include "cli/tolerance.hpp"
#include "cli/traces/reading_options.hpp"
#include "scenarios/language/scenario_file.hpp"

namespace elblab::cli {
namespace {

struct CompareArguments {
  std::string a;
  std::string b;
  std::string tolerance = "5%";
  bool all = false;
  ReadingOptions reading;
};

// The expectations of the run as it was run, with whatever --set and the live section changed: the
// trace keeps the effective scenario, which is a scenario file of its own. A trace of a newer
// language, which this program cannot read, is compared without.
std::vector<language::Expectation> expectations_of(const trace::RunMetadata& run,
                                                   std::vector<std::string>& remarks) {
  const auto loaded = language::ScenarioFile::parse(run.effective_yaml, run.scenario);
  if (loaded.file) {
    auto decoded = loaded.file->decode(run.run);
    if (decoded.scenario) return std::move(decoded.scenario->expectations);
  }
  remarks.push_back(
      "the scenario in the trace cannot be read by this elblab; comparing without expectations");
  return {};
}

ExitCode run(const CompareArguments& arguments) {
  Terminal out(stdout);
  Terminal err(stderr);
  const auto complain = [&](const std::string& message) {
    err.write(message + "\n");
    return ExitCode::bad_input;
  };
  const auto tolerance = parse_tolerance(arguments.tolerance);
  if (!tolerance) return complain(tolerance.error().message);
  const auto limits = arguments.reading.limits();
  if (!limits) return complain(limits.error().message);
  const StopSignals signals;
  const auto opened_a = trace::Reader::open(arguments.a, *limits);
  if (!opened_a) return complain(opened_a.error().message);
  const auto opened_b = trace::Reader::open(arguments.b, *limits);
  if (!opened_b) return complain(opened_b.error().message);
  const trace::Reader& a = **opened_a;
  const trace::Reader& b = **opened_b;
  std::vector<std::string> remarks;
  const auto expectations = expectations_of(a.metadata(), remarks);
  const auto bounds = comparison::Bounds::of_tolerance(*tolerance);
  const auto comparison = comparison::compare(a, b, expectations, bounds);
  if (!comparison) {
    complain(fmt::format("cannot compare {} and {}: {}", arguments.a, arguments.b,
                         comparison.error().message));
    return code_of_unread_trace();
  }
  for (const auto& remark : remarks) err.write(remark + "\n");
  const ComparedTrace left{arguments.a, &a};
  const ComparedTrace right{arguments.b, &b};
  out.write(ComparisonPrinter(left, right, bounds, out, arguments.all).text(*comparison));
  return comparison->agreement == comparison::Agreement::different ? ExitCode::expectation_failed
                                                                   : ExitCode::holds;
}

}  // namespace

void add_compare_command(CLI::App& app, Action& chosen) {
  auto* command = app.add_subcommand("compare", "Hold two traces of one scenario side by side");
  auto arguments = std::make_shared<CompareArguments>();
  command->add_option("a", arguments->a, "A trace")->required()->type_name("A.db");
  command->add_option("b", arguments->b, "Another trace of the same scenario")
      ->required()
      ->type_name("B.db");
  command
      ->add_option("--tolerance", arguments->tolerance,
                   "Share by which a figure may differ; the other bounds scale with it")
      ->type_name("SHARE")
      ->capture_default_str();
  command->add_flag("--all", arguments->all, "Everything, not only what is widest apart");
  add_time_limit_option(*command, arguments->reading);
  command->footer(R"(
Says identical (every row is equal), equivalent (every difference is within its bound) or different,
and where they part. docs/agreement.md tells how distances and bounds are made.

Exit codes: 0 identical or equivalent, 1 different, 2 no traces of one scenario.

Examples:
  elblab compare out/TW-01.symptom.seed1.db out/TW-01.symptom.seed2.db
  elblab compare --all --tolerance 10% sim.db live.db)");
  command->callback([arguments, &chosen] { chosen = [arguments] { return run(*arguments); }; });
}

}  // namespace elblab::cli
