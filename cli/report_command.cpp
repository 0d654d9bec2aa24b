// elblab report: one page about one or several traces, or tables of sweeps.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <array>
#include <filesystem>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis/reports/report.hpp"
#include "analysis/reports/writers.hpp"
#include "analysis/trace/reader.hpp"
#include "cli/commands.hpp"
#include "cli/signals/stop_signals.hpp"
#include "cli/sweeps/sweep_file.hpp"
#include "cli/sweeps/sweep_maps.hpp"
#include "cli/text/terminal.hpp"
#include "cli/traces/output_file.hpp"
#include "cli/traces/reading_options.hpp"

namespace elblab::cli {
namespace {

struct ReportArguments {
  std::vector<std::string> traces;
  std::string output;
  std::string format;
  ReadingOptions reading;
};

using WriteDocument = std::string (*)(const reports::Document&);
constexpr std::array<std::pair<std::string_view, WriteDocument>, 4> kFormats{
    {{"html", reports::html_of},
     {"md", reports::markdown_of},
     {"json", reports::json_of},
     {"csv", reports::csv_of}}};

WriteDocument find_format(std::string_view name) {
  for (const auto& [known, write] : kFormats) {
    if (known == name) return write;
  }
  return nullptr;
}

// As asked for, else as the file's name ends, else a page.
std::string format_of(const ReportArguments& arguments) {
  if (!arguments.format.empty()) return arguments.format;
  std::string extension = std::filesystem::path(arguments.output).extension().string();
  if (!extension.empty()) extension.erase(0, 1);
  return find_format(extension) != nullptr ? extension : "html";
}

bool is_one_of(const std::string& path, const std::vector<std::string>& traces) {
  for (const auto& trace : traces) {
    std::error_code error;
    if (std::filesystem::equivalent(path, trace, error)) return true;
  }
  return false;
}

Expected<reports::Document> document_of_traces(const std::vector<std::string>& paths,
                                               const trace::ReadingLimits& limits) {
  std::vector<std::unique_ptr<trace::Reader>> readers;
  std::vector<reports::ReportedTrace> traces;
  for (const auto& path : paths) {
    auto reader = trace::Reader::open(path, limits);
    if (!reader) return reader.error();
    readers.push_back(std::move(*reader));
    traces.push_back({path, readers.back().get()});
  }
  reports::Document document = reports::make_report(traces);
  for (const auto& reader : readers) {
    if (const auto problem = reader->problem()) return *problem;
  }
  return document;
}

Expected<reports::Document> document_of_sweeps(const std::vector<std::string>& paths) {
  std::vector<SweepTable> tables;
  for (const auto& path : paths) {
    if (!is_sweep_table(path)) {
      return Error{
          fmt::format("{}: is no table of elblab sweep, as {} is; a report is of tables "
                      "or of traces",
                      path, paths.front())};
    }
    auto table = load_sweep_table(path);
    if (!table) return table.error();
    tables.push_back(std::move(*table));
  }
  return sweep_document(tables);
}

Expected<reports::Document> document_of(const std::vector<std::string>& paths,
                                        const trace::ReadingLimits& limits) {
  return is_sweep_table(paths.front()) ? document_of_sweeps(paths)
                                       : document_of_traces(paths, limits);
}

ExitCode run(const ReportArguments& arguments) {
  Terminal err(stderr);
  const auto complain = [&](const std::string& message) {
    err.write(message + "\n");
    return ExitCode::bad_input;
  };
  const std::string format = format_of(arguments);
  const WriteDocument write = find_format(format);
  if (write == nullptr) {
    return complain(fmt::format("--format: there are html, md, json and csv, no '{}'", format));
  }
  if (is_one_of(arguments.output, arguments.traces)) {
    return complain("-o names one of the traces; give another path");
  }
  const auto limits = arguments.reading.limits();
  if (!limits) return complain(limits.error().message);
  const StopSignals signals;
  const auto document = document_of(arguments.traces, *limits);
  if (!document) {
    complain(document.error().message);
    return code_of_unread_trace();
  }
  const std::string text = write(*document);
  OutputFile file(arguments.output);
  file.write(text);
  if (const auto closed = file.close(); !closed) {
    err.write(closed.error().message + "\n");
    return ExitCode::could_not_run;
  }
  return ExitCode::holds;
}

}  // namespace

void add_report_command(CLI::App& app, Action& chosen) {
  auto* command = app.add_subcommand(
      "report", "Write a report about traces or sweeps: verdict, diagnosis, curves, maps");
  auto arguments = std::make_shared<ReportArguments>();
  command
      ->add_option("traces", arguments->traces, "One or several traces, or tables of elblab sweep")
      ->required()
      ->type_name("TRACE.db");
  command->add_option("-o,--output", arguments->output, "File to write; - is standard output")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--format", arguments->format,
                   "html, md, json or csv (default: as the file's name ends, else html)")
      ->type_name("FORMAT");
  add_time_limit_option(*command, arguments->reading);
  command->footer(R"(
The page is one file without scripts: send it, print it, open it anywhere. Several traces of one
scenario are drawn over each other, the symptom beside its remedy.

Exit codes: 0 written (whatever the verdict), 2 no trace or table, 4 the file cannot be written.

Examples:
  elblab report out/TW-01.symptom.seed1.db -o report.html
  elblab report out/TW-01.symptom.seed1.db out/TW-01.remedy.seed1.db -o both.html
  elblab report t.db --format md -o - >> ticket.md
  elblab report out/UHC-15.defaults.sweep.csv -o maps.html)");
  command->callback([arguments, &chosen] { chosen = [arguments] { return run(*arguments); }; });
}

}  // namespace elblab::cli
