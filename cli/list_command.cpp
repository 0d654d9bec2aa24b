// elblab list: what scenarios there are.
#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.hpp"
#include "cli/runs/scenario_library.hpp"
#include "cli/text/terminal.hpp"
#include "scenarios/language/scenario_file.hpp"

namespace elblab::cli {
namespace {

using Files = std::vector<std::unique_ptr<language::ScenarioFile>>;

std::string table_of(const Files& files, const Terminal& out) {
  std::size_t id_columns = 0;
  std::size_t title_columns = 0;
  for (const auto& file : files) {
    id_columns = std::max(id_columns, columns_of(file->id()));
    title_columns = std::max(title_columns, columns_of(file->title()));
  }
  std::string text;
  std::string area;
  for (const auto& file : files) {
    if (file->area() != area || text.empty()) {
      area = file->area();
      text += out.styled(area, Style::bold) + "\n";
    }
    text += fmt::format("  {}  {}  {}  {}  {}\n", padded(file->id(), id_columns),
                        padded(file->title(), title_columns),
                        file->live_runs().empty() ? "    " : "live",
                        padded(fmt::format("{}", fmt::join(file->exercises(), " ")), 24),
                        out.styled(fmt::format("{}", fmt::join(file->runs(), ", ")), Style::dim));
  }
  return text;
}

std::string json_of(const Files& files) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& file : files) {
    list.push_back({{"id", file->id()},
                    {"title", file->title()},
                    {"area", file->area()},
                    {"profile", file->profile()},
                    {"exercises", file->exercises()},
                    {"runs", file->runs()},
                    {"live_runs", file->live_runs()},
                    {"seeds", file->seeds()},
                    {"file", file->file()}});
  }
  return list.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

ExitCode list(const std::string& format) {
  Terminal out(stdout);
  Terminal err(stderr);
  Files files;
  ExitCode code = ExitCode::holds;
  for (const auto& path : ScenarioLibrary::of_this_process().all()) {
    auto loaded = language::ScenarioFile::load(path);
    for (const auto& error : loaded.errors) {
      err.write(error.to_string() + "\n");
      code = ExitCode::bad_input;
    }
    if (loaded.file) files.push_back(std::move(loaded.file));
  }
  std::stable_sort(files.begin(), files.end(),
                   [](const auto& a, const auto& b) { return a->area() < b->area(); });
  if (format == "json") {
    out.write(json_of(files));
  } else if (files.empty()) {
    err.write(
        "no scenarios found (looked in $ELBLAB_SCENARIOS, ./scenarios and beside the "
        "program)\n");
  } else {
    out.write(table_of(files, out));
  }
  return code;
}

}  // namespace

void add_list_command(CLI::App& app, Action& chosen) {
  auto* command = app.add_subcommand(
      "list", "Show what scenarios there are; 'live' marks those that elblab live can run");
  auto format = std::make_shared<std::string>("text");
  command->add_option("--format", *format, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command->callback([format, &chosen] { chosen = [format] { return list(*format); }; });
}

}  // namespace elblab::cli
