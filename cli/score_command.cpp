// elblab score: how often does the diagnosis find the cause that was hidden?
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <system_error>
#include <thread>

#include "analysis/diagnosis/diagnosis.hpp"
#include "cli/captures/capture_trace.hpp"
#include "cli/commands.hpp"
#include "cli/runs/run_supervisor.hpp"
#include "cli/scoring/capture_score.hpp"
#include "cli/scoring/score_plan.hpp"
#include "cli/scoring/score_report.hpp"
#include "cli/scoring/score_session.hpp"
#include "cli/signals/stop_signals.hpp"
#include "cli/text/marked_section.hpp"
#include "cli/text/terminal.hpp"

namespace elblab::cli {
namespace {

namespace fs = std::filesystem;

struct ScoreArguments {
  ScoreOptions options;
  std::optional<std::uint64_t> show;
  unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
  std::string keep;  // folder
  std::string markdown;
  std::string captures;  // folder: score captures with a truth file instead
  std::string truth;
  double at_least = 0.95;
  bool quiet = false;
};

// Where scenarios and traces go: what --keep names, or a folder that is gone afterwards.
Expected<void> choose_folder(ScoreArguments& arguments, ScratchFolder& scratch) {
  if (arguments.show && arguments.keep.empty()) arguments.keep = "out";
  if (arguments.keep.empty()) {
    auto made = scratch.make();
    arguments.options.folder = scratch.path();
    return made;
  }
  arguments.options.folder = arguments.keep;
  std::error_code error;
  fs::create_directories(arguments.keep, error);
  if (!error) return {};
  return Error{
      fmt::format("--keep {}: cannot make the folder: {}", arguments.keep, error.message())};
}

Expected<std::vector<ScoreCase>> plan_cases(const ScoreArguments& arguments) {
  if (!arguments.show) return plan_score(arguments.options);
  const auto causes = read_causes(arguments.options.causes);
  if (!causes) return causes.error();
  if (causes->size() != 1) {
    return Error{fmt::format(
        "--show {}: a scenario follows from its seed and what it hides; name that too, as in "
        "--causes client_ports",
        *arguments.show)};
  }
  return std::vector<ScoreCase>{{*arguments.show, causes->front()}};
}

std::string command_of(const ScoreArguments& arguments, const std::vector<ScoreCase>& cases) {
  std::string text =
      fmt::format("elblab score --runs {} --seed {}", arguments.options.runs, cases.front().seed);
  if (arguments.options.tuning) text += " --tuning";
  if (!arguments.options.causes.empty()) {
    text += fmt::format(" --causes {}", fmt::join(arguments.options.causes, ","));
  }
  return text;
}

// The section of a document: of a score of certain causes one of its own, "score of DIAG-10".
std::string section_of(const ScoreArguments& arguments) {
  const auto& causes = arguments.options.causes;
  return causes.empty() ? "score" : fmt::format("score of {}", fmt::join(causes, ", "));
}

ExitCode score_known_captures(const ScoreArguments& arguments) {
  Terminal out(stdout);
  Terminal err(stderr);
  if (arguments.truth.empty()) {
    err.write("--captures: --truth names the file that says what is right of each\n");
    return ExitCode::bad_input;
  }
  const auto scores = score_captures(arguments.captures, arguments.truth);
  if (!scores) {
    err.write(scores.error().message + "\n");
    return ExitCode::bad_input;
  }
  out.write(capture_score_text(*scores, false));
  out.flush();
  if (!arguments.markdown.empty()) {
    const std::string error = write_marked_section(arguments.markdown, "score of captures",
                                                   capture_score_text(*scores, true));
    if (!error.empty()) {
      err.write(error + "\n");
      return ExitCode::could_not_run;
    }
  }
  return share_right(*scores) >= arguments.at_least ? ExitCode::holds
                                                    : ExitCode::expectation_failed;
}

ExitCode score(ScoreArguments arguments) {
  if (!arguments.captures.empty()) return score_known_captures(arguments);
  using Clock = std::chrono::steady_clock;
  Terminal out(stdout);
  Terminal err(stderr);
  const auto planned = plan_cases(arguments);
  if (!planned) {
    err.write(planned.error().message + "\n");
    return ExitCode::bad_input;
  }
  const std::vector<ScoreCase>& cases = *planned;
  const StopSignals signals;  // until the folder is removed
  ScratchFolder scratch;
  if (const auto chosen = choose_folder(arguments, scratch); !chosen) {
    err.write(chosen.error().message + "\n");
    return ExitCode::could_not_run;
  }
  const auto begin = Clock::now();
  const RunPlan plan = runs_of_score(cases, arguments.options.folder);
  ScoreSession session(cases, plan, err, !arguments.keep.empty(), arguments.quiet);
  RunSupervisor supervisor(plan, {arguments.jobs, 1}, session);
  supervisor.run();
  const auto runs = session.take_runs();
  const double wall = std::chrono::duration<double>(Clock::now() - begin).count();
  out.write(score_text(runs, {wall, session.diagnosis_seconds()}, arguments.at_least, out));
  if (arguments.show) {
    const fs::path file = plan.scenarios.front().file->file();
    out.write(
        fmt::format("  scenario {}   elblab run it: with the cause, and with that lifted\n"
                    "  trace {}   elblab diagnose it\n",
                    file.string(), plan.jobs.front().trace.string()));
  }
  out.flush();
  if (supervisor.was_interrupted()) return ExitCode::interrupted;
  if (!arguments.markdown.empty()) {
    const std::string error =
        write_marked_section(arguments.markdown, section_of(arguments),
                             score_markdown(runs, command_of(arguments, cases)));
    if (!error.empty()) {
      err.write(error + "\n");
      return ExitCode::could_not_run;
    }
  }
  return reaches(runs, arguments.at_least) ? ExitCode::holds : ExitCode::expectation_failed;
}

}  // namespace

void add_score_command(CLI::App& app, Action& chosen) {
  auto* command = app.add_subcommand(
      "score", "Hide causes in random scenarios and see how many the diagnosis finds");
  auto arguments = std::make_shared<ScoreArguments>();
  ScoreOptions& options = arguments->options;
  command
      ->add_option("--runs", options.runs,
                   "How many with one hidden cause; a fifth as many with none, with two")
      ->check(CLI::Range(1U, 100'000U))
      ->capture_default_str();
  command->add_option("--seed", options.seed, "The first seed (default 1000000; tuning: 1)")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1'000'000'000'000}));
  command->add_flag("--tuning", options.tuning, "Seeds below 1000000, for work on the diagnosis");
  command
      ->add_option("--causes", options.causes,
                   "What to hide: causes, a+b, none, single, pairs, DIAG-06, DIAG-10, DIAG-12, "
                   "DIAG-13 "
                   "(default: all)")
      ->delimiter(',')
      ->type_name("CAUSE,…");
  command->add_option("--jobs,-j", arguments->jobs, "Runs at a time (default: one per core)")
      ->check(CLI::Range(1U, 1024U));
  command->add_option("--keep", arguments->keep, "Keep scenarios and traces in this folder")
      ->type_name("DIR");
  command->add_option("--markdown", arguments->markdown, "Also write the matrix as Markdown")
      ->type_name("FILE");
  command->add_option("--at-least", arguments->at_least, "Share of hits that is asked for, 0 … 1")
      ->check(CLI::Range(0.0, 1.0))
      ->capture_default_str();
  command
      ->add_option("--show", arguments->show,
                   "Make the run of this seed only; keep its scenario and trace (in out/)")
      ->check(CLI::Range(std::uint64_t{0}, std::uint64_t{1'000'000'000'000}))
      ->type_name("SEED");
  command
      ->add_option("--captures", arguments->captures,
                   "Score captures of this folder instead, whose truth --truth names")
      ->type_name("DIR");
  command
      ->add_option("--truth", arguments->truth,
                   "Lines CAPTURE,CAUSE: what is right (causes with |, none, unseen)")
      ->type_name("FILE");
  command->add_flag("--quiet,-q", arguments->quiet, "No progress");
  command->footer(R"(
Examples:
  elblab score --captures out --truth truth.csv    what is said of captures, and what is right
  elblab score                                     300 runs with a cause, 60 without, 60 with two
  elblab score --causes client_ports,accept_queue  only those
  elblab score --causes DIAG-06 --runs 210         what makes requests time out now and then
  elblab score --show 1000007 --causes client_ports
  elblab score --tuning --runs 70                  with seeds that no score uses
  elblab score --markdown docs/diagnosis.md        write the matrix into the document

A hit is a diagnosis whose most explaining cause is the hidden one (of two: the two most explaining
ones; of none: nothing wrong). Equal seeds give equal scores. docs/diagnosis.md tells more.)");
  command->callback([arguments, &chosen] { chosen = [arguments] { return score(*arguments); }; });
}

}  // namespace elblab::cli
