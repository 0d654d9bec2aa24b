// What support asks for: the identity and the configuration of the balancer (DIAG-21).
#include <fmt/format.h>

#include <set>

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
    servers.push_back(fmt::format("{} ({}{}{}:{}, weight {})", server.name, is_v6 ? "[" : "",
                                  server.address.to_string(), is_v6 ? "]" : "", server.port,
                                  server.weight));
  }
  return fmt::format("{}", fmt::join(servers, ", "));
}

class SupportTable {
 public:
  SupportTable(const Runs& runs, const ReportedRun& run) : runs_(runs), run_(run) {}

  void fill(Table& table) {
    const config::LoadBalancer& balancer = run_.scenario->balancer;
    add(table, "load balancer ID", balancer.name);
    add(table, "VPC (backend subnet)", balancer.backend_subnet.to_string());
    add(table, "load balancer address",
        balancer.address.to_string() +
            (balancer.address_v6 ? ", " + balancer.address_v6->to_string() : ""));
    add(table, "profile", run_.scenario->profile);
    for (const auto& listener : balancer.listeners) {
      add(table, "listener ID", listener.name);
      add(table, "frontend protocol, port",
          fmt::format("{}, {}", config::to_string(listener.protocol), port_text(listener.port)));
      const auto* group = balancer.find_group(listener.group);
      if (group == nullptr) continue;
      add(table, "health check", health_check_text(*group));
      add(table, "health check result", "not recorded in this trace");
      add(table, "algorithm", std::string(config::to_string(group->algorithm)));
      add(table, "server IDs", servers_text(*group));
    }
  }

 private:
  void add(Table& table, const std::string& field, std::string value) {
    add_row(table, runs_, run_, {text_cell(field), text_cell(std::move(value))});
  }

  const Runs& runs_;
  const ReportedRun& run_;
};

}  // namespace

Section support_section(const Runs& runs) {
  Section section{"support", "For a support request", {}};
  Table table = table_of(runs, "support", {{"field", "field"}, {"value", "value"}});
  // Runs of one scenario mostly share their balancer: it is said once.
  std::set<std::string> told;
  for (const auto& run : runs) {
    if (!run.scenario) continue;
    Table own = table_of(runs, "support", {});
    SupportTable(runs, run).fill(own);
    std::string text;
    for (const auto& row : own.rows) text += row.back().text + "\n";
    if (!told.insert(text).second) continue;
    table.rows.insert(table.rows.end(), own.rows.begin(), own.rows.end());
  }
  if (!table.rows.empty()) section.blocks.emplace_back(std::move(table));
  return section;
}

}  // namespace elblab::reports
