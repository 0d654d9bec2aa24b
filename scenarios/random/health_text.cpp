#include "scenarios/random/health_text.hpp"

#include <fmt/format.h>

namespace elblab::random_scenarios {
namespace {

using Rules = HealthDraft::Rules;

Node rule(const char* verdict, const std::string& what) { return map_of({{verdict, what}}); }

Node empty_list() { return list_of({}); }

// What is let in: the service's datagrams and no ICMP, or another port altogether.
Node admitted(const HealthDraft& health) {
  const std::string what = health.udp ? fmt::format("udp {}", kServerPort) : "tcp 22";
  return list_of({rule("allow", what)});
}

Node acl_node(const HealthDraft& health) {
  Node all = list_of({rule("allow", "all")});
  return map_of({{"in", health.drops_answers ? all : admitted(health)},
                 {"out", health.drops_answers ? empty_list() : all}});
}

Node firewall_node(const HealthDraft& health) {
  if (health.closed) {  // what would tell that the port is
    return map_of({{"out", list_of({rule("drop", "icmp unreachable")})}});
  }
  const std::string what = health.udp ? "icmp" : health.drops_answers ? "tcp" : "";
  const std::string in = fmt::format("tcp {}", kServerPort);
  return map_of(
      {{health.drops_answers ? "out" : "in", list_of({rule("drop", what.empty() ? in : what)})}});
}

Node service_of(const HealthDraft& health) {
  const bool ports = health.other_port;
  return map_of({{"listening", only_if(health.closed, false)},
                 {"time", only_if(health.hangs, "1h")},
                 {"ports", ports ? std::optional(list_of({scalar(kOtherPort)})) : std::nullopt}});
}

Node sysctls_of(const HealthDraft& health) {
  return map_of({{"net.ipv4.icmp_echo_ignore_all", only_if(health.ignores_echo, "1")},
                 {"net.ipv4.icmp_ratemask", only_if(health.unlimited, "6160")},
                 {"net.ipv4.icmp_ratelimit", only_if(health.global_limit, "0")},
                 {"net.ipv4.icmp_msgs_per_sec", only_if(health.global_limit, "2")},
                 {"net.ipv4.icmp_msgs_burst", only_if(health.global_limit, "2")}});
}

}  // namespace

std::optional<Node> health_check_node(const Lane& lane) {
  if (!lane.health) return std::nullopt;
  const HealthDraft& health = *lane.health;
  return map_of({{"protocol", health.udp ? "udp" : "tcp"},
                 {"interval", time_text(health.interval)},
                 {"timeout", time_text(health.timeout)},
                 {"retries", health.retries},
                 {"port", only_if(health.port.has_value(), health.port.value_or(0))},
                 {"at_start", only_if(!health.known_at_start, "unknown")}});
}

std::optional<Node> unlisted_group_node(const Lane& lane) {
  if (!lane.health || !lane.health->without_listener) return std::nullopt;
  Node servers = map_of({{lane.server_names(), map_of({{"port", kServerPort}})}});
  // Of a group that a listener leads to it follows from that.
  return map_of({{"protocol", lane.health->udp ? "udp" : "tcp"},
                 {"servers", std::move(servers)},
                 {"health_check", health_check_node(lane)}});
}

void put_trouble(Node& host, const Lane& lane) {
  const HealthDraft& health = *lane.health;
  if (auto service = some(service_of(health))) host.put("service", std::move(*service));
  if (auto sysctls = some(sysctls_of(health))) host.put("sysctl", std::move(*sysctls));
  switch (health.rules) {
    case Rules::none:
      break;
    case Rules::security_group:
      host.put("security_groups", list_of({scalar(lane.name + "g")}));
      break;
    case Rules::network_acl:
      host.put("subnet", scalar(lane.name + "n"));
      break;
    case Rules::firewall:
      host.put("firewall", firewall_node(health));
      break;
  }
}

std::optional<Node> security_groups_node(const Draft& draft) {
  Node groups = Node::map();
  for (const Lane& lane : draft.lanes) {
    if (!lane.health || lane.health->rules != Rules::security_group) continue;
    groups.put(lane.name + "g", map_of({{"in", admitted(*lane.health)}}));
  }
  return some(std::move(groups));
}

std::optional<Node> subnets_node(const Draft& draft) {
  Node subnets = Node::map();
  for (const Lane& lane : draft.lanes) {
    if (!lane.health || lane.health->rules != Rules::network_acl) continue;
    subnets.put(lane.name + "n",
                map_of({{"cidr", "192.168.77.0/24"}, {"acl", acl_node(*lane.health)}}));
  }
  return some(std::move(subnets));
}

}  // namespace elblab::random_scenarios
