#include "scenarios/swarm/balancer_drawing.hpp"

#include <fmt/format.h>

#include "scenarios/random/yaml_nodes.hpp"
#include "scenarios/swarm/rules.hpp"

namespace elblab::swarm {
namespace {

using random_scenarios::map_of;
using random_scenarios::scalar;
using random_scenarios::time_text;

constexpr unsigned kServerPort = 9000;

struct Balancer {
  std::string name;
  std::string_view profile = "dedicated";
  unsigned nodes = 2;
  Node listeners = Node::map();
  Node groups = Node::map();

  // What only newer profiles have is left out of the others' drawings.
  bool is_dedicated() const { return profile == "dedicated"; }
  bool is_oldest() const { return profile == "shared-2020"; }
};

Node check_node(Draw& draw, bool tcp) {
  Node check = map_of({{"protocol", tcp ? draw.one_of({"tcp", "tcp", "http"}) : "udp"},
                       {"interval", fmt::format("{}s", draw.whole(1, 4))},
                       {"timeout", fmt::format("{}s", draw.whole(1, 3))},
                       {"retries", draw.whole(1, 4)}});
  if (draw.chance(0.2)) check.put("at_start", scalar("unknown"));
  if (draw.chance(0.1)) check.put("port", scalar(draw.one_of({81U, kServerPort})));
  return check;
}

Node stickiness_node(Draw& draw) {
  Node stickiness = map_of({{"type", "source_ip"}});
  if (draw.chance(0.5)) stickiness.put("duration", scalar(fmt::format("{}min", draw.whole(1, 3))));
  if (draw.chance(0.4)) stickiness.put("timer", scalar(draw.one_of({"sliding", "fixed"})));
  if (draw.chance(0.4)) stickiness.put("table", scalar(draw.one_of({"shared", "per_node"})));
  if (draw.chance(0.2)) stickiness.put("capacity", scalar(draw.whole(1, 8)));
  return stickiness;
}

// Not every algorithm goes with sticky sessions on every profile.
void put_choice(const Sketch& sketch, Draw& draw, const Balancer& balancer, bool quic,
                Node& group) {
  std::string_view algorithm = "weighted_round_robin";
  if (!quic && sketch.has(Feature::algorithms)) {
    algorithm =
        draw.one_of({"weighted_round_robin", "weighted_least_connections", "source_ip_hash"});
    group.put("algorithm", scalar(std::string(algorithm)));
    if (algorithm == "source_ip_hash" && draw.chance(0.4)) {
      group.put("source_hash", map_of({{"kind", draw.one_of({"consistent", "table"})},
                                       {"seed", draw.whole(0, 9)}}));
    }
  }
  const bool fits = algorithm == "weighted_round_robin" ||
                    (algorithm == "weighted_least_connections" && !balancer.is_oldest());
  if (fits && sketch.has(Feature::stickiness) && draw.chance(0.7)) {
    group.put("stickiness", stickiness_node(draw));
  }
}

Node servers_node(const Sketch& sketch, Draw& draw, std::vector<std::string>& names) {
  Node servers = Node::map();
  for (const Hosts& hosts : sketch.servers) {
    for (const std::string& name : hosts.names) {
      if (!names.empty() && draw.chance(0.3)) continue;
      Node server = map_of({{"port", kServerPort}});
      if (sketch.has(Feature::weights) && draw.chance(0.6)) {
        server.put("weight", scalar(draw.one_of({0U, 1U, 2U, 7U, 100U})));
      }
      servers.put(name, std::move(server));
      names.push_back(name);
    }
  }
  return servers;
}

void add_group(Sketch& sketch, Draw& draw, Balancer& balancer, const SketchedListener& listener) {
  SketchedGroup sketched{balancer.name, listener.group, {}, listener.tcp};
  Node servers = servers_node(sketch, draw, sketched.servers);
  Node group = map_of({{"servers", std::move(servers)}});
  if (listener.quic) group.put("protocol", scalar("quic"));
  put_choice(sketch, draw, balancer, listener.quic, group);
  if (sketch.has(Feature::health_checks) && draw.chance(0.7)) {
    group.put("health_check", check_node(draw, listener.tcp));
    if (draw.chance(0.3)) {
      group.put("no_healthy_server", scalar(draw.one_of({"refuse", "drop", "forward"})));
    }
    if (draw.chance(0.3)) group.put("unhealthy_connections", scalar("cut"));
  }
  if (sketch.has(Feature::operations) && !balancer.is_oldest() && draw.chance(0.5)) {
    group.put("deregistration_delay", scalar(draw.one_of({"1s", "3s", "300s"})));
  }
  balancer.groups.put(listener.group, std::move(group));
  sketch.groups.push_back(std::move(sketched));
}

Node listener_node(const Sketch& sketch, Draw& draw, const Balancer& balancer,
                   const SketchedListener& listener) {
  const bool range = listener.last_port != listener.first_port;
  Node node = map_of({{"protocol", listener.tcp ? "tcp" : "udp"},
                      {"port", range ? fmt::format("{}-{}", listener.first_port, listener.last_port)
                                     : fmt::format("{}", listener.first_port)},
                      {"group", listener.group}});
  if (sketch.has(Feature::address_modes) && !balancer.is_dedicated() && draw.chance(0.6)) {
    node.put("transfer_client_ip", scalar(draw.chance(0.5)));
  }
  if (range && draw.chance(0.4)) node.put("server_port", scalar("listening"));
  const bool sets_idle = listener.tcp ? !balancer.is_oldest() : balancer.is_dedicated();
  if (sketch.has(Feature::timers) && sets_idle && draw.chance(0.5)) {
    node.put("idle_timeout", scalar(fmt::format("{}s", draw.one_of({10U, 11U, 60U, 300U}))));
  }
  if (sketch.has(Feature::access_lists) && draw.chance(0.5)) {
    node.put("access", access_node(draw, !balancer.is_oldest()));
  }
  return node;
}

void add_listener(Sketch& sketch, Draw& draw, Balancer& balancer, unsigned index) {
  SketchedListener listener;
  listener.balancer = balancer.name;
  listener.name = fmt::format("l{}", index);
  listener.group = fmt::format("g{}", index);
  const bool dedicated = balancer.is_dedicated();
  listener.quic = dedicated && sketch.has(Feature::quic) && draw.chance(0.4);
  listener.tcp = !listener.quic && !(sketch.has(Feature::udp) && draw.chance(0.4));
  listener.first_port = 80 + 100 * index;
  listener.last_port = listener.first_port;
  if (dedicated && sketch.has(Feature::port_ranges) && draw.chance(0.4)) {
    listener.last_port += draw.whole(1, 20);
  }
  balancer.listeners.put(listener.name, listener_node(sketch, draw, balancer, listener));
  add_group(sketch, draw, balancer, listener);
  sketch.listeners.push_back(std::move(listener));
}

void put_address_modes(const Sketch& sketch, Draw& draw, const Balancer& balancer, Node& node) {
  if (!sketch.has(Feature::address_modes)) return;
  if (draw.chance(0.4)) {
    const unsigned first = draw.one_of({1024U, 5000U});
    node.put("source_pool",
             map_of({{"addresses", balancer.nodes * draw.whole(1, 2)},
                     {"ports", fmt::format("{}-{}", first, first + draw.whole(0, 200))}}));
    if (sketch.has(Feature::health_checks) && draw.chance(0.5)) {
      node.put("probe_source", scalar("source_pool"));
    }
  }
  if (balancer.is_dedicated() && draw.chance(0.2)) node.put("ip_as_backend", scalar(true));
  if (draw.chance(0.3)) node.put("conflict", scalar(draw.one_of({"ignore", "detect", "remap"})));
  if (draw.chance(0.3)) node.put("steering", scalar(draw.one_of({"client", "five_tuple"})));
}

void put_timers(const Sketch& sketch, Draw& draw, Node& node) {
  if (!sketch.has(Feature::timers)) return;
  node.put("tcp_timeouts", map_of({{"handshake", time_text(draw.scale(0.2, 60))},
                                   {"closing", time_text(draw.scale(0.2, 30))},
                                   {"closed", time_text(draw.scale(0.1, 5))}}));
  if (draw.chance(0.5)) node.put("udp_idle_timeout", scalar(time_text(draw.scale(0.2, 300))));
  if (draw.chance(0.3)) node.put("connection_limit", scalar(draw.whole(1, 60)));
}

void put_nodes(const Sketch& sketch, Draw& draw, Balancer& balancer, Node& node) {
  balancer.nodes = draw.one_of({1U, 2U, 2U, 4U});
  if (!sketch.zones.empty() && draw.chance(0.6)) {
    std::vector<Node> zones;
    for (const auto& zone : sketch.zones) zones.push_back(scalar(zone));
    balancer.nodes = static_cast<unsigned>(zones.size()) * draw.whole(1, 2);
    node.put("zones", random_scenarios::list_of(std::move(zones)));
    if (draw.chance(0.4)) node.put("cross_zone", scalar(draw.chance(0.5)));
    // The default pool of four cannot be shared by three or six nodes.
    node.put("source_pool", map_of({{"addresses", balancer.nodes}}));
  }
  node.put("nodes", map_of({{"lvs", balancer.nodes}, {"nginx", draw.whole(0, 2)}}));
}

void put_states(const Sketch& sketch, Draw& draw, const Balancer& balancer, Node& node) {
  const bool bound = !sketch.has(Feature::operations) || !draw.chance(0.1);
  if (!bound) node.put("address_bound", scalar(false));
  if (bound && sketch.has(Feature::public_address)) {
    node.put("eip", map_of({{"bandwidth", draw.one_of({"100kbps", "2Mbps", "100Mbps"})}}));
  }
  if (!sketch.has(Feature::operations)) return;
  node.put("propagation_delay", scalar(time_text(draw.scale(0.01, 0.4 * sketch.duration_s))));
  if (balancer.is_dedicated() && draw.chance(0.1)) node.put("frozen", scalar(true));
}

Node balancer_node(Sketch& sketch, Draw& draw, Balancer& balancer) {
  const unsigned listeners = draw.whole(1, 3);
  for (unsigned i = 1; i <= listeners; ++i) add_listener(sketch, draw, balancer, i);
  Node node = map_of({{"profile", std::string(balancer.profile)}});
  put_nodes(sketch, draw, balancer, node);
  put_address_modes(sketch, draw, balancer, node);
  put_timers(sketch, draw, node);
  put_states(sketch, draw, balancer, node);
  node.put("listeners", std::move(balancer.listeners));
  node.put("groups", std::move(balancer.groups));
  return node;
}

}  // namespace

void draw_balancers(Sketch& sketch, Draw& draw) {
  const unsigned count = sketch.has(Feature::several_balancers) ? draw.whole(2, 3) : 1;
  Node& balancers = sketch.section("balancers");
  for (unsigned i = 1; i <= count; ++i) {
    Balancer balancer;
    balancer.name = fmt::format("lb{}", i);
    balancer.profile = draw.one_of({"dedicated", "dedicated", "shared", "shared-2020"});
    sketch.balancers.push_back(balancer.name);
    balancers.put(balancer.name, balancer_node(sketch, draw, balancer));
  }
}

}  // namespace elblab::swarm
