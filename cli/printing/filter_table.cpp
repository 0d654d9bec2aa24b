#include "cli/printing/filter_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "cli/text/text_table.hpp"
#include "scenarios/language/access_sections.hpp"
#include "scenarios/language/object_names.hpp"

namespace elblab::cli {
namespace {

using config::PacketRule;
using language::HostSpec;
using PacketRules = std::vector<PacketRule>;

// Of a list; what follows is counted.
constexpr std::size_t kMostShown = 8;

std::string subnets_text(const std::vector<net::Subnet>& subnets) {
  std::vector<std::string> shown;
  for (const net::Subnet& subnet : subnets) {
    if (shown.size() == kMostShown) {
      shown.push_back(fmt::format("… {} in all", subnets.size()));
      break;
    }
    shown.push_back(subnet.to_string());
  }
  return fmt::format("{}", fmt::join(shown, ", "));
}

std::string rule_text(const PacketRule& rule, std::string_view refusal) {
  std::string text = fmt::format("{} {}", rule.allow ? "allow" : refusal,
                                 language::traffic().write(rule.traffic).text);
  if (!rule.from.empty()) text += " from " + subnets_text(rule.from);
  if (!rule.from_ports.empty()) {
    std::vector<std::string> ports;
    for (const config::PortRange& range : rule.from_ports) {
      ports.push_back(language::port_range().write(range).text);
    }
    text += fmt::format(" from ports {}", fmt::join(ports, " "));
  }
  if (!rule.to.empty()) text += " to " + subnets_text(rule.to);
  return text;
}

std::vector<std::string> rule_texts(const PacketRules& rules, std::string_view refusal,
                                    const std::string& otherwise) {
  std::vector<std::string> texts;
  for (const PacketRule& rule : rules) {
    if (texts.size() == kMostShown) {
      texts.push_back(fmt::format("… {} rules in all", rules.size()));
      break;
    }
    texts.push_back(rule_text(rule, refusal));
  }
  texts.push_back(otherwise);
  return texts;
}

struct Filter {
  std::string name;
  std::string kind;
  std::vector<std::string> in;
  std::vector<std::string> out;

  bool same_rules(const Filter& other) const { return in == other.in && out == other.out; }
};

Filter firewall_of(const HostSpec& host) {
  return {host.name, "firewall", rule_texts(host.firewall->in, "drop", "allow the rest"),
          rule_texts(host.firewall->out, "drop", "allow the rest")};
}

std::string members_of(const language::Scenario& scenario, const std::string& group) {
  std::vector<std::string> members;
  std::size_t count = 0;
  for (const HostSpec& host : scenario.hosts) {
    const auto& groups = host.security_groups;
    if (std::find(groups.begin(), groups.end(), group) == groups.end()) continue;
    if (++count <= kMostShown) members.push_back(host.name);
  }
  if (count > kMostShown) members.push_back(fmt::format("… {} in all", count));
  return fmt::format("security group of {}", fmt::join(members, ", "));
}

std::vector<Filter> filters_of(const language::Scenario& scenario) {
  std::vector<Filter> filters;
  for (const language::SubnetSpec& subnet : scenario.subnets) {
    if (!subnet.acl) continue;
    filters.push_back({subnet.name, "network ACL",
                       rule_texts(subnet.acl->in, "deny", "deny the rest"),
                       rule_texts(subnet.acl->out, "deny", "deny the rest")});
  }
  for (const config::SecurityGroup& group : scenario.security_groups) {
    std::string answers = group.stateful ? "allow answers" : "deny the rest";
    filters.push_back(
        {group.name, members_of(scenario, group.name), rule_texts(group.in, "", answers),
         group.out ? rule_texts(*group.out, "", answers) : std::vector<std::string>{"allow all"}});
  }
  std::optional<Filter> first;  // hosts that have the same rules stand together
  for (const HostSpec& host : scenario.hosts) {
    if (!host.firewall) continue;
    Filter firewall = firewall_of(host);
    if (first && first->same_rules(firewall)) {
      filters.back().name = first->name + " … " + host.name;
      continue;
    }
    first = firewall;
    filters.push_back(std::move(firewall));
  }
  return filters;
}

void add_rules(const Filter& filter, const std::vector<std::string>& rules,
               std::string_view direction, TextTable& table, const Terminal& out) {
  const bool first = direction == "in";
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const bool named = first && i == 0;
    table.add({named ? filter.name : "", named ? out.styled(filter.kind, Style::dim) : "",
               i == 0 ? std::string(direction) : "", rules[i]});
  }
}

void add_access_lists(const language::Scenario& scenario, TextTable& table, const Terminal& out) {
  const language::Balancers balancers = scenario.balancers;
  for (std::size_t i = 0; i < balancers.size(); ++i) {
    for (const config::Listener& listener : balancers[i].listeners) {
      if (!listener.access) continue;
      const bool whitelist = listener.access->kind == config::AccessControl::Kind::whitelist;
      const std::string whom =
          listener.access->entries.empty() ? "nobody" : subnets_text(listener.access->entries);
      table.add({language::listener_object(balancers, i, listener.name),
                 out.styled("listener", Style::dim), whitelist ? "only" : "not", whom});
    }
  }
}

}  // namespace

std::string filter_table(const language::Scenario& scenario, const Terminal& out) {
  TextTable table(4, "llll");
  for (const Filter& filter : filters_of(scenario)) {
    add_rules(filter, filter.in, "in", table, out);
    add_rules(filter, filter.out, "out", table, out);
  }
  add_access_lists(scenario, table, out);
  const std::string rows = table.text();
  return rows.empty() ? rows
                      : fmt::format("  {}\n{}", out.styled("what may pass", Style::bold), rows);
}

}  // namespace elblab::cli
