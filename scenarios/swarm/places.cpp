#include "scenarios/swarm/places.hpp"

#include <fmt/format.h>

#include "scenarios/random/yaml_nodes.hpp"
#include "scenarios/swarm/rules.hpp"

namespace elblab::swarm {
namespace {

using random_scenarios::map_of;
using random_scenarios::scalar;
using random_scenarios::time_text;

Node place_link(Draw& draw, const char* kind) {
  Node link = map_of({{"kind", kind},
                      {"rate", draw.one_of({"10Gbps", "1Gbps", "20Mbps"})},
                      {"delay", time_text(draw.scale(0.0001, 0.03))}});
  if (draw.chance(0.2)) link.put("jitter", scalar(time_text(draw.scale(0.0001, 0.005))));
  if (draw.chance(0.2)) link.put("loss", scalar(draw.one_of({"0.1%", "2%"})));
  if (draw.chance(0.2)) link.put("mtu", scalar(draw.one_of({576U, 1300U, 9000U})));
  if (draw.chance(0.1)) link.put("queue", scalar(draw.whole(1, 50)));
  return link;
}

void draw_zones(Sketch& sketch, Draw& draw) {
  const unsigned count = draw.whole(1, 3);
  for (unsigned i = 1; i <= count; ++i) {
    sketch.zones.push_back(fmt::format("az{}", i));
    sketch.section("zones").put(sketch.zones.back(), Node::map());
    if (i > 1) {
      const char* kind = draw.one_of({"zone_to_zone", "zone_to_zone", "peering"});
      sketch.section("links").put(fmt::format("az{}-az{}", i - 1, i), place_link(draw, kind));
    }
  }
}

void draw_site(Sketch& sketch, Draw& draw) {
  Node lan = map_of({{"cidr", "172.16.0.0/24"}});
  sketch.section("sites").put("office", map_of({{"subnets", map_of({{"lan", std::move(lan)}})}}));
  const char* kind = draw.one_of({"vpn", "vpn", "direct_connect"});
  sketch.section("links").put(any_of(draw, sketch.zones) + "-office", place_link(draw, kind));
}

void draw_web_subnets(Sketch& sketch, Draw& draw) {
  const std::size_t count = std::max<std::size_t>(1, sketch.zones.size());
  for (std::size_t i = 1; i <= count; ++i) {
    Node subnet = map_of({{"cidr", fmt::format("192.168.{}.0/24", i)}});
    if (!sketch.zones.empty()) subnet.put("zone", scalar(sketch.zones[i - 1]));
    if (sketch.has(Feature::network_acl) && draw.chance(0.5)) subnet.put("acl", acl_node(draw));
    sketch.section("subnets").put(fmt::format("web{}", i), std::move(subnet));
  }
}

}  // namespace

bool has_subnets(const Sketch& sketch) { return sketch.tree.find("subnets") != nullptr; }

void draw_places(Sketch& sketch, Draw& draw) {
  const bool site = sketch.has(Feature::site);
  if (sketch.has(Feature::zones) || site) draw_zones(sketch, draw);
  if (site) draw_site(sketch, draw);
  if (sketch.zones.empty() && !sketch.has(Feature::network_acl)) return;
  sketch.section("subnets").put(kInternet, map_of({{"cidr", "203.0.113.0/24"}, {"public", true}}));
  draw_web_subnets(sketch, draw);
}

std::string server_subnet(const Sketch& sketch, Draw& draw) {
  const auto count = static_cast<unsigned>(std::max<std::size_t>(1, sketch.zones.size()));
  return fmt::format("web{}", draw.whole(1, count));
}

void join_security_group(Sketch& sketch, Draw& draw, Node& host) {
  const std::string name = draw.one_of({"open", "open", "web", "closed"});
  host.put("security_groups", scalar(name));
  Node& groups = sketch.section("security_groups");
  if (groups.find(name) != nullptr) return;
  groups.put(name, name == "closed" ? map_of({{"stateful", draw.chance(0.5)}})
                                    : security_group_node(draw, name == "open"));
}

}  // namespace elblab::swarm
