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

Expected<replay::RoleRequest> read_request(const CaptureRoles& roles, replay::Balancers balancers) {
  replay::RoleRequest request;
  for (const std::string& text : roles.map) {
    auto rule = replay::parse_listener_rule(text, balancers);
    if (!rule) return rule.error();
    request.rules.push_back(std::move(*rule));
  }
  for (const std::string& text : roles.map_server) {
    auto rule = replay::parse_server_rule(text, balancers);
    if (!rule) return rule.error();
    request.rules.push_back(std::move(*rule));
  }
  for (const std::string& text : roles.probe_sources) {
    const auto block = net::Subnet::parse(text);
    if (!block) {
      return Error{fmt::format(
          "--probe-source {}: is neither an address nor a block, e.g. 100.125.0.0/16", text)};
    }
    request.probe_sources.push_back(*block);
  }
  request.guess = roles.guess;
  if (roles.guess && balancers.size() > 1) {
    return Error{
        "--guess: works with one balancer; say with --map which endpoint is which listener"};
  }
  return request;
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
  repeated(command
               .add_option("--probe-source", roles.probe_sources,
                           "Probes of health checks come from here (may be repeated)")
               ->type_name("ADDRESS[/LENGTH]"));
}

Expected<fs::path> find_balancer(const std::string& what) {
  std::error_code error;
  if (fs::is_regular_file(what, error)) return fs::path(what);
  const auto found = ScenarioLibrary::of_this_process().find(what);
  if (!found) {
    return Error{fmt::format("--balancer {}: no such file, and no scenario of that id", what)};
  }
  if (found->size() == 1) return found->front();
  return Error{fmt::format("--balancer {}: is {} scenarios; name one of them, or a balancer file",
                           what, found->size())};
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
  if (auto request = read_request(roles, options.balancers)) {
    options.roles = std::move(*request);
  } else {
    errors.push_back(std::move(request.error().message));
  }
  return errors;
}

}  // namespace elblab::cli
