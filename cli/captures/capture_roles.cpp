#include "cli/captures/capture_roles.hpp"

#include <fmt/format.h>

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <optional>
#include <system_error>
#include <utility>

#include "cli/runs/scenario_library.hpp"
#include "scenarios/language/balancer_file.hpp"

namespace elblab::cli {
namespace {

namespace fs = std::filesystem;

CLI::Option* repeated(CLI::Option* option) {
  return option->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

std::string read_rules(const CaptureRoles& roles, replay::ReplayOptions& options) {
  const auto take = [&](replay::RuleOrError rule) -> std::string {
    if (auto* error = std::get_if<std::string>(&rule)) return *error;
    options.roles.rules.push_back(std::get<replay::EndpointRule>(std::move(rule)));
    return {};
  };
  for (const std::string& text : roles.map) {
    auto error = take(replay::parse_listener_rule(text, options.balancers));
    if (!error.empty()) return error;
  }
  for (const std::string& text : roles.map_server) {
    auto error = take(replay::parse_server_rule(text, options.balancers));
    if (!error.empty()) return error;
  }
  options.roles.guess = roles.guess;
  if (roles.guess && options.balancers.size() > 1) {
    return "--guess: works with one balancer; say with --map which endpoint is which listener";
  }
  return {};
}

}  // namespace

void add_role_options(CLI::App& command, CaptureRoles& roles) {
  repeated(command
               .add_option("--map", roles.map,
                           "This endpoint of the capture is this listener (may be repeated)")
               ->type_name("ADDRESS:PORT=LISTENER"));
  repeated(command
               .add_option("--map-server", roles.map_server,
                           "This endpoint of the capture is this server (may be repeated)")
               ->type_name("ADDRESS:PORT=GROUP/SERVER"));
  command.add_flag("--guess", roles.guess,
                   "Guess which endpoints are listeners and servers, and say why");
}

std::string find_balancer(const std::string& what, fs::path& file) {
  std::error_code error;
  if (fs::is_regular_file(what, error)) {
    file = what;
    return {};
  }
  auto found = ScenarioLibrary::of_this_process().find(what);
  if (found.error.empty() && found.files.size() == 1) {
    file = found.files.front();
    return {};
  }
  if (found.files.size() > 1) {
    return fmt::format("--balancer {}: is {} scenarios; name one of them, or a balancer file", what,
                       found.files.size());
  }
  return fmt::format("--balancer {}: no such file, and no scenario of that id", what);
}

std::vector<std::string> read_roles(const CaptureRoles& roles, const fs::path& file,
                                    replay::ReplayOptions& options) {
  const std::optional<std::string> profile =
      roles.profile.empty() ? std::nullopt : std::optional(roles.profile);
  auto loaded = language::load_balancer_file(file, profile);
  std::vector<std::string> errors;
  for (const auto& error : loaded.errors) errors.push_back(error.to_string());
  if (loaded.balancers.empty()) return errors;
  options.balancers = std::move(loaded.balancers);
  options.surroundings = std::move(loaded.surroundings);
  options.balancer_id = ScenarioLibrary::id_of(file);
  options.balancer_text = std::move(loaded.source_text);
  if (auto error = read_rules(roles, options); !error.empty()) errors.push_back(std::move(error));
  return errors;
}

}  // namespace elblab::cli
