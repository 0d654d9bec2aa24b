// elblab import: a scenario whose workload is fitted to a capture.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <map>
#include <memory>
#include <utility>

#include "cli/captures/imported_scenario.hpp"
#include "cli/captures/stateful_report.hpp"
#include "cli/commands.hpp"
#include "cli/text/terminal.hpp"
#include "pcap/conversations/extractor.hpp"
#include "pcap/replay/endpoint_rule.hpp"
#include "scenarios/language/scenario_file.hpp"

namespace elblab::cli {
namespace {

struct ImportArguments {
  std::string capture;
  std::vector<std::string> map;
};

using Names = std::map<net::Endpoint, std::string>;

Expected<std::pair<net::Endpoint, std::string>> read_rule(const std::string& text) {
  const auto equals = text.find('=');
  const auto endpoint = replay::parse_endpoint(text.substr(0, equals));
  if (equals == std::string::npos || equals + 1 == text.size() || !endpoint) {
    return Error{fmt::format(
        "--map {}: expected captured server=name, for example 203.0.113.5:443=web", text)};
  }
  return std::pair(*endpoint, text.substr(equals + 1));
}

// What is written must be what the language reads.
std::string check(const std::string& text) {
  auto loaded = language::ScenarioFile::parse(text, "imported.elb.yaml");
  auto errors = std::move(loaded.errors);
  if (loaded.file) errors = loaded.file->decode(loaded.file->runs().front()).errors;
  return errors.empty() ? "" : errors.front().to_string();
}

ExitCode refuse(Terminal& err, const std::string& why) {
  err.write(why + "\n");
  return ExitCode::bad_input;
}

ExitCode import(const ImportArguments& arguments) {
  Terminal out(stdout);
  Terminal err(stderr);
  Names names;
  for (const std::string& text : arguments.map) {
    const auto rule = read_rule(text);
    if (!rule) return refuse(err, rule.error().message);
    names[rule->first] = rule->second;
  }
  const auto reader = pcap::Reader::open(arguments.capture);
  if (!reader) return refuse(err, reader.error().message);
  const pcap::Conversations found = pcap::extract(**reader);
  const auto damage = pcap::damage_message(arguments.capture, (*reader)->report());
  if (!damage.empty()) err.write(damage + "\n");
  err.write(capture_report(arguments.capture, found));
  const pcap::TrafficFit fit = pcap::fit_traffic(found, names);
  if (fit.workloads.empty()) {
    return refuse(
        err, fmt::format("{}: nothing to fit a workload to: no conversation{}", arguments.capture,
                         names.empty() ? "" : " with a server that --map names"));
  }
  err.write(fit_table(fit, ""));
  const std::string text =
      imported_scenario(fit, std::filesystem::path(arguments.capture).filename().string());
  if (const std::string problem = check(text); !problem.empty()) {
    err.write("the scenario made of this capture does not read back:\n" + problem + "\n");
    return ExitCode::could_not_run;
  }
  out.write(text);
  return ExitCode::holds;
}

}  // namespace

void add_import_command(CLI::App& app, Action& chosen) {
  auto* command =
      app.add_subcommand("import", "Write a scenario with a workload fitted to a capture");
  auto arguments = std::make_shared<ImportArguments>();
  command->add_option("capture", arguments->capture, "Capture file (pcap, pcapng), - for stdin")
      ->required()
      ->type_name("FILE");
  command
      ->add_option("--map", arguments->map,
                   "Name a captured server, captured-address:port=name (may be repeated); others "
                   "are left out")
      ->type_name("RULE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->footer(R"(
Examples:
  elblab import web.pcap > web.elb.yaml
  elblab import web.pcap --map 203.0.113.5:443=web > web.elb.yaml

The scenario goes to stdout; how well it fits, to stderr and into its comments.)");
  command->callback([arguments, &chosen] { chosen = [arguments] { return import(*arguments); }; });
}

}  // namespace elblab::cli
