#include "cli/captures/balancer_setting.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/language/balancer_file.hpp"
#include "scenarios/language/scenario_file.hpp"

namespace elblab::cli {
namespace {

using language::HostRole;
using language::HostSpec;

bool is_udp(config::ListenerProtocol protocol) { return protocol == config::ListenerProtocol::udp; }

void add_service(HostSpec& host, std::uint16_t port, bool udp) {
  const auto same = [&](const workload::ServerParameters& s) {
    return s.port == port && s.udp == udp;
  };
  if (std::any_of(host.services.begin(), host.services.end(), same)) return;
  workload::ServerParameters service;
  service.port = port;
  service.udp = udp;
  host.services.push_back(service);
}

HostSpec& host_of(language::Scenario& scenario, const config::Server& server) {
  for (HostSpec& host : scenario.hosts) {
    if (host.addresses.front() == server.address) return host;
  }
  HostSpec host;
  host.name = server.name;
  host.role = HostRole::server;
  host.addresses = {server.address};
  host.link.kind = language::LinkKind::pooled;
  host.link.rate_bits_per_second = 10e9;
  scenario.hosts.push_back(host);
  return scenario.hosts.back();
}

// A host for each server address, with a service for each port that a listener leads to.
void add_server_hosts(language::Scenario& scenario) {
  for (const config::Listener& listener : scenario.balancers.front().listeners) {
    const config::BackendGroup* const group = scenario.balancers.front().find_group(listener.group);
    if (group == nullptr) continue;
    for (const config::Server& server : group->servers) {
      add_service(host_of(scenario, server), server.port, is_udp(listener.protocol));
    }
  }
}

BalancerSetting from_balancer_file(const std::filesystem::path& path) {
  BalancerSetting setting;
  auto loaded = language::load_balancer_file(path);
  for (const auto& error : loaded.errors) setting.errors.push_back(error.to_string());
  if (loaded.balancers.empty()) return setting;
  setting.scenario.balancers = std::move(loaded.balancers);
  setting.scenario.source_text = std::move(loaded.source_text);
  setting.scenario.profile = std::string(setting.scenario.balancers.front().profile->name);
  add_server_hosts(setting.scenario);
  setting.client.name = "clients";
  setting.client.link.kind = language::LinkKind::pooled;
  setting.client.link.rate_bits_per_second = 10e9;
  return setting;
}

std::vector<language::Override> overrides_of(const std::vector<std::string>& settings,
                                             std::vector<std::string>& errors) {
  std::vector<language::Override> overrides;
  for (const std::string& text : settings) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      errors.push_back(
          fmt::format("--set {}: expected path=value, for example hosts.c1.time_wait=10s", text));
    } else {
      overrides.push_back({text.substr(0, equals), text.substr(equals + 1)});
    }
  }
  return overrides;
}

BalancerSetting from_scenario_file(const std::filesystem::path& path,
                                   const std::vector<std::string>& settings) {
  BalancerSetting setting;
  const auto overrides = overrides_of(settings, setting.errors);
  const auto loaded = language::ScenarioFile::load(path);
  for (const auto& error : loaded.errors) setting.errors.push_back(error.to_string());
  if (!setting.errors.empty()) return setting;
  auto decoded = loaded.file->decode(loaded.file->runs().front(), overrides);
  for (const auto& error : decoded.errors) setting.errors.push_back(error.to_string());
  if (!decoded.scenario) return setting;
  setting.scenario = std::move(*decoded.scenario);
  setting.scenario.workloads.clear();
  setting.scenario.timeline.clear();
  setting.scenario.expectations.clear();
  setting.scenario.curves.clear();
  auto& hosts = setting.scenario.hosts;
  const auto is_client = [](const HostSpec& host) { return host.role == HostRole::client; };
  const auto client = std::find_if(hosts.begin(), hosts.end(), is_client);
  setting.client.name = "clients";
  if (client != hosts.end()) setting.client = *client;
  hosts.erase(std::remove_if(hosts.begin(), hosts.end(), is_client), hosts.end());
  return setting;
}

}  // namespace

BalancerSetting load_balancer_setting(const std::filesystem::path& path,
                                      const std::vector<std::string>& settings) {
  const bool balancer_file = language::is_balancer_file(path);
  BalancerSetting setting =
      balancer_file ? from_balancer_file(path) : from_scenario_file(path, settings);
  if (setting.scenario.balancers.size() > 1) {
    setting.errors.push_back(fmt::format(
        "{}: has {} balancers; conversations are played behind one: leave one in the file",
        path.string(), setting.scenario.balancers.size()));
  }
  if (balancer_file && !settings.empty()) {
    setting.errors.push_back(
        fmt::format("--set changes scenario files; {} is a balancer file: edit it", path.string()));
  }
  return setting;
}

}  // namespace elblab::cli
