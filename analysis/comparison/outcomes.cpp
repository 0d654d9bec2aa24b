#include "analysis/comparison/outcomes.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

#include "analysis/comparison/series_differences.hpp"

namespace elblab::comparison {
namespace {

using trace::Decisions;

using Group = std::pair<std::string, std::string>;  // object, role or kind

struct Counts {
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  double larger() const { return static_cast<double>(std::max(a, b)); }
};

double size(std::uint64_t a, std::uint64_t b) { return static_cast<double>(a > b ? a - b : b - a); }

constexpr const char* kAllNodes = "balancer";

// Objects that had sessions: the balancer's nodes.
std::set<std::string> nodes_of(const trace::Reader& trace) {
  std::set<std::string> nodes;
  for (const trace::ReasonCount& row : trace.reason_counts()) {
    if (row.kind == "session") nodes.insert(row.object);
  }
  return nodes;
}

// The counts of both traces by object, role and reason, in the order in which they occur in a.
class Outcomes {
 public:
  Outcomes(const trace::Reader& a, const trace::Reader& b) : one_live_(one_is_live(a, b)) {
    nodes_ = nodes_of(a);
    nodes_.merge(nodes_of(b));
    add(a, &Counts::a);
    add(b, &Counts::b);
  }

  std::vector<OutcomeDifference> differences(double share, bool other_chances) const {
    std::vector<OutcomeDifference> result;
    for (const Entry& entry : entries_) result.push_back(difference(entry, share, other_chances));
    return result;
  }

 private:
  struct Entry {
    Group group;
    std::string reason;
    Counts counts;
  };

  // The measure that counts the same: its name is the event's kind, but for the drops of links.
  static std::string_view measure_counting(const Entry& entry) {
    return entry.reason.starts_with("link_") ? std::string_view("link_drops")
                                             : std::string_view(entry.group.second);
  }

  void add(const trace::Reader& trace, std::uint64_t Counts::*side) {
    for (const trace::ReasonCount& row : trace.reason_counts()) {
      // Decisions have a table of their own.
      if (row.kind == "scheduler_decision") continue;
      const Group group{nodes_.contains(row.object) ? kAllNodes : row.object, row.kind};
      entry(group, row.reason).counts.*side += row.count;
      totals_[group].*side += row.count;
    }
  }

  OutcomeDifference difference(const Entry& entry, double share, bool other_chances) const {
    OutcomeDifference difference;
    difference.object = entry.group.first;
    difference.role = entry.group.second;
    difference.reason = entry.reason;
    difference.a = entry.counts.a;
    difference.b = entry.counts.b;
    // One way to end is a share of all: 3 of 1,000 connections more or less are 0.3 %, also when
    // they are 3 instead of 0.
    const double all = share * totals_.at(entry.group).larger();
    const auto a = static_cast<double>(difference.a);
    const auto b = static_cast<double>(difference.b);
    const double noise = sampling_noise(allowance_of(measure_counting(entry)), a, b, other_chances);
    difference.bound = std::max({all, Allowance{}.floor, noise});
    const bool of_host = difference.object != kAllNodes && !entry.reason.starts_with("link_");
    difference.why_not_judged = one_live_ ? untold_live(difference.role, of_host) : "";
    difference.within =
        !difference.why_not_judged.empty() || size(difference.a, difference.b) <= difference.bound;
    return difference;
  }

  Entry& entry(const Group& group, const std::string& reason) {
    const auto found = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) {
      return e.group == group && e.reason == reason;
    });
    if (found != entries_.end()) return *found;
    return entries_.emplace_back(Entry{group, reason, {}});
  }

  std::vector<Entry> entries_;
  std::map<Group, Counts> totals_;
  std::set<std::string> nodes_;
  bool one_live_;
};

double share_of(std::uint64_t part, std::size_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// Three standard deviations of the difference of two shares of `count` decisions (binomial).
double noise_of_share(double share, double count) {
  return 3 * std::sqrt(2 * share * (1 - share) / count);
}

std::uint64_t count_of(const Decisions& decisions, const std::string& server) {
  const auto known = std::find(decisions.servers.begin(), decisions.servers.end(), server);
  if (known == decisions.servers.end()) return 0;
  const auto index = static_cast<std::uint32_t>(known - decisions.servers.begin());
  return static_cast<std::uint64_t>(
      std::count(decisions.chosen.begin(), decisions.chosen.end(), index));
}

const std::string& name_at(const Decisions& decisions, std::size_t i) {
  return decisions.servers[decisions.chosen[i]];
}

}  // namespace

std::vector<OutcomeDifference> compare_outcomes(const trace::Reader& a, const trace::Reader& b,
                                                double share, bool other_chances) {
  return Outcomes(a, b).differences(share, other_chances);
}

std::vector<DecisionDifference> compare_decisions(const Decisions& a, const Decisions& b,
                                                  double share, bool other_chances) {
  std::vector<std::string> servers = a.servers;
  for (const auto& server : b.servers) {
    if (std::find(servers.begin(), servers.end(), server) == servers.end()) {
      servers.push_back(server);
    }
  }
  std::vector<DecisionDifference> differences;
  for (const auto& server : servers) {
    DecisionDifference difference;
    difference.server = server;
    difference.a = count_of(a, server);
    difference.b = count_of(b, server);
    difference.share_a = share_of(difference.a, a.chosen.size());
    difference.share_b = share_of(difference.b, b.chosen.size());
    // A handful of connections is a large share where there are few.
    const double fewer =
        std::max(1.0, static_cast<double>(std::min(a.chosen.size(), b.chosen.size())));
    const double noise = other_chances ? std::max(noise_of_share(difference.share_a, fewer),
                                                  noise_of_share(difference.share_b, fewer))
                                       : 0;
    difference.bound = std::max({share, Allowance{}.floor / fewer, noise});
    difference.within = std::abs(difference.share_a - difference.share_b) <= difference.bound;
    differences.push_back(std::move(difference));
  }
  return differences;
}

DecisionOrder compare_order(const Decisions& a, const Decisions& b) {
  DecisionOrder order;
  order.decisions_a = a.chosen.size();
  order.decisions_b = b.chosen.size();
  const std::size_t shorter = std::min(a.chosen.size(), b.chosen.size());
  std::size_t i = 0;
  while (i < shorter && name_at(a, i) == name_at(b, i)) ++i;
  order.alike = i;
  if (i < a.chosen.size()) order.next_a = name_at(a, i);
  if (i < b.chosen.size()) order.next_b = name_at(b, i);
  return order;
}

}  // namespace elblab::comparison
