// elblab export: rows of a trace as CSV, its recorded packets as a capture file.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <array>
#include <filesystem>
#include <memory>
#include <optional>

#include "analysis/expectations/text.hpp"
#include "analysis/trace/reader.hpp"
#include "cli/commands.hpp"
#include "cli/signals/stop_signals.hpp"
#include "cli/text/terminal.hpp"
#include "cli/traces/output_file.hpp"
#include "cli/traces/reading_options.hpp"
#include "cli/traces/rows_file.hpp"
#include "cli/whole_number.hpp"
#include "pcap/recorded/recorded_packets.hpp"
#include "scenarios/language/suggestion.hpp"

namespace elblab::cli {
namespace {

struct ExportArguments {
  std::string trace;
  std::string what;
  std::string output;
  bool pcap = false;
  std::optional<std::uint64_t> connection;
  std::string place = "balancer";
  std::uint32_t snap_length = 65'535;
  ReadingOptions reading;
};

// Short names of what is asked for most.
constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kShortNames{
    {{"series", "samples_view"},
     {"connections", "connections_view"},
     {"events", "events_view"},
     {"packets", "packets_view"}}};

std::string relation_of(const std::string& what) {
  for (const auto& [name, view] : kShortNames) {
    if (what == name) return std::string(view);
  }
  return what;
}

std::vector<std::string> relations_in(const trace::Reader& trace) {
  std::vector<std::string> names;
  auto query = trace.query("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')");
  while (query.next()) names.push_back(trace::to_text(query.row()[0]));
  return names;
}

// Empty when the trace has such a table or view.
std::string unknown_relation(const trace::Reader& trace, const std::string& what) {
  auto known = relations_in(trace);
  if (std::find(known.begin(), known.end(), relation_of(what)) != known.end()) return {};
  for (const auto& [name, view] : kShortNames) known.emplace_back(name);
  const std::string near = language::nearest(what, known);
  return fmt::format("--what: the trace has no '{}'{}\n", what,
                     near.empty() ? "; `elblab query` without SQL lists what it has"
                                  : fmt::format("; did you mean '{}'?", near));
}

std::string counted_text(std::uint64_t n, std::string_view what) {
  return expectations::count_text(n) + " " + std::string(what);
}

ExitCode export_rows(const trace::Reader& trace, const ExportArguments& arguments, Terminal& err) {
  if (const auto unknown = unknown_relation(trace, arguments.what); !unknown.empty()) {
    err.write(unknown);
    return ExitCode::bad_input;
  }
  auto query = trace.query(fmt::format("SELECT * FROM \"{}\"", relation_of(arguments.what)),
                           &StopSignals::flag());
  OutputFile file(arguments.output);
  const std::uint64_t rows = write_rows(query, file);
  if (const auto closed = file.close(); !closed) {
    err.write(closed.error().message + "\n");
    return ExitCode::could_not_run;
  }
  if (query.problem()) {
    err.write(fmt::format("{} (after {})\n", query.problem()->message, counted_text(rows, "rows")));
    return code_of_unread_trace();
  }
  if (!file.is_stdout())
    err.write(fmt::format("{}: {}\n", file.path(), counted_text(rows, "rows")));
  return ExitCode::holds;
}

std::string no_packets_text(const ExportArguments& arguments) {
  return fmt::format(
      "{}: no packets of {}{} were kept; `elblab run --packets all` keeps those of every "
      "connection\n",
      arguments.trace, arguments.place,
      arguments.connection ? fmt::format(" in connection {}", *arguments.connection) : "");
}

ExitCode export_packets(const trace::Reader& trace, const ExportArguments& arguments,
                        Terminal& err) {
  const auto writer = pcap::Writer::open(arguments.output);
  if (!writer) {
    err.write(writer.error().message + "\n");
    return ExitCode::could_not_run;
  }
  const pcap::RecordedSelection selection{arguments.place, arguments.connection,
                                          arguments.snap_length};
  const auto capture =
      pcap::write_recorded_packets(trace, selection, **writer, &StopSignals::flag());
  if (const auto closed = (*writer)->close(); !closed) {
    err.write(closed.error().message + "\n");
    return ExitCode::could_not_run;
  }
  if (!capture.problem.empty()) {
    err.write(
        fmt::format("{} (after {})\n", capture.problem, counted_text(capture.packets, "packets")));
    return capture.stopped ? ExitCode::interrupted : ExitCode::bad_input;
  }
  if (capture.packets == 0) {
    std::error_code ignored;
    std::filesystem::remove(arguments.output, ignored);
    err.write(no_packets_text(arguments));
    return ExitCode::bad_input;
  }
  err.write(fmt::format("{}: {}\n", arguments.output, counted_text(capture.packets, "packets")));
  return ExitCode::holds;
}

std::string mistake_in(const ExportArguments& arguments) {
  if (arguments.pcap && arguments.output == "-") return "--pcap: name a file with -o";
  if (arguments.pcap != arguments.what.empty()) return "give either --what or --pcap";
  if (!arguments.pcap && arguments.connection) return "--connection goes with --pcap";
  std::error_code error;
  if (std::filesystem::equivalent(arguments.trace, arguments.output, error)) {
    return "-o names the trace itself; give another path";
  }
  return {};
}

ExitCode run(const ExportArguments& arguments) {
  Terminal err(stderr);
  const auto complain = [&](const std::string& message) {
    err.write(message + "\n");
    return ExitCode::bad_input;
  };
  if (const auto mistake = mistake_in(arguments); !mistake.empty()) return complain(mistake);
  const auto limits = arguments.reading.limits();
  if (!limits) return complain(limits.error().message);
  const StopSignals signals;
  const auto trace = trace::Reader::open(arguments.trace, *limits);
  if (!trace) {
    complain(trace.error().message);
    return code_of_unread_trace();
  }
  return arguments.pcap ? export_packets(**trace, arguments, err)
                        : export_rows(**trace, arguments, err);
}

}  // namespace

void add_export_command(CLI::App& app, Action& chosen) {
  auto* command =
      app.add_subcommand("export", "Write rows of a trace as CSV, or its packets as a capture");
  auto arguments = std::make_shared<ExportArguments>();
  command->add_option("trace", arguments->trace, "A trace")->required()->type_name("TRACE.db");
  command
      ->add_option("--what", arguments->what,
                   "series, connections, events, packets, or any view or table of the trace")
      ->type_name("NAME");
  command->add_option("-o,--output", arguments->output, "File to write; - is standard output")
      ->type_name("FILE")
      ->required();
  command->add_flag("--pcap", arguments->pcap, "The packets that were kept, as a capture file");
  command->add_option("--connection", arguments->connection, "Only those of this connection's id")
      ->check(CLI::Validator(whole_number, ""))
      ->type_name("ID");
  command
      ->add_option("--at", arguments->place,
                   "Where they were seen: the balancer (both sides), or a host")
      ->type_name("PLACE")
      ->capture_default_str();
  command->add_option("--snap-length", arguments->snap_length, "Bytes of each packet to write")
      ->type_name("BYTES")
      ->check(CLI::Range(40U, 65'535U))
      ->capture_default_str();
  add_time_limit_option(*command, arguments->reading);
  command->footer(R"(
A capture holds rebuilt headers at their exact times and zeros for payload; time 0 is the start of
the run. `elblab query` without SQL lists the views and tables of a trace.

Exit codes: 0 written, 2 no such trace, view or packets, 4 the file cannot be written.

Examples:
  elblab export t.db --what series -o series.csv
  elblab export t.db --what server_shares -o -
  elblab export t.db --pcap -o t.pcap && tshark -r t.pcap
  elblab export t.db --pcap --connection 28233 -o one.pcap)");
  command->callback([arguments, &chosen] { chosen = [arguments] { return run(*arguments); }; });
}

}  // namespace elblab::cli
