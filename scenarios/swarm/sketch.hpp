// A random world while it is drawn: the tree of its file so far, and what is in it by name, for
// what refers to it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "scenarios/language/tree.hpp"
#include "scenarios/swarm/feature.hpp"

namespace elblab::swarm {

using language::Node;
using random_scenarios::Draw;

// Hosts that are written together: "c[1..2]" are c1 and c2.
struct Hosts {
  std::string written;
  std::vector<std::string> names;
  bool ns3 = false;
  bool is_v6 = false;  // have IPv6 addresses alone
  bool pooled = false;
};

struct SketchedListener {
  std::string balancer;
  std::string name;
  std::string group;
  bool tcp = true;
  bool quic = false;
  unsigned first_port = 80;
  unsigned last_port = 80;
};

struct SketchedGroup {
  std::string balancer;
  std::string name;
  std::vector<std::string> servers;
  bool tcp = true;
};

struct Sketch {
  Features features;
  Node tree = Node::map();
  double duration_s = 10;
  std::vector<Hosts> clients;
  std::vector<Hosts> servers;
  std::vector<std::string> relays;
  std::vector<std::string> zones;
  std::vector<std::string> balancers;  // one of the name "balancer" is written as `balancer:`
  std::vector<SketchedListener> listeners;
  std::vector<SketchedGroup> groups;

  bool has(Feature feature) const { return features.has(feature); }
  // The map of that name at the top of the file, made when it is not there.
  Node& section(const std::string& name) {
    if (!tree.find(name)) tree.put(name, Node::map());
    return tree.find(name)->value;
  }
};

template <typename T>
const T& any_of(Draw& draw, const std::vector<T>& all) {
  return all[draw.whole(0, static_cast<unsigned>(all.size()) - 1)];
}

}  // namespace elblab::swarm
