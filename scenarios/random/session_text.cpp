#include "scenarios/random/session_text.hpp"

#include <fmt/format.h>

#include <cmath>

namespace elblab::random_scenarios {
namespace {

std::string front_name(const Lane& lane) { return lane.name + "front"; }

}  // namespace

std::optional<Node> stickiness_node(const Lane& lane) {
  if (lane.servers.sticky) return map_of({{"type", "source_ip"}});
  if (!lane.sessions || !lane.sessions->sticky) return std::nullopt;
  const Sessions& sessions = *lane.sessions;
  return map_of({{"type", "source_ip"},
                 {"duration", only_if(sessions.duration > 0, time_text(sessions.duration))},
                 {"timer", only_if(sessions.fixed_timer, "fixed")}});
}

std::optional<Node> algorithm_node(const Lane& lane) {
  const bool by_source = lane.servers.by_source || (lane.sessions && lane.sessions->by_source);
  return only_if(by_source, "source_ip_hash");
}

void put_front(Node& hosts, const Lane& lane) {
  if (!lane.sessions || !lane.sessions->has_front) return;
  const Front& front = lane.sessions->front;
  const Node relay = map_of({{"to", lane.name}, {"egress", front.egress}});
  hosts.put(front_name(lane), map_of({{"role", "client"},
                                      {"addresses", front.addresses},
                                      {"link", map_of({{"rate", "10Gbps"}, {"delay", "1ms"}})},
                                      {front.is_waf ? "waf" : "cdn", relay}}));
}

std::string goal_of(const Lane& lane) {
  return lane.sessions && lane.sessions->has_front ? front_name(lane) : lane.name;
}

std::optional<Node> roaming_node(const Lane& lane) {
  const double every = lane.sessions ? lane.sessions->roam_every : 0;
  return only_if(every > 0, time_text(every));
}

std::optional<Node> sessions_node(const Lane& lane) {
  return only_if(lane.load.kind == LoadKind::users && !lane.sessions, "shared");
}

}  // namespace elblab::random_scenarios
