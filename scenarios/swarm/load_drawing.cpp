#include "scenarios/swarm/load_drawing.hpp"

#include <fmt/format.h>

#include "scenarios/random/yaml_nodes.hpp"

namespace elblab::swarm {
namespace {

using random_scenarios::map_of;
using random_scenarios::plain;
using random_scenarios::scalar;
using random_scenarios::time_text;

std::string rate_text(double per_second) { return plain(per_second) + "/s"; }

// One kind of load towards a TCP or a UDP listener.
void put_kind(const Sketch& sketch, Draw& draw, bool tcp, bool quic, Node& load) {
  if (quic) {
    load.put("quic", scalar(draw.whole(1, 12)));
    load.put("requests", scalar(rate_text(draw.scale(0.5, 40))));
    if (draw.chance(0.4)) load.put("address_change", scalar(time_text(draw.uniform(0.5, 4))));
  } else if (!tcp) {
    load.put("datagrams", scalar(rate_text(draw.scale(0.5, 60))));
  } else if (sketch.has(Feature::kept_connections) && draw.chance(0.5)) {
    load.put("persistent", scalar(draw.whole(1, 30)));
    load.put("requests", scalar(rate_text(draw.chance(0.2) ? 0 : draw.scale(0.5, 60))));
  } else if (sketch.has(Feature::users) && draw.chance(0.5)) {
    load.put("users", scalar(draw.whole(1, 30)));
    load.put("think_time", scalar(time_text(draw.uniform(0.1, 2))));
    if (draw.chance(0.4)) load.put("sessions", scalar("shared"));
  } else {
    load.put("short_connections", scalar(rate_text(draw.scale(0.5, 60))));
  }
}

void put_manners(const Sketch& sketch, Draw& draw, bool tcp, Node& load) {
  load.put("begin", scalar(time_text(draw.uniform(0, 0.4 * sketch.duration_s))));
  if (draw.chance(0.6)) {
    load.put("for", scalar(time_text(draw.uniform(0.1, 0.6) * sketch.duration_s)));
  }
  // A datagram is one packet.
  const unsigned many = tcp ? 9000U : 1000U;
  load.put("request", scalar(fmt::format("{}B", draw.one_of({24U, 200U, 1000U, many}))));
  const unsigned most = draw.chance(0.1) && tcp ? 200'000U : many;
  load.put("response", scalar(fmt::format("{}B", draw.one_of({0U, 1U, 1024U, 1024U, most}))));
  load.put("request_timeout", scalar(time_text(draw.scale(0.1, 10))));
  if (draw.chance(0.4)) load.put("retries", scalar(draw.whole(1, 3)));
  if (!tcp) return;
  if (draw.chance(0.3)) load.put("closes", scalar("server"));
  if (draw.chance(0.2)) load.put("close_with", scalar("rst"));
  if (draw.chance(0.2)) load.put("hold", scalar(time_text(draw.scale(0.001, 2))));
}

std::vector<Hosts> fitting_clients(const Sketch& sketch, bool tcp) {
  std::vector<Hosts> fitting;
  for (const Hosts& hosts : sketch.clients) {
    if (!hosts.is_v6 && (tcp || !hosts.ns3)) fitting.push_back(hosts);
  }
  return fitting;
}

void add_load(Sketch& sketch, Draw& draw, unsigned index) {
  const SketchedListener& listener = any_of(draw, sketch.listeners);
  const auto clients = fitting_clients(sketch, listener.tcp);
  if (clients.empty()) return;
  const bool by_relay = !sketch.relays.empty() && draw.chance(0.5);
  const bool direct = !by_relay && draw.chance(0.08);
  Node load = map_of({{"from", any_of(draw, clients).written}});
  if (by_relay) {
    load.put("to", scalar(sketch.relays.front()));
  } else if (direct) {
    load.put("to", scalar(any_of(draw, sketch.groups).servers.front()));
    load.put("port", scalar(9000U));
  } else {
    load.put("to", scalar(listener.balancer + "/" + listener.name));
    if (listener.last_port != listener.first_port && draw.chance(0.7)) {
      load.put("port", scalar(draw.whole(listener.first_port, listener.last_port)));
    }
  }
  const bool tcp = by_relay || listener.tcp;
  put_kind(sketch, draw, tcp, !by_relay && listener.quic, load);
  put_manners(sketch, draw, tcp, load);
  sketch.section("workload").put(fmt::format("w{}", index), std::move(load));
}

std::string any_server(const Sketch& sketch, Draw& draw) {
  return any_of(draw, any_of(draw, sketch.servers).names);
}

Node fault_node(const Sketch& sketch, Draw& draw) {
  const std::string host = any_server(sketch, draw);
  const SketchedGroup& group = any_of(draw, sketch.groups);
  const std::string prefix = sketch.balancers.size() > 1 ? group.balancer + "/" : "";
  const std::string member = prefix + group.name + "/" + any_of(draw, group.servers);
  switch (draw.whole(0, 7)) {
    case 0:
      return map_of({{draw.one_of({"link_down", "link_up"}), host}});
    case 1:
      return map_of({{draw.one_of({"stop_service", "start_service"}), host}});
    case 2:
      return map_of({{"set_loss", host}, {"loss", draw.one_of({"0%", "3%", "100%"})}});
    case 3:
      return map_of({{draw.one_of({"disable_server", "enable_server"}), member}});
    case 4:
      return map_of({{"set_weight", member}, {"weight", draw.one_of({0U, 1U, 50U})}});
    case 5:
      return map_of({{"set_sysctl", host},
                     {"name", "net.core.somaxconn"},
                     {"value", draw.one_of({0U, 1U, 4096U})}});
    default:
      if (sketch.zones.empty()) return map_of({{"link_down", host}});
      return map_of({{draw.one_of({"zone_down", "zone_up"}), any_of(draw, sketch.zones)}});
  }
}

Node operation_node(const Sketch& sketch, Draw& draw) {
  const SketchedGroup& group = any_of(draw, sketch.groups);
  const std::string path = fmt::format("balancers.{}.groups.{}", group.balancer, group.name);
  const std::string server = path + ".servers." + any_of(draw, group.servers);
  const auto set = [](const std::string& what, const Node& value) {
    Node paths = Node::map();
    paths.put(what, value);
    return map_of({{"set", std::move(paths)}});
  };
  switch (draw.whole(0, 5)) {
    case 0:
      return map_of({{"remove", random_scenarios::list_of({scalar(server)})}});
    case 1:
      return set(path + ".algorithm",
                 scalar(draw.one_of({"weighted_least_connections", "source_ip_hash"})));
    case 2:
      return set(fmt::format("balancers.{}.frozen", group.balancer), scalar(draw.chance(0.5)));
    case 3:
      return set(path + ".deregistration_delay", scalar(draw.one_of({"1s", "10s"})));
    default:
      return set(server + ".weight", scalar(draw.one_of({0U, 3U, 100U})));
  }
}

}  // namespace

void draw_loads(Sketch& sketch, Draw& draw) {
  sketch.section("workload");
  const unsigned count = draw.whole(1, 4);
  for (unsigned i = 1; i <= count; ++i) add_load(sketch, draw, i);
}

void draw_timeline(Sketch& sketch, Draw& draw) {
  std::vector<Node> entries;
  // Until `latest` of the run: what an operator changes takes a while to take effect.
  const auto add = [&](Node action, double latest) {
    const std::string at = time_text(draw.uniform(0, latest) * sketch.duration_s);
    action.entries.insert(action.entries.begin(), {"at", {}, scalar(at)});
    entries.push_back(std::move(action));
  };
  if (sketch.has(Feature::faults)) {
    for (unsigned i = draw.whole(1, 4); i > 0; --i) add(fault_node(sketch, draw), 0.95);
  }
  if (sketch.has(Feature::operations)) {
    for (unsigned i = draw.whole(1, 3); i > 0; --i) add(operation_node(sketch, draw), 0.5);
  }
  if (!entries.empty()) sketch.tree.put("timeline", random_scenarios::list_of(std::move(entries)));
}

}  // namespace elblab::swarm
