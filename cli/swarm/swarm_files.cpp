#include "cli/swarm/swarm_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "cli/text/one_line.hpp"

namespace elblab::cli {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kEnding = ".elb.yaml";

Expected<std::vector<fs::path>> paths_of(const std::vector<std::string>& files) {
  std::vector<fs::path> paths;
  for (const std::string& file : files) {
    std::error_code error;
    if (!fs::is_directory(file, error)) {
      paths.emplace_back(file);
      continue;
    }
    std::vector<fs::path> inside;
    for (fs::recursive_directory_iterator it(file, error), end; it != end; it.increment(error)) {
      if (it->path().filename().string().ends_with(kEnding)) inside.push_back(it->path());
    }
    if (error) return Error{fmt::format("{}: {}", file, error.message())};
    if (inside.empty()) return Error{fmt::format("{}: holds no *{}", file, kEnding)};
    std::sort(inside.begin(), inside.end());
    paths.insert(paths.end(), inside.begin(), inside.end());
  }
  return paths;
}

Expected<std::string> text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return Error{fmt::format("{}: cannot be read", path.string())};
  return text.str();
}

bool is_refused(const Trial& trial) {
  return !trial.not_for_simulation.empty() ||
         (trial.findings.size() == 1 && trial.findings.front().kind == "not_accepted");
}

std::string line_of(const fs::path& path, const Trial& trial, const Terminal& terminal) {
  if (is_refused(trial)) {
    const std::string& why =
        trial.not_for_simulation.empty() ? trial.findings.front().text : trial.not_for_simulation;
    return fmt::format("{}  refused: {}\n", path.string(), one_line(why));
  }
  if (trial.findings.empty()) {
    return fmt::format("{}  {}, {} connections\n", path.string(),
                       terminal.styled("ok", Style::good), trial.connections);
  }
  std::string text;
  for (const Finding& finding : trial.findings) {
    text += fmt::format("{}  {} {}: {}\n", path.string(), terminal.styled("!", Style::bad),
                        finding.kind, one_line(finding.text));
  }
  return text;
}

}  // namespace

ExitCode try_files(const std::vector<std::string>& files, const SwarmOptions& options,
                   Terminal& out, Terminal& err) {
  const auto paths = paths_of(files);
  if (!paths) {
    err.write(paths.error().message + "\n");
    return ExitCode::bad_input;
  }
  std::vector<TriedWorld> subjects;
  for (const fs::path& path : *paths) {
    const auto text = text_of(path);
    if (!text) {
      err.write(text.error().message + "\n");
      return ExitCode::bad_input;
    }
    const std::string name = fmt::format("{}.{}", subjects.size() + 1, path.stem().string());
    subjects.push_back({1, name, *text, true, options.every_live > 0});
  }
  const auto trials = try_worlds(subjects, {options.jobs, options.scratch, {}}, {});
  ExitCode code = ExitCode::holds;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    if (trials[i].interrupted) return ExitCode::interrupted;
    out.write(line_of((*paths)[i], trials[i], out));
    if (!trials[i].findings.empty() && !is_refused(trials[i])) {
      code = ExitCode::expectation_failed;
    }
  }
  return code;
}

}  // namespace elblab::cli
