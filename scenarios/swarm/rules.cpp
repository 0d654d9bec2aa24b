#include "scenarios/swarm/rules.hpp"

#include <set>

#include "scenarios/random/yaml_nodes.hpp"

namespace elblab::swarm {
namespace {

using random_scenarios::map_of;
using random_scenarios::scalar;

std::string protocol_text(Draw& draw) {
  return draw.one_of<const char*>({"tcp", "udp", "icmp", "tcp 80 90", "tcp 1-1023", "udp 53",
                                   "icmp echo_request", "tcp 1024-65535", "udp 1024-65535"});
}

std::string source_text(Draw& draw) {
  return draw.one_of<const char*>({"203.0.113.0/24", "203.0.113.0/29", "10.0.1.0/24",
                                   "100.125.0.0/16", "192.168.0.0/16", "172.16.0.0/24"});
}

// Rules that fit different packets, as the language asks for. allow, deny: the keys of the
// verdicts; end: "from" or "to".
class Rules {
 public:
  Rules(Draw& draw, const char* end) : draw_(draw), end_(end) {}

  void add(const char* verdict, std::string protocol) {
    Node rule = map_of({{verdict, protocol}});
    std::string fits = std::move(protocol);
    if (draw_.chance(0.4)) {
      const std::string source = source_text(draw_);
      rule.put(end_, scalar(source));
      fits += " " + source;
    }
    if (fitted_.insert(fits).second) rules_.push_back(std::move(rule));
  }
  void add_all(const char* verdict) {
    if (fitted_.insert("all").second) rules_.push_back(map_of({{verdict, "all"}}));
  }
  Node take() { return random_scenarios::list_of(std::move(rules_)); }

 private:
  Draw& draw_;
  const char* end_;
  std::set<std::string> fitted_;
  std::vector<Node> rules_;
};

Node rules_node(Draw& draw, const char* allow, const char* deny, const char* end) {
  Rules rules(draw, end);
  for (unsigned i = draw.whole(0, 4); i > 0; --i) {
    const char* verdict = draw.chance(0.7) ? allow : deny;
    rules.add(verdict, protocol_text(draw));
  }
  // Mostly what was not named passes: a world where nothing does has little to show.
  if (draw.chance(0.8)) rules.add_all(allow);
  return rules.take();
}

Node group_rules(Draw& draw, bool open, const char* end) {
  Rules rules(draw, end);
  if (open) rules.add_all("allow");
  for (unsigned i = draw.whole(open ? 0 : 1, 3); i > 0; --i) {
    rules.add("allow", protocol_text(draw));
  }
  return rules.take();
}

}  // namespace

Node acl_node(Draw& draw) {
  return map_of({{"in", rules_node(draw, "allow", "deny", "from")},
                 {"out", rules_node(draw, "allow", "deny", "to")}});
}

Node security_group_node(Draw& draw, bool open) {
  Node group = map_of({{"in", group_rules(draw, open, "from")}});
  if (draw.chance(0.4)) group.put("out", group_rules(draw, open, "to"));
  if (draw.chance(0.3)) group.put("stateful", scalar(false));
  return group;
}

Node firewall_node(Draw& draw) {
  Node firewall = Node::map();
  if (draw.chance(0.7)) firewall.put("in", rules_node(draw, "allow", "drop", "from"));
  if (draw.chance(0.4)) firewall.put("out", rules_node(draw, "allow", "drop", "to"));
  return firewall;
}

Node access_node(Draw& draw, bool may_be_blacklist) {
  const bool blacklist = may_be_blacklist && draw.chance(0.5);
  return map_of({{"kind", blacklist ? "blacklist" : "whitelist"},
                 {"entries", random_scenarios::list_of(
                                 {scalar(draw.one_of({"203.0.113.0/28", "203.0.113.1/32"})),
                                  scalar(draw.one_of({"0.0.0.0/0", "198.18.0.0/15"}))})}});
}

}  // namespace elblab::swarm
