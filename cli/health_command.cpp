// elblab health: what health checks found in a run, over time.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <memory>

#include "analysis/expectations/text.hpp"
#include "analysis/reports/sections.hpp"
#include "analysis/reports/writers.hpp"
#include "cli/commands.hpp"
#include "cli/printing/document_text.hpp"
#include "cli/signals/stop_signals.hpp"
#include "cli/text/terminal.hpp"
#include "cli/traces/reading_options.hpp"

namespace elblab::cli {
namespace {

constexpr const char* kHelp = R"(
A lane for each server: the verdict that a console displays, and below it the one of
each node, which its traffic follows. Beside them the share of the time in which the
server was healthy. Then what the probes cost, and why they failed.

Examples:
  elblab health out/UHC-02.closed.seed1.db
  elblab health out/UHC-02.closed.seed1.db --format json
  elblab query out/UHC-02.closed.seed1.db "SELECT * FROM detections_view"

Exit codes: 0 said, 2 bad input (no trace, or one without health checks).)";

struct HealthArguments {
  std::vector<std::string> files;
  std::string format = "text";
  ReadingOptions reading;
};

class HealthTeller {
 public:
  explicit HealthTeller(const HealthArguments& arguments)
      : arguments_(arguments), out_(stdout), err_(stderr) {}

  ExitCode run() {
    const auto limits = arguments_.reading.limits();
    if (!limits) return complain(limits.error().message);
    limits_ = *limits;
    const StopSignals signals;
    for (const std::string& file : arguments_.files) code_ = graver(code_, tell(file));
    if (arguments_.format == "json") out_.write(reports::json_of(document_));
    if (arguments_.format == "md") out_.write(reports::markdown_of(document_));
    out_.flush();
    return code_;
  }

 private:
  ExitCode complain(const std::string& message) {
    err_.write(message + "\n");
    return ExitCode::bad_input;
  }

  ExitCode unread(const Error& error) {
    complain(error.message);
    return code_of_unread_trace();
  }

  ExitCode tell(const std::string& file) {
    const auto opened = trace::Reader::open(file, limits_);
    if (!opened) return unread(opened.error());
    const trace::Reader& trace = **opened;
    reports::ReportedRun run;
    run.path = file;
    run.label = trace.metadata().run;
    run.trace = &trace;
    reports::Section section = reports::health_section({run});
    if (const auto problem = trace.problem()) return unread(*problem);
    if (section.blocks.empty()) {
      return complain(file + ": nobody's health was checked in this run (health_check of a group)");
    }
    section.title = fmt::format("{} {}", trace.metadata().scenario, trace.metadata().run);
    if (arguments_.format == "text") {
      out_.write(out_.styled(section.title, Style::bold) + "  " + out_.styled(file, Style::dim) +
                 "\n");
      out_.write(document_text(section.blocks, file, out_));
    }
    document_.title = "Health checks";
    document_.sections.push_back(std::move(section));
    return ExitCode::holds;
  }

  const HealthArguments& arguments_;
  Terminal out_;
  Terminal err_;
  trace::ReadingLimits limits_;
  reports::Document document_;
  ExitCode code_ = ExitCode::holds;
};

}  // namespace

void add_health_command(CLI::App& app, Action& chosen) {
  auto* command = app.add_subcommand("health", "Show whom health checks found healthy, and when");
  auto arguments = std::make_shared<HealthArguments>();
  command->add_option("trace", arguments->files, "Traces of runs")->required()->type_name("TRACE");
  command->add_option("--format", arguments->format, "text, md or json")
      ->check(CLI::IsMember({"text", "md", "json"}))
      ->capture_default_str();
  add_time_limit_option(*command, arguments->reading);
  command->footer(kHelp);
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return HealthTeller(*arguments).run(); }; });
}

}  // namespace elblab::cli
