// All servers that groups have in the course of a run, those of the file first.
//
// Nodes are made with every server that ever joins a group; a step's result says which are members
// then. So numbers of servers keep their meaning, and a server that comes back is the one that it
// was: with another port it is refused, at the item.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/language/operations.hpp"

namespace elblab::language {

class GroupMembers {
 public:
  // Both must outlive it.
  GroupMembers(Resolution& r, std::vector<TimelineStep>& steps) : r_(r), steps_(steps) {}

  // Completes the groups of the scenario and of each step's result.
  void settle();

 private:
  using Servers = std::vector<config::Server>;

  Servers& group_of(const std::string& balancer, const std::string& group);
  void gather(const TimelineStep& step);
  void complete(config::LoadBalancer& balancer);
  // What a step switches, nodes must be able to do both ways from the beginning.
  void note_switches(config::LoadBalancer& balancer) const;
  std::optional<std::pair<std::size_t, std::size_t>> server_of(const Operation& operation) const;

  Resolution& r_;
  std::vector<TimelineStep>& steps_;
  std::map<std::pair<std::string, std::string>, Servers> servers_;
  std::vector<std::shared_ptr<const config::LoadBalancer>> results_;
};

}  // namespace elblab::language
