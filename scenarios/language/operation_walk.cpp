#include "scenarios/language/operation_walk.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "scenarios/language/changeable_fields.hpp"
#include "scenarios/language/name_expansion.hpp"
#include "scenarios/language/overrides.hpp"
#include "scenarios/language/sections.hpp"
#include "scenarios/language/yaml_writer.hpp"

namespace elblab::language {
namespace {

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

std::size_t values_of(const Node& node) {
  std::size_t sum = 1;
  for (const Node& item : node.items) sum += values_of(item);
  for (const Entry& entry : node.entries) sum += values_of(entry.value);
  return sum;
}

std::vector<Node> written_form(const std::vector<BalancerEntry>& entries) {
  std::vector<Node> written;
  for (const BalancerEntry& entry : entries) {
    written.push_back(balancer_section().write(entry));
  }
  return written;
}

}  // namespace

OperationWalk::OperationWalk(Resolution& r) : r_(r), tree_(Node::map()), scenario_(r.scenario) {
  document_.profile = r.document.profile;
  document_.hosts = r.document.hosts;
  for (const std::string_view key : {"balancer", "balancers"}) {
    if (const Entry* entry = r.tree.find(key)) tree_.entries.push_back(*entry);
  }
  Diagnostics none;
  written_ = written_form(decode(none));
}

std::vector<TimelineStep> OperationWalk::apply(std::size_t balancer, const Requests& requests) {
  Diagnostics problems;
  for (const OperationRequest* each : requests) {
    Node value = each->value;
    expand_keys(value, problems);
    apply_override(tree_, each->path, each->path_place, value, problems);
  }
  std::vector<BalancerEntry> entries;
  if (problems.empty()) entries = decode(problems);
  if (!problems.empty()) return refuse(requests, problems);
  std::vector<Node> written = written_form(entries);
  const std::vector<Difference> found = differences(balancer, written);
  if (!may_change(balancer, requests, found)) return {};
  resolve(std::move(entries), problems);
  if (!problems.empty()) return refuse(requests, problems);
  written_ = std::move(written);
  return steps(balancer, requests, found);
}

std::size_t OperationWalk::values() const {
  std::size_t sum = 0;
  for (const Node& each : written_) sum += values_of(each);
  return sum;
}

std::vector<BalancerEntry> OperationWalk::decode(Diagnostics& problems) const {
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

std::vector<Difference> OperationWalk::differences(std::size_t balancer,
                                                   const std::vector<Node>& written) const {
  // Fewer where one went away as a whole.
  const Node gone = Node::map();
  const Node& after =
      balancer < written.size() && written.size() == written_.size() ? written[balancer] : gone;
  return differences_of(written_[balancer], after);
}

// In place, that is: a check that comes or goes as a whole has none to keep.
bool OperationWalk::changes_fixed_protocol(std::size_t balancer, const Difference& found) const {
  const DottedPath& path = found.path;
  return r_.scenario.balancers[balancer].profile->health_check_protocol_fixed && path.size() == 4 &&
         path[2] == "health_check" && path[3] == "protocol";
}

bool OperationWalk::may_change(std::size_t balancer, const Requests& requests,
                               const std::vector<Difference>& found) {
  const OperationRequest& first = *requests.front();
  if (found.empty() && !first.at_once) {
    r_.diagnostics.error(first.path_place, "this changes nothing: it is so already");
    return false;
  }
  for (const Difference& each : found) {
    if (changes_fixed_protocol(balancer, each)) {
      r_.diagnostics.error(
          asking_for(requests, each.path).path_place,
          fmt::format("profile {} keeps the protocol of a health check as it was chosen (HC-01): "
                      "remove the check and set another",
                      r_.scenario.balancers[balancer].profile->name));
      return false;
    }
    if (find_changeable(each.path) != nullptr) continue;
    const OperationRequest& asked = asking_for(requests, each.path);
    r_.diagnostics.error(asked.path_place, fmt::format("'{}' cannot change at run time; {}",
                                                       joined(each.path), kChangeableText));
    return false;
  }
  return true;
}

const OperationRequest& OperationWalk::asking_for(const Requests& requests,
                                                  const DottedPath& changed) const {
  for (const OperationRequest* each : requests) {
    const DottedPath path = below_balancer(each->path);
    const std::size_t shared = std::min(path.size(), changed.size());
    if (std::equal(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(shared),
                   changed.begin())) {
      return *each;
    }
  }
  return *requests.front();
}

DottedPath OperationWalk::below_balancer(const std::string& path) const {
  DottedPath segments = segments_of(path);
  const std::size_t own = tree_.find("balancer") ? 1 : 2;
  segments.erase(segments.begin(),
                 segments.begin() + static_cast<std::ptrdiff_t>(std::min(own, segments.size())));
  return segments;
}

void OperationWalk::resolve(std::vector<BalancerEntry> entries, Diagnostics& problems) {
  if (tree_.find("balancer")) {
    document_.balancer = std::move(entries.front());
  } else {
    document_.balancers = std::move(entries);
  }
  scenario_.balancers.clear();
  Resolution inner{document_, tree_, problems, scenario_, r_.hosts, r_.runs};
  resolve_balancers(inner);
}

std::vector<TimelineStep> OperationWalk::refuse(const Requests& requests, Diagnostics& problems) {
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

std::vector<TimelineStep> OperationWalk::steps(std::size_t balancer, const Requests& requests,
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

Operation OperationWalk::describe(std::size_t balancer, const Difference& difference) const {
  Operation operation;
  operation.balancer = balancer;
  DottedPath path = tree_.find("balancer")
                        ? DottedPath{"balancer"}
                        : DottedPath{"balancers", scenario_.balancers[balancer].name};
  path.insert(path.end(), difference.path.begin(), difference.path.end());
  operation.path = joined(path);
  operation.before = difference.before;
  operation.after = difference.after;
  if (const ChangeableField* field = find_changeable(difference.path)) {
    operation.resource = field->resource;
    operation.trace_name = difference.before.empty()  ? field->added
                           : difference.after.empty() ? field->removed
                                                      : field->updated;
  }
  return operation;
}

std::string OperationWalk::target_of(std::size_t balancer, const DottedPath& path) const {
  const std::string& name = scenario_.balancers[balancer].name;
  const std::string prefix = written_.size() > 1 ? name + "/" : "";
  if (path.size() < 3) return name;
  if (path[0] == "groups" && path[2] == "servers") return prefix + path[1] + "/" + path[3];
  return prefix + path[1];
}

}  // namespace elblab::language
