// What support asks for: the identity and the configuration of the balancer (DIAG-21).
#include <fmt/format.h>

#include <map>
#include <vector>

#include "analysis/metrics/health.hpp"
#include "analysis/reports/cells.hpp"
#include "analysis/reports/sections.hpp"

namespace elblab::reports {
namespace {

std::string port_text(const config::PortRange& range) {
  return range.first == range.last ? std::to_string(range.first)
                                   : fmt::format("{}-{}", range.first, range.last);
}

std::string health_check_text(const config::BackendGroup& group) {
  if (!group.health_check) return "off";
  const auto& check = *group.health_check;
  return fmt::format("{}, {}, every {} s, timeout {} s, {} retries",
                     config::to_string(check.protocol),
                     check.port ? "port " + std::to_string(*check.port) : "port of the server",
                     to_seconds(check.interval), to_seconds(check.timeout), check.retries);
}

std::string servers_text(const config::BackendGroup& group) {
  std::vector<std::string> servers;
  for (const auto& server : group.servers) {
    const bool is_v6 = !server.address.is_v4();
    servers.push_back(fmt::format("{} ({}{}{}:{}, weight {}{})", server.name, is_v6 ? "[" : "",
                                  server.address.to_string(), is_v6 ? "]" : "", server.port,
                                  server.weight, server.member ? "" : ", added during the run"));
  }
  return fmt::format("{}", fmt::join(servers, ", "));
}

// What the console displayed at the end of the run, of each server of the group.
std::string health_result_text(const std::vector<metrics::ServerHealth>& health,
                               const std::string& balancer, const config::BackendGroup& group) {
  if (!group.health_check) return "–";
  std::vector<std::string> results;
  for (const auto& server : group.servers) {
    const std::string name = group.name + "/" + server.name;
    for (const auto& found : health) {
      if (found.server != name && found.server != balancer + "/" + name) continue;
      if (found.displayed.spans.empty()) continue;
      results.push_back(server.name + " " + found.displayed.spans.back().verdict);
    }
  }
  return results.empty() ? "not in the trace" : fmt::format("{}", fmt::join(results, ", "));
}

// A row per field. Listeners and what is behind them follow each other.
void add_balancer(const config::LoadBalancer& balancer,
                  const std::vector<metrics::ServerHealth>& health, Table& table) {
  const auto add = [&](const std::string& field, std::string value) {
    table.rows.push_back({text_cell(field, Tone::dim), text_cell(std::move(value))});
  };
  add("load balancer ID", balancer.name);
  add("VPC (backend subnet)", balancer.backend_subnet.to_string());
  add("load balancer address",
      balancer.address.to_string() +
          (balancer.address_v6 ? ", " + balancer.address_v6->to_string() : ""));
  add("profile", std::string(balancer.profile->name));
  for (const auto& listener : balancer.listeners) {
    add("listener ID", listener.name);
    add("frontend protocol, port",
        fmt::format("{}, {}", config::to_string(listener.protocol), port_text(listener.port)));
    const auto* group = balancer.find_group(listener.group);
    if (group == nullptr) continue;
    add("health check protocol, port", health_check_text(*group));
    add("health check result", health_result_text(health, balancer.name, *group));
    add("algorithm", std::string(config::to_string(group->algorithm)));
    add("server IDs", servers_text(*group));
  }
}

Table support_table(const ReportedRun& run) {
  Table table;
  table.name = "support_of_" + run.label;
  table.columns = {{"field", "field"}, {"value", "value"}};
  const auto health = metrics::server_health(*run.trace);
  for (const config::LoadBalancer& balancer : run.scenario->balancers) {
    add_balancer(balancer, health, table);
  }
  return table;
}

}  // namespace

Section support_section(const Runs& runs) {
  Section section{"support", "For a support request", {}};
  // Runs of one scenario mostly share their balancer: it is said once.
  std::map<std::string, Table> tables;  // by their text
  std::vector<std::string> order;
  for (const auto& run : runs) {
    if (!run.scenario) continue;
    Table table = support_table(run);
    std::string text;
    for (const auto& row : table.rows) text += row[1].text + "\n";
    if (tables.emplace(text, std::move(table)).second) order.push_back(text);
  }
  for (const auto& text : order) {
    Table& table = tables.at(text);
    if (order.size() == 1) table.name = "support";
    section.blocks.emplace_back(std::move(table));
  }
  return section;
}

}  // namespace elblab::reports
