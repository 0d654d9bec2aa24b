// elblab diagnose: why did it fail? From a trace, or from a capture: from its packets, and with its
// balancer's file by way of its replay too.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <fstream>
#include <memory>

#include "analysis/diagnosis/diagnosis.hpp"
#include "analysis/expectations/text.hpp"
#include "analysis/reports/telling.hpp"
#include "analysis/reports/writers.hpp"
#include "analysis/trace/decision_query.hpp"
#include "cli/captures/capture_names.hpp"
#include "cli/captures/capture_roles.hpp"
#include "cli/captures/capture_trace.hpp"
#include "cli/captures/captured_diagnosis.hpp"
#include "cli/commands.hpp"
#include "cli/printing/diagnosis_json.hpp"
#include "cli/printing/document_text.hpp"
#include "cli/signals/stop_signals.hpp"
#include "cli/text/one_line.hpp"
#include "cli/text/terminal.hpp"
#include "cli/traces/reading_options.hpp"

namespace elblab::cli {
namespace {

namespace fs = std::filesystem;

struct DiagnoseArguments {
  std::vector<std::string> files;
  std::string format = "text";
  std::string why;  // a client: why its servers were chosen, instead of a diagnosis
  CaptureRoles roles;
  std::string keep;         // where the trace of a capture stays
  std::string connections;  // ... and the list of its connections
  ReadingOptions reading;
};

std::string heading(const trace::Reader& trace, const std::string& name, const Terminal& out) {
  const trace::RunMetadata& run = trace.metadata();
  std::string what = run.world;
  if (run.world != "replay") what += fmt::format(", seed {}", run.seed);
  return fmt::format(
      "{}  {}\n", out.styled(one_line(fmt::format("{} {}", run.scenario, run.run)), Style::bold),
      out.styled(fmt::format("{}, {}   {}", what,
                             expectations::duration_text(trace.end_of_run() - kStart), name),
                 Style::dim));
}

// A section per trace.
std::string markdown_of(const std::vector<DiagnosedTrace>& traces) {
  reports::Document document;
  document.title = "Diagnosis";
  for (const DiagnosedTrace& trace : traces) {
    const std::string title =
        fmt::format("{} {} – {}", trace.run.scenario, trace.run.run, trace.trace);
    document.sections.push_back({"diagnosis", title, reports::tell(trace.diagnosis)});
  }
  return reports::markdown_of(document);
}

class Diagnoser {
 public:
  Diagnoser(const DiagnoseArguments& arguments)
      : arguments_(arguments), out_(stdout), err_(stderr) {}

  ExitCode run() {
    const auto limits = arguments_.reading.limits();
    if (!limits) return complain(limits.error().message);
    limits_ = *limits;
    const StopSignals signals;
    for (const std::string& file : arguments_.files) {
      const bool capture = !arguments_.roles.balancer.empty() || looks_like_capture(file);
      code_ = graver(code_, capture ? diagnose_capture(file) : diagnose_trace(file, file));
      if (code_ == ExitCode::interrupted) break;
    }
    if (are_two_sides()) code_ = graver(code_, tell_two_sides());
    if (arguments_.format == "json") out_.write(diagnoses_as_json(diagnosed_));
    if (arguments_.format == "md") out_.write(markdown_of(diagnosed_));
    out_.flush();
    return code_;
  }

 private:
  ExitCode complain(const std::string& message) {
    err_.write(message + "\n");
    return ExitCode::bad_input;
  }

  ExitCode unread(const std::string& message) {
    complain(message);
    return code_of_unread_trace();
  }

  // Two captures, and nothing else: of the same traffic, it may be.
  bool are_two_sides() const {
    return arguments_.files.size() == 2 && arguments_.roles.balancer.empty() &&
           std::ranges::all_of(arguments_.files,
                               [](const std::string& file) { return looks_like_capture(file); });
  }

  ExitCode tell_two_sides() {
    auto captured = diagnose_two_sides(arguments_.files[0], arguments_.files[1], {});
    if (!captured) return complain(captured.error().message);
    const std::string name = fs::path(arguments_.files[0]).filename().string() + " and " +
                             fs::path(arguments_.files[1]).filename().string();
    return tell_captured(name, std::move(*captured));
  }

  // Of the packets alone; with the balancer's file also of what the engine makes of them.
  ExitCode diagnose_capture(const std::string& file) {
    if (arguments_.roles.balancer.empty()) return tell_capture(file, {}, nullptr);
    ScratchFolder scratch;
    fs::path path = arguments_.keep;
    if (path.empty()) {
      if (auto made = scratch.make(); !made) {
        err_.write(made.error().message + "\n");
        return ExitCode::could_not_run;
      }
      path = scratch.path() / "capture.db";
    }
    const CaptureTrace made = trace_of_capture(file, arguments_.roles, path);
    for (const auto& error : made.errors) err_.write(error + "\n");
    if (made.code != ExitCode::holds) return made.code;
    for (const auto& note : made.notes) err_.write(note + "\n");
    const auto opened = trace::Reader::open(path, limits_);
    if (!opened) return unread(opened.error().message);
    return tell_capture(file, capture_names(made.balancers, made.rules), opened->get());
  }

  // replayed: nullptr: no balancer was given.
  ExitCode tell_capture(const std::string& file, const findings::EndpointNames& names,
                        const trace::Reader* replayed) {
    auto captured = diagnose_captured(file, names, !arguments_.connections.empty());
    if (!captured) return complain(captured.error().message);
    if (const auto written = list_connections(*captured); !written) {
      err_.write(written.error().message + "\n");
      return ExitCode::could_not_run;
    }
    if (replayed != nullptr) {
      add_engine_part(*replayed, captured->diagnosis);
      if (const auto problem = replayed->problem()) return unread(problem->message);
    }
    return tell_captured(file, std::move(*captured));
  }

  ExitCode tell_captured(const std::string& name, CapturedDiagnosis captured) {
    if (arguments_.format == "text") print_capture(name, captured);
    const ExitCode code =
        captured.diagnosis.nothing_wrong() ? ExitCode::holds : ExitCode::expectation_failed;
    trace::RunMetadata run;
    run.scenario = fs::path(name).filename().string();
    run.run = "capture";
    run.world = "capture";
    diagnosed_.push_back(
        {name, std::move(run), std::move(captured.diagnosis), std::move(captured.notes)});
    return code;
  }

  Expected<void> list_connections(const CapturedDiagnosis& captured) {
    if (arguments_.connections.empty()) return {};
    std::ofstream file(arguments_.connections, std::ios::binary);
    file << captured.connections;
    file.close();
    if (file) return {};
    return Error{arguments_.connections + ": cannot be written; name another file, or make room"};
  }

  void print_capture(const std::string& file, const CapturedDiagnosis& captured) {
    if (!diagnosed_.empty()) out_.write("\n");
    out_.write(fmt::format(
        "{}  {}\n", out_.styled(one_line(fs::path(file).filename().string()), Style::bold),
        out_.styled(fmt::format("{} records, {}, {}", captured.records,
                                expectations::duration_text(captured.length), captured.format),
                    Style::dim)));
    std::vector<reports::Block> blocks;
    for (const std::string& note : captured.notes) {
      blocks.emplace_back(reports::Paragraph{note, reports::Tone::plain, "capture"});
    }
    for (auto& block : reports::tell(captured.diagnosis)) blocks.push_back(std::move(block));
    out_.write(document_text(blocks, "TRACE", out_));
    out_.flush();
  }

  ExitCode diagnose_trace(const fs::path& path, const std::string& name) {
    const auto opened = trace::Reader::open(path, limits_);
    if (!opened) {
      return unread(opened.error().message);
    }
    const auto& trace = *opened;
    if (!arguments_.why.empty()) return tell_decisions(*trace, name);
    if (const auto problem = nothing_in(*trace, name); !problem.empty()) return complain(problem);
    auto diagnosis = diagnosis::diagnose(*trace);
    if (const auto problem = trace->problem()) return unread(problem->message);
    if (!trace->complete()) {
      err_.write(
          fmt::format("{}: its run is not finished, or was cut off; this is what it shows "
                      "up to {}\n",
                      name, expectations::duration_text(trace->end_of_run() - kStart)));
    }
    if (arguments_.format == "text") print(*trace, name, diagnosis);
    const ExitCode code =
        diagnosis.nothing_wrong() ? ExitCode::holds : ExitCode::expectation_failed;
    diagnosed_.push_back({name, trace->metadata(), std::move(diagnosis), {}});
    return code;
  }

  ExitCode tell_decisions(const trace::Reader& trace, const std::string& name) {
    constexpr std::size_t kMost = 1'000;
    const auto decisions = trace::decisions_of_client(trace, arguments_.why, kMost);
    if (const auto problem = trace.problem()) return unread(problem->message);
    if (decisions.empty()) {
      return complain(fmt::format(
          "{}: no decision for client {} was kept; they are kept with the packets of connections "
          "(--packets all keeps all), and SELECT DISTINCT source FROM decisions_view tells whose",
          name, arguments_.why));
    }
    out_.write(heading(trace, name, out_));
    for (const trace::DecisionRow& decision : decisions) {
      out_.write(fmt::format("  {:>10} s  {}  {} → {}\n",
                             fmt::format("{:.4f}", to_seconds(decision.at - kStart)),
                             decision.object, decision.source, trace::decision_text(decision)));
    }
    if (decisions.size() == kMost) {
      out_.write(fmt::format("  the first {}; decisions_view has all\n", kMost));
    }
    out_.flush();
    return ExitCode::holds;
  }

  // A run that failed to start leaves a trace without a sample.
  static std::string nothing_in(const trace::Reader& trace, const std::string& name) {
    if (trace.end_of_run() > kStart && !trace.series().empty()) return {};
    return fmt::format("{}: nothing happened in this run: it {}; run the scenario again", name,
                       trace.complete() ? "has no length" : "ended before its first sample");
  }

  void print(const trace::Reader& trace, const std::string& name,
             const diagnosis::Diagnosis& diagnosis) {
    if (!diagnosed_.empty()) out_.write("\n");
    out_.write(heading(trace, name, out_));
    const auto told = reports::tell(diagnosis, &trace, small_curve_columns(out_));
    out_.write(document_text(told, name, out_));
    out_.flush();
  }

  const DiagnoseArguments& arguments_;
  Terminal out_;
  Terminal err_;
  trace::ReadingLimits limits_;
  std::vector<DiagnosedTrace> diagnosed_;
  ExitCode code_ = ExitCode::holds;
};

}  // namespace

void add_diagnose_command(CLI::App& app, Action& chosen) {
  auto* command = app.add_subcommand("diagnose", "Say why a run failed, from its trace");
  auto arguments = std::make_shared<DiagnoseArguments>();
  command->add_option("trace", arguments->files, "Traces, or captures (pcap, pcapng)")
      ->required()
      ->type_name("FILE");
  command->add_option("--format", arguments->format, "text, json or md")
      ->check(CLI::IsMember({"text", "json", "md"}))
      ->capture_default_str();
  command
      ->add_option(
          "--why", arguments->why,
          "Why the servers of this client were chosen, as far as it was kept: an address, or "
          "address:port")
      ->type_name("CLIENT");
  auto* balancer =
      command
          ->add_option("--balancer,-b", arguments->roles.balancer,
                       "The files are captures, taken at this balancer: its names, and "
                       "what the engine makes of them (a balancer file, a scenario "
                       "file or a scenario's id)")
          ->type_name("WHAT");
  command->add_option("--profile", arguments->roles.profile, "Instead of the balancer file's own")
      ->type_name("NAME")
      ->needs(balancer);
  add_role_options(*command, arguments->roles);
  add_time_limit_option(*command, arguments->reading);
  command->add_option("--trace", arguments->keep, "Keep the trace that the capture gives")
      ->type_name("FILE")
      ->needs(balancer);
  command
      ->add_option("--connections", arguments->connections,
                   "Write the connections of a capture into this file (CSV)")
      ->type_name("FILE");
  command->footer(R"(
Examples:
  elblab diagnose out/TW-01.symptom.seed1.db
  elblab diagnose --format json out/*.db
  elblab diagnose out/IMB-09.least.seed1.db --why 203.0.113.1
  elblab diagnose web.pcap
  elblab diagnose client.pcap server.pcap      each, and what happened between the two
  elblab diagnose web.pcap --balancer lb.yaml --guess

Only what an operator could observe is looked at; docs/diagnosis.md tells how causes are found.
Exit codes: 0 nothing wrong, 1 something is, 2 no trace or capture that can be read.)");
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return Diagnoser(*arguments).run(); }; });
}

}  // namespace elblab::cli
