#include "scenarios/language/operations.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "scenarios/language/name_expansion.hpp"
#include "scenarios/language/object_names.hpp"
#include "scenarios/language/overrides.hpp"
#include "scenarios/language/sections.hpp"
#include "scenarios/language/suggestion.hpp"
#include "scenarios/language/yaml_writer.hpp"

namespace elblab::language {
namespace {

using Path = std::vector<std::string>;

// What may change while a balancer runs, below its own path; * stands for a name. `resource` and
// the names for a value that comes, changes and goes: as CTS-06, CTS-08 and CTS-09 list them.
struct ChangeableField {
  std::string_view pattern;
  std::string_view resource;
  std::string_view added;
  std::string_view updated;
  std::string_view removed;
};

constexpr std::string_view kUpdateMember = "update backend ecs";
constexpr std::string_view kUpdatePool = "update backend member group";
constexpr std::string_view kUpdateListener = "update listener";

constexpr std::array kChangeable{
    ChangeableField{"groups.*.servers.*", "member", "add backend ecs", "", "remove backend ecs"},
    ChangeableField{"groups.*.servers.*.weight", "member", kUpdateMember, kUpdateMember,
                    kUpdateMember},
    ChangeableField{"groups.*.algorithm", "pool", kUpdatePool, kUpdatePool, kUpdatePool},
    ChangeableField{"groups.*.stickiness", "pool", kUpdatePool, kUpdatePool, kUpdatePool},
    ChangeableField{"groups.*.stickiness.*", "pool", kUpdatePool, kUpdatePool, kUpdatePool},
    ChangeableField{"groups.*.deregistration_delay", "pool", kUpdatePool, kUpdatePool, kUpdatePool},
    ChangeableField{"listeners.*.idle_timeout", "listener", kUpdateListener, kUpdateListener,
                    kUpdateListener},
    ChangeableField{"listeners.*.transfer_client_ip", "listener", kUpdateListener, kUpdateListener,
                    kUpdateListener},
    ChangeableField{"listeners.*.access", "listener", kUpdateListener, kUpdateListener,
                    kUpdateListener},
    ChangeableField{"listeners.*.access.kind", "listener", "", kUpdateListener, ""},
    ChangeableField{"listeners.*.access.entries", "listener", "", kUpdateListener, ""},
    ChangeableField{"eip.bandwidth", "", "", "", ""},  // GEN-06: not the balancer's own
};

constexpr std::string_view kChangeableText =
    "at run time change: servers of a group (added, removed, their weight), its algorithm, "
    "stickiness and deregistration_delay, a listener's idle_timeout, access and transfer_client_ip, eip.bandwidth";

Path segments_of(std::string_view path) {
  Path segments;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= path.size(); ++i) {
    if (i < path.size() && path[i] != '.') continue;
    segments.emplace_back(path.substr(begin, i - begin));
    begin = i + 1;
  }
  return segments;
}

std::string joined(const Path& path) { return fmt::format("{}", fmt::join(path, ".")); }

bool fits(std::string_view pattern, const Path& path) {
  const Path parts = segments_of(pattern);
  return std::equal(parts.begin(), parts.end(), path.begin(), path.end(),
                    [](const std::string& part, const std::string& segment) {
                      return part == "*" || part == segment;
                    });
}

// A value that is another than before, below a balancer.
struct Difference {
  Path path;
  std::string before;  // empty: there was none
  std::string after;
};

// Of two maps as the language writes them. A map that comes or goes as a whole is one difference.
void find_differences(const Node& before, const Node& after, Path& path,
                      std::vector<Difference>& found) {
  std::vector<std::string> keys;
  for (const Entry& entry : before.entries) keys.push_back(entry.key);
  for (const Entry& entry : after.entries) {
    if (!before.find(entry.key)) keys.push_back(entry.key);
  }
  for (const std::string& key : keys) {
    const Entry* was = before.find(key);
    const Entry* is = after.find(key);
    path.push_back(key);
    if (was && is && was->value.is_map() && is->value.is_map()) {
      find_differences(was->value, is->value, path, found);
    } else {
      const std::string old_text = was ? inline_yaml(was->value) : std::string();
      const std::string new_text = is ? inline_yaml(is->value) : std::string();
      if (old_text != new_text) found.push_back({path, old_text, new_text});
    }
    path.pop_back();
  }
}

using PlaceKey = std::tuple<const Source*, int, int>;
PlaceKey key_of(const Place& place) { return {place.source.get(), place.line, place.column}; }

void note_places(const Node& node, std::set<PlaceKey>& places) {
  places.insert(key_of(node.place));
  for (const Node& item : node.items) note_places(item, places);
  for (const Entry& entry : node.entries) {
    places.insert(key_of(entry.key_place));
    note_places(entry.value, places);
  }
}

// The balancers of a scenario as operations change them, one after the other.
class OperationWalk {
 public:
  explicit OperationWalk(Resolution& r) : r_(r), tree_(Node::map()), scenario_(r.scenario) {
    document_.profile = r.document.profile;
    document_.hosts = r.document.hosts;
    for (const std::string_view key : {"balancer", "balancers"}) {
      if (const Entry* entry = r.tree.find(key)) tree_.entries.push_back(*entry);
    }
    Diagnostics none;
    written_ = write(decode(none));
  }

  // Those of one item about one balancer.
  std::vector<TimelineStep> apply(std::size_t balancer,
                                  const std::vector<const OperationRequest*>& requests) {
    Diagnostics problems;
    for (const OperationRequest* each : requests) {
      Node value = each->value;
      expand_keys(value, problems);
      apply_override(tree_, each->path, each->path_place, value, problems);
    }
    std::vector<BalancerEntry> entries;
    if (problems.empty()) entries = decode(problems);
    if (!problems.empty()) return refuse(requests, problems);
    std::vector<Node> written = write(entries);
    const std::vector<Difference> found = differences(balancer, written);
    if (!may_change(requests, found)) return {};
    resolve(std::move(entries), problems);
    if (!problems.empty()) return refuse(requests, problems);
    written_ = std::move(written);
    return steps(balancer, requests, found);
  }

  // How many values the balancers consist of: what each operation costs.
  std::size_t values() const {
    std::size_t sum = 0;
    for (const Node& each : written_) sum += count(each);
    return sum;
  }

  // What the hosts serve, all operations taken together.
  const Scenario& scenario() const { return scenario_; }

 private:
  static std::size_t count(const Node& node) {
    std::size_t sum = 1;
    for (const Node& item : node.items) sum += count(item);
    for (const Entry& entry : node.entries) sum += count(entry.value);
    return sum;
  }

  std::vector<BalancerEntry> decode(Diagnostics& problems) const {
    if (const Entry* one = tree_.find("balancer")) {
      std::vector<BalancerEntry> entries(1);
      section(balancer_section()).read(one->value, problems, entries.front());
      return entries;
    }
    std::vector<BalancerEntry> entries;
    const Entry* several = tree_.find("balancers");
    if (several) {
      named(balancer_section(), &BalancerEntry::name).read(several->value, problems, entries);
    }
    return entries;
  }

  static std::vector<Node> write(const std::vector<BalancerEntry>& entries) {
    std::vector<Node> written;
    for (const BalancerEntry& entry : entries) {
      written.push_back(balancer_section().write(entry));
    }
    return written;
  }

  std::vector<Difference> differences(std::size_t balancer,
                                      const std::vector<Node>& written) const {
    std::vector<Difference> found;
    Path path;
    // Fewer where one went away as a whole.
    const Node gone = Node::map();
    const Node& after =
        balancer < written.size() && written.size() == written_.size() ? written[balancer] : gone;
    find_differences(written_[balancer], after, path, found);
    return found;
  }

  bool may_change(const std::vector<const OperationRequest*>& requests,
                  const std::vector<Difference>& found) {
    const OperationRequest& first = *requests.front();
    if (found.empty() && !first.at_once) {
      r_.diagnostics.error(first.path_place, "this changes nothing: it is so already");
      return false;
    }
    for (const Difference& each : found) {
      const bool changeable =
          std::any_of(kChangeable.begin(), kChangeable.end(),
                      [&](const ChangeableField& field) { return fits(field.pattern, each.path); });
      if (changeable) continue;
      const OperationRequest& asked = asking_for(requests, each.path);
      r_.diagnostics.error(asked.path_place, fmt::format("'{}' cannot change at run time; {}",
                                                         joined(each.path), kChangeableText));
      return false;
    }
    return true;
  }

  // The request whose path leads to, or into, what changed.
  const OperationRequest& asking_for(const std::vector<const OperationRequest*>& requests,
                                     const Path& changed) const {
    for (const OperationRequest* each : requests) {
      const Path path = below_balancer(each->path);
      const std::size_t shared = std::min(path.size(), changed.size());
      if (std::equal(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(shared),
                     changed.begin())) {
        return *each;
      }
    }
    return *requests.front();
  }

  Path below_balancer(const std::string& path) const {
    Path segments = segments_of(path);
    const std::size_t own = tree_.find("balancer") ? 1 : 2;
    segments.erase(segments.begin(),
                   segments.begin() + static_cast<std::ptrdiff_t>(std::min(own, segments.size())));
    return segments;
  }

  void resolve(std::vector<BalancerEntry> entries, Diagnostics& problems) {
    if (tree_.find("balancer")) {
      document_.balancer = std::move(entries.front());
    } else {
      document_.balancers = std::move(entries);
    }
    scenario_.balancers.clear();
    Resolution inner{document_, tree_, problems, scenario_, r_.hosts};
    resolve_balancers(inner);
  }

  // Problems of what the item says stand where it says it; others at its path.
  std::vector<TimelineStep> refuse(const std::vector<const OperationRequest*>& requests,
                                   Diagnostics& problems) {
    std::set<PlaceKey> own;
    for (const OperationRequest* each : requests) {
      own.insert(key_of(each->path_place));
      note_places(each->value, own);
    }
    for (const Diagnostics::Located& each : problems.located()) {
      const bool here = own.contains(key_of(each.place));
      r_.diagnostics.error(here ? each.place : requests.front()->path_place, each.message,
                           each.suggestion);
    }
    return {};
  }

  std::vector<TimelineStep> steps(std::size_t balancer,
                                  const std::vector<const OperationRequest*>& requests,
                                  std::vector<Difference> found) {
    const OperationRequest& first = *requests.front();
    if (found.empty()) {  // a verb that says what is so already
      const std::string now = inline_yaml(first.value);
      found.push_back({below_balancer(first.path), now, now});
    }
    const auto result = std::make_shared<const config::LoadBalancer>(scenario_.balancers[balancer]);
    std::vector<TimelineStep> steps;
    for (const Difference& each : found) {
      TimelineEntry entry = first.entry;
      if (!first.at_once) entry.action = TimelineEntry::Action::operate;
      const Duration delay =
          first.at_once ? Duration(0) : config::effective_propagation_delay(*result);
      Operation operation = describe(balancer, each);
      operation.requested_at = kStart + r_.document.timeline[first.item].at;
      operation.keeps_connections = first.at_once;
      operation.result = result;
      entry.at = operation.requested_at + delay;
      if (!first.at_once) entry.target = target_of(balancer, each.path);
      entry.operation = std::move(operation);
      steps.push_back({std::move(entry), first.item});
    }
    return steps;
  }

  Operation describe(std::size_t balancer, const Difference& difference) const {
    Operation operation;
    operation.balancer = balancer;
    Path path = tree_.find("balancer") ? Path{"balancer"}
                                       : Path{"balancers", scenario_.balancers[balancer].name};
    path.insert(path.end(), difference.path.begin(), difference.path.end());
    operation.path = joined(path);
    operation.before = difference.before;
    operation.after = difference.after;
    for (const ChangeableField& field : kChangeable) {
      if (!fits(field.pattern, difference.path)) continue;
      operation.resource = field.resource;
      operation.trace_name = difference.before.empty()  ? field.added
                             : difference.after.empty() ? field.removed
                                                        : field.updated;
    }
    return operation;
  }

  // "app/b1", "web", "balancer": what people call it.
  std::string target_of(std::size_t balancer, const Path& path) const {
    const std::string& name = scenario_.balancers[balancer].name;
    const std::string prefix = written_.size() > 1 ? name + "/" : "";
    if (path.size() < 3) return name;
    if (path[0] == "groups" && path[2] == "servers") return prefix + path[1] + "/" + path[3];
    return prefix + path[1];
  }

  Resolution& r_;
  Node tree_;          // of the balancers alone
  Document document_;  // likewise, with the hosts
  Scenario scenario_;
  std::vector<Node> written_;  // the balancers as they stand, with every default
};

// All servers that a group has in the course of a run, those of its file first.
class Members {
 public:
  Members(Resolution& r, std::vector<TimelineStep>& steps) : r_(r), steps_(steps) {}

  void settle() {
    for (config::LoadBalancer& balancer : r_.scenario.balancers) {
      for (config::BackendGroup& group : balancer.groups)
        group_of(balancer.name, group.name) = group.servers;
    }
    for (TimelineStep& step : steps_) gather(step);
    if (!r_.diagnostics.empty()) return;
    for (config::LoadBalancer& balancer : r_.scenario.balancers) {
      complete(balancer);
      note_switches(balancer);
    }
    std::map<const config::LoadBalancer*, std::shared_ptr<const config::LoadBalancer>> completed;
    for (TimelineStep& step : steps_) {
      Operation& operation = *step.entry.operation;
      auto& whole = completed[operation.result.get()];
      if (!whole) {
        config::LoadBalancer copy = *operation.result;
        complete(copy);
        results_.push_back(operation.result);  // its address stays its own
        whole = std::make_shared<const config::LoadBalancer>(std::move(copy));
      }
      operation.result = whole;
      operation.server = server_of(operation);
    }
  }

 private:
  using Servers = std::vector<config::Server>;

  Servers& group_of(const std::string& balancer, const std::string& group) {
    return servers_[{balancer, group}];
  }

  static const config::Server* find(const Servers& servers, const std::string& name) {
    const auto at = std::find_if(servers.begin(), servers.end(),
                                 [&](const config::Server& server) { return server.name == name; });
    return at == servers.end() ? nullptr : &*at;
  }

  // A server that comes back is the one that it was.
  void gather(const TimelineStep& step) {
    const Operation& operation = *step.entry.operation;
    const config::LoadBalancer& result = *operation.result;
    for (const config::BackendGroup& group : result.groups) {
      Servers& known = group_of(result.name, group.name);
      for (const config::Server& server : group.servers) {
        const config::Server* earlier = find(known, server.name);
        if (!earlier) {
          known.push_back(server);
        } else if (earlier->port != server.port || earlier->by_ip_address != server.by_ip_address) {
          r_.diagnostics.error(
              r_.place({"timeline", fmt::format("{}", step.item)}),
              fmt::format("{}/{} was in the group with port {}{}: it can come back only as that",
                          group.name, server.name, earlier->port,
                          earlier->by_ip_address ? ", by IP address" : ""));
        }
      }
    }
  }

  void complete(config::LoadBalancer& balancer) {
    for (config::BackendGroup& group : balancer.groups) {
      Servers all = group_of(balancer.name, group.name);
      for (config::Server& server : all) {
        const config::Server* present = find(group.servers, server.name);
        server.member = present != nullptr;
        if (present) server.weight = present->weight;
      }
      group.servers = std::move(all);
    }
  }

  // Its nodes must be able to do both.
  void note_switches(config::LoadBalancer& balancer) const {
    for (const TimelineStep& step : steps_) {
      const config::LoadBalancer& result = *step.entry.operation->result;
      if (result.name != balancer.name) continue;
      for (std::size_t i = 0; i < balancer.listeners.size(); ++i) {
        config::Listener& listener = balancer.listeners[i];
        listener.transfer_switches |= config::transfers_client_ip(balancer, listener) !=
                                      config::transfers_client_ip(result, result.listeners[i]);
      }
      for (std::size_t i = 0; i < balancer.groups.size(); ++i) {
        balancer.groups[i].stickiness_switches |= balancer.groups[i].stickiness.has_value() !=
                                                  result.groups[i].stickiness.has_value();
      }
    }
  }

  std::optional<std::pair<std::size_t, std::size_t>> server_of(const Operation& operation) const {
    const auto& groups = operation.result->groups;
    for (std::size_t g = 0; g < groups.size(); ++g) {
      for (std::size_t s = 0; s < groups[g].servers.size(); ++s) {
        const std::string inner =
            ".groups." + groups[g].name + ".servers." + groups[g].servers[s].name;
        const std::size_t at = operation.path.find(inner);
        if (at == std::string::npos) continue;
        const std::size_t end = at + inner.size();
        if (end == operation.path.size() || operation.path[end] == '.') return std::pair(g, s);
      }
    }
    return std::nullopt;
  }

  Resolution& r_;
  std::vector<TimelineStep>& steps_;
  std::map<std::pair<std::string, std::string>, Servers> servers_;
  std::vector<std::shared_ptr<const config::LoadBalancer>> results_;
};

// Which balancer a path is of; an error where it is of none.
std::optional<std::size_t> balancer_of(Resolution& r, const OperationRequest& request) {
  const Path path = segments_of(request.path);
  const bool single = r.document.balancer.has_value();
  std::vector<std::string> known;
  for (const BalancerEntry& each : r.document.all_balancers()) {
    known.push_back(single ? "balancer" : "balancers." + each.name);
  }
  const std::size_t own = single ? 1 : 2;
  const std::string head = joined(
      Path(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(std::min(own, path.size()))));
  const auto at = std::find(known.begin(), known.end(), head);
  if (at != known.end() && path.size() > own) return static_cast<std::size_t>(at - known.begin());
  if (at != known.end()) {
    r.diagnostics.error(request.path_place,
                        fmt::format("'{}' cannot change as a whole at run time; {}", request.path,
                                    kChangeableText));
    return std::nullopt;
  }
  std::string meant = nearest(head, known);
  if (meant.empty() && !single && path.front() == "balancer") meant = known.front();
  if (meant.empty() && single && path.front() == "balancers") meant = known.front();
  r.diagnostics.error(
      request.path_place,
      fmt::format("'{}' is no part of a balancer: an operator changes what is below {}",
                  request.path, fmt::join(known, " or ")),
      did_you_mean(meant));
  return std::nullopt;
}

// What one item asks of one balancer, which is checked together.
struct Batch {
  Instant at;  // when it holds
  std::size_t balancer = 0;
  std::vector<const OperationRequest*> requests;
};

void check_time(Resolution& r, const OperationRequest& request, Duration delay) {
  const Duration asked = r.document.timeline[request.item].at;
  if (asked > r.scenario.duration || asked + delay <= r.scenario.duration) return;
  r.diagnostics.error(r.place({"timeline", fmt::format("{}", request.item), "at"}),
                      fmt::format("it would take effect {} later, after the end of the run",
                                  format_duration(delay)));
}

// In the order in which they hold.
std::vector<Batch> batches_of(Resolution& r, const std::vector<OperationRequest>& requests) {
  std::vector<Batch> batches;
  for (const OperationRequest& each : requests) {
    const auto balancer = balancer_of(r, each);
    if (!balancer) continue;
    const Duration delay =
        each.at_once ? Duration(0)
                     : config::effective_propagation_delay(r.scenario.balancers[*balancer]);
    const bool same = !batches.empty() && batches.back().balancer == *balancer &&
                      batches.back().requests.front()->item == each.item;
    if (!same) {
      batches.push_back({kStart + r.document.timeline[each.item].at + delay, *balancer, {}});
      check_time(r, each, delay);
    }
    batches.back().requests.push_back(&each);
  }
  if (batches.size() > kMostOperations) {
    r.diagnostics.error(
        r.place({"timeline", fmt::format("{}", batches[kMostOperations].requests.front()->item)}),
        fmt::format("more than {} operations in one run", kMostOperations));
  }
  std::stable_sort(batches.begin(), batches.end(),
                   [](const Batch& a, const Batch& b) { return a.at < b.at; });
  return batches;
}

}  // namespace

std::vector<OperationRequest> operation_requests(Resolution& r, std::size_t index) {
  const TimelineItem& item = r.document.timeline[index];
  const std::string number = fmt::format("{}", index);
  std::vector<OperationRequest> requests;
  const auto add = [&](const std::string& path, const Place& place, const Node& value) {
    std::string message;
    const auto paths = expand_name(path, message);
    if (!paths) return r.diagnostics.error(place, message);
    if (requests.size() + paths->size() > kMostOperationPaths) {
      return r.diagnostics.error(place, fmt::format("more than {} paths", kMostOperationPaths));
    }
    for (const std::string& each : *paths) {
      requests.push_back({index, each, place, value, false, {}});
    }
  };
  if (item.set) {
    for (const Entry& entry : item.set->entries) add(entry.key, entry.key_place, entry.value);
  }
  if (item.remove) {
    for (std::size_t i = 0; i < item.remove->size(); ++i) {
      add((*item.remove)[i], r.place({"timeline", number, "remove", fmt::format("{}", i)}), Node());
    }
  }
  const bool given = item.set || item.remove;
  if (given && requests.empty() && r.diagnostics.empty()) {
    r.diagnostics.error(r.key_place({"timeline", number, item.set ? "set" : "remove"}),
                        "it names no path");
  }
  return requests;
}

std::vector<TimelineStep> resolve_operations(Resolution& r,
                                             std::vector<OperationRequest> requests) {
  const std::vector<Batch> batches = batches_of(r, requests);
  if (batches.empty() || !r.diagnostics.empty()) return {};
  OperationWalk walk(r);
  if (walk.values() * batches.size() > kMostOperationWork) {
    r.diagnostics.error(
        r.key_place({"timeline"}),
        fmt::format("{} operations on balancers of {} values are more than can be checked",
                    batches.size(), walk.values()));
    return {};
  }
  std::vector<TimelineStep> steps;
  for (const Batch& batch : batches) {
    std::vector<TimelineStep> more = walk.apply(batch.balancer, batch.requests);
    if (!r.diagnostics.empty()) return {};
    std::move(more.begin(), more.end(), std::back_inserter(steps));
  }
  for (std::size_t i = 0; i < r.scenario.hosts.size(); ++i) {
    r.scenario.hosts[i].services = walk.scenario().hosts[i].services;
  }
  Members(r, steps).settle();
  return steps;
}

}  // namespace elblab::language
