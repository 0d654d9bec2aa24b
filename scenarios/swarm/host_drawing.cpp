#include "scenarios/swarm/host_drawing.hpp"

#include <fmt/format.h>

#include "scenarios/random/yaml_nodes.hpp"
#include "scenarios/swarm/places.hpp"
#include "scenarios/swarm/rules.hpp"

namespace elblab::swarm {
namespace {

using random_scenarios::Field;
using random_scenarios::host_names;
using random_scenarios::map_of;
using random_scenarios::plain;
using random_scenarios::scalar;
using random_scenarios::time_text;

Hosts hosts_named(const std::string& stem, unsigned first, unsigned last) {
  Hosts hosts;
  hosts.written = host_names(stem, first, last);
  for (unsigned i = first; i <= last; ++i) hosts.names.push_back(fmt::format("{}{}", stem, i));
  return hosts;
}

Node link_node(const Sketch& sketch, Draw& draw, bool may_be_ethernet = true) {
  Node link = map_of({{"rate", draw.one_of({"1Gbps", "100Mbps", "10Gbps"})},
                      {"delay", time_text(draw.scale(0.00002, 0.05))}});
  if (sketch.has(Feature::other_links) && draw.chance(0.5)) {
    const bool ethernet = draw.chance(0.5) && may_be_ethernet;
    link.put("kind", scalar(ethernet ? "csma" : "pooled"));
  }
  if (!sketch.has(Feature::bad_links)) return link;
  if (draw.chance(0.5)) {
    link.put("loss", scalar(draw.one_of({"0.1%", "1%", "5%", "20%", "100%"})));
  }
  if (draw.chance(0.3)) link.put("jitter", scalar(time_text(draw.scale(0.0001, 0.05))));
  if (draw.chance(0.3)) link.put("queue", scalar(draw.whole(1, 20)));
  if (draw.chance(0.2)) link.put("rate", scalar(draw.one_of({"64kbps", "1Mbps"})));
  return link;
}

void put_membership(Sketch& sketch, Draw& draw, Node& host) {
  if (sketch.has(Feature::security_groups) && draw.chance(0.6)) {
    join_security_group(sketch, draw, host);
  }
  if (sketch.has(Feature::firewall) && draw.chance(0.4)) host.put("firewall", firewall_node(draw));
}

void put_sysctls(const Sketch& sketch, Draw& draw, Node& host) {
  if (!sketch.has(Feature::sysctls)) return;
  Node sysctl = Node::map();
  const auto maybe = [&](const char* name, const std::string& value) {
    if (draw.chance(0.25)) sysctl.put(name, scalar(value));
  };
  maybe("net.ipv4.ip_local_port_range", draw.one_of({"32768 32799", "20000 20999", "1024 65535"}));
  maybe("net.ipv4.tcp_tw_reuse", draw.one_of({"0", "1", "2"}));
  maybe("net.ipv4.tcp_timestamps", draw.one_of({"0", "1", "2"}));
  maybe("net.ipv4.tcp_syncookies", draw.one_of({"0", "1", "2"}));
  maybe("net.core.somaxconn", draw.one_of({"0", "1", "4", "4096"}));
  maybe("net.ipv4.tcp_max_tw_buckets", draw.one_of({"0", "1", "50"}));
  maybe("net.ipv4.tcp_abort_on_overflow", draw.one_of({"0", "1"}));
  maybe("net.ipv4.tcp_rfc1337", draw.one_of({"0", "1"}));
  maybe("net.ipv4.tcp_fin_timeout", draw.one_of({"0", "1", "5"}));
  maybe("net.ipv4.icmp_ratelimit", draw.one_of({"0", "1000"}));
  maybe("net.ipv4.icmp_echo_ignore_all", draw.one_of({"0", "1"}));
  if (!sysctl.entries.empty()) host.put("sysctl", std::move(sysctl));
}

// Of the Linux model: the TCP of ns-3 has none of them.
void put_habits(const Sketch& sketch, Draw& draw, Node& host) {
  put_sysctls(sketch, draw, host);
  if (draw.chance(0.2)) {
    host.put("time_wait", scalar(draw.one_of({"0s", "1s", "60s"})));
  }
  if (draw.chance(0.1)) host.put("initial_sequence", scalar("random"));
}

void put_stack(const Sketch& sketch, Draw& draw, Hosts& hosts, Node& host) {
  if (!sketch.has(Feature::ns3_hosts) || !draw.chance(0.4)) return;
  hosts.ns3 = true;
  host.put("stack", scalar("ns3"));
}

void add(Sketch& sketch, std::vector<Hosts>& into, Hosts hosts, Node host) {
  sketch.section("hosts").put(hosts.written, std::move(host));
  into.push_back(std::move(hosts));
}

void add_clients(Sketch& sketch, Draw& draw, const std::string& stem, Field place) {
  Hosts hosts = hosts_named(stem, 1, draw.whole(1, 3));
  Node host = map_of({std::move(place), {"link", link_node(sketch, draw)}});
  put_stack(sketch, draw, hosts, host);
  if (!hosts.ns3 && draw.chance(0.4)) host.put("addresses", scalar(draw.whole(2, 12)));
  put_membership(sketch, draw, host);
  if (!hosts.ns3) put_habits(sketch, draw, host);
  add(sketch, sketch.clients, std::move(hosts), std::move(host));
}

void add_v6_clients(Sketch& sketch, Draw& draw) {
  Hosts hosts = hosts_named("v", 1, 1);
  hosts.is_v6 = true;
  Node host = map_of(
      {{"role", "client"}, {"addresses", "2001:db8:1::10"}, {"link", link_node(sketch, draw)}});
  add(sketch, sketch.clients, std::move(hosts), std::move(host));
}

void add_nat(Sketch& sketch, Draw& draw) {
  const unsigned first = draw.one_of({1024U, 2000U, 60000U});
  const bool node = draw.chance(0.3);
  Node nat = map_of({{"ports", fmt::format("{}-{}", first, first + draw.whole(3, 2000))},
                     {"addresses", node ? 1 : draw.whole(1, 3)}});
  if (draw.chance(0.6)) {
    nat.put("order", scalar(draw.one_of({"random", "sequential", "preserve"})));
    nat.put("mapping", scalar(draw.one_of({"endpoint_independent", "per_destination"})));
    nat.put("quarantine", scalar(draw.one_of({"0s", "1s", "60s"})));
  }
  if (draw.chance(0.2)) nat.put("session_limit", scalar(draw.whole(1, 40)));
  Node box = map_of({{node ? "container_node" : "nat", std::move(nat)}});
  if (has_subnets(sketch)) box.put("subnet", scalar(kInternet));
  if (draw.chance(0.5)) box.put("link", link_node(sketch, draw, false));
  sketch.section("middleboxes").put("nat1", std::move(box));
  add_clients(sketch, draw, "h", {"behind", "nat1"});
}

Node service_node(const Sketch& sketch, Draw& draw) {
  Node service = Node::map();
  if (draw.chance(0.5)) service.put("time", scalar(time_text(draw.scale(0.0001, 0.3))));
  if (!sketch.has(Feature::busy_servers)) return service;
  if (draw.chance(0.5)) {
    service.put("cpus", scalar(draw.whole(1, 4)));
    service.put("cpu_time", scalar(time_text(draw.scale(0.0005, 0.2))));
    service.put("cpu_time_distribution", scalar(draw.one_of({"fixed", "exponential"})));
  }
  if (draw.chance(0.4)) {
    service.put("accept_rate", scalar(plain(draw.scale(0.5, 500)) + "/s"));
  }
  if (draw.chance(0.4)) service.put("backlog", scalar(draw.whole(0, 10)));
  if (draw.chance(0.1)) service.put("listening", scalar(false));
  if (draw.chance(0.1)) {
    service.put("deny", random_scenarios::list_of({scalar("100.125.0.0/16")}));
  }
  if (draw.chance(0.2)) {
    service.put("pages", map_of({{"/", draw.one_of({"200", "503", "302"})}, {"/health", "200"}}));
  }
  return service;
}

void add_servers(Sketch& sketch, Draw& draw, unsigned first, unsigned last) {
  Hosts hosts = hosts_named("b", first, last);
  Node host = Node::map();
  if (has_subnets(sketch)) {
    host.put("subnet", scalar(server_subnet(sketch, draw)));
  } else {
    host.put("role", scalar("server"));
  }
  host.put("link", link_node(sketch, draw));
  put_stack(sketch, draw, hosts, host);
  Node service = service_node(sketch, draw);
  if (!service.entries.empty()) host.put("service", std::move(service));
  put_membership(sketch, draw, host);
  if (!hosts.ns3) put_sysctls(sketch, draw, host);
  add(sketch, sketch.servers, std::move(hosts), std::move(host));
}

Field client_place(const Sketch& sketch) {
  return has_subnets(sketch) ? Field{"subnet", kInternet} : Field{"role", "client"};
}

}  // namespace

void draw_hosts(Sketch& sketch, Draw& draw) {
  add_clients(sketch, draw, "c", client_place(sketch));
  if (draw.chance(0.3)) add_clients(sketch, draw, "d", client_place(sketch));
  if (sketch.has(Feature::site)) add_clients(sketch, draw, "pc", {"subnet", kOffice});
  if (sketch.has(Feature::nat)) add_nat(sketch, draw);
  if (sketch.has(Feature::ip_v6) && !has_subnets(sketch)) add_v6_clients(sketch, draw);
  unsigned next = 1;
  const unsigned kinds = draw.whole(1, 3);
  for (unsigned i = 0; i < kinds; ++i) {
    const unsigned last = next + draw.whole(0, 2);
    add_servers(sketch, draw, next, last);
    next = last + 1;
  }
}

void draw_relays(Sketch& sketch, Draw& draw) {
  if (!sketch.has(Feature::relay)) return;
  std::vector<SketchedListener> goals;
  for (const auto& listener : sketch.listeners) {
    if (listener.tcp && listener.first_port == listener.last_port) goals.push_back(listener);
  }
  if (goals.empty()) return;
  const SketchedListener& goal = any_of(draw, goals);
  Node relay = map_of({{"to", goal.balancer + "/" + goal.name}});
  if (draw.chance(0.5)) {
    relay.put("egress", scalar(draw.one_of({"per_request", "per_connection", "per_client"})));
  }
  if (draw.chance(0.3)) relay.put("keep_alive", scalar(draw.one_of({"100ms", "2s", "30s"})));
  if (draw.chance(0.3)) relay.put("connections", scalar(draw.whole(1, 20)));
  if (draw.chance(0.3)) relay.put("queue", scalar(draw.whole(0, 20)));
  if (draw.chance(0.2)) relay.put("timeout", scalar(draw.one_of({"200ms", "3s"})));
  Node host = map_of({client_place(sketch),
                      {"addresses", draw.whole(1, 16)},
                      {"link", link_node(sketch, draw)},
                      {draw.one_of({"cdn", "waf"}), std::move(relay)}});
  sketch.section("hosts").put("front", std::move(host));
  sketch.relays.emplace_back("front");
}

}  // namespace elblab::swarm
