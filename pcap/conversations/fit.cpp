#include "pcap/conversations/fit.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <set>
#include <span>

#include "pcap/conversations/gap_statistics.hpp"
#include "pcap/conversations/workload_fitter.hpp"

namespace elblab::pcap {
namespace {

using Members = std::vector<const Conversation*>;

struct Group {
  std::string listener;
  Members members;
};

bool is_kept(const Conversations& all, const Conversation& c) {
  return requests_of(all, c) >= kRequestsWhenKept;
}

std::vector<Group> group_by_listener(const Conversations& all,
                                     const std::map<net::Endpoint, std::string>& names,
                                     std::uint64_t& left_out) {
  std::map<std::string, Group> groups;
  for (const Conversation& c : all.list) {
    const net::Endpoint& server = all.servers[c.server];
    std::string name = std::string(net::to_string(c.protocol)) + "-" + std::to_string(server.port);
    if (!names.empty()) {
      const auto known = names.find(server);
      if (known == names.end()) {
        ++left_out;
        continue;
      }
      // A server may speak both protocols on one port.
      name = c.protocol == net::Protocol::udp ? known->second + "-udp" : known->second;
    }
    Group& group = groups[name];
    group.listener = name;
    group.members.push_back(&c);
  }
  std::vector<Group> sorted;
  for (auto& [name, group] : groups) sorted.push_back(std::move(group));
  std::stable_sort(sorted.begin(), sorted.end(), [](const Group& a, const Group& b) {
    return a.members.size() > b.members.size();
  });
  for (std::size_t i = kMostGroups; i < sorted.size(); ++i) left_out += sorted[i].members.size();
  if (sorted.size() > kMostGroups) sorted.resize(kMostGroups);
  return sorted;
}

std::uint64_t total_requests(const Conversations& all, const Members& members) {
  return std::accumulate(
      members.begin(), members.end(), std::uint64_t{0},
      [&](std::uint64_t sum, const Conversation* c) { return sum + requests_of(all, *c); });
}

void fit_group(const Conversations& all, const Group& group, std::vector<WorkloadFit>& fits) {
  using workload::Kind;
  if (group.members.front()->protocol == net::Protocol::udp) {
    fits.push_back(WorkloadFitter(all, group.members, Kind::datagrams).fit());
  } else {
    Members kept;
    Members single;
    for (const Conversation* c : group.members) (is_kept(all, *c) ? kept : single).push_back(c);
    const std::uint64_t of_kept = total_requests(all, kept);
    const std::uint64_t of_single =
        std::max<std::uint64_t>(total_requests(all, single), single.size());
    const std::uint64_t whole = of_kept + of_single;
    const bool both = 10 * of_kept >= whole && 10 * of_single >= whole;
    if (both) {
      fits.push_back(WorkloadFitter(all, single, Kind::short_connections).fit());
      fits.push_back(WorkloadFitter(all, kept, Kind::persistent_connections).fit());
      fits.back().name = group.listener + "-kept";
    } else {
      const Kind kind =
          of_kept > of_single ? Kind::persistent_connections : Kind::short_connections;
      fits.push_back(WorkloadFitter(all, group.members, kind).fit());
    }
  }
  for (WorkloadFit& fit : fits) {
    if (!fit.listener.empty()) continue;
    fit.listener = group.listener;
    if (fit.name.empty()) fit.name = group.listener;
  }
}

void note(std::vector<std::string>& notes, std::uint64_t n, const std::string& what) {
  if (n > 0) notes.push_back(std::to_string(n) + " " + what);
}

std::vector<std::string> notes_on(const ExtractionCounts& counts) {
  std::vector<std::string> notes;
  note(notes, counts.unanswered,
       "connection attempts without an answer (a SYN flood, a scan, a dead server)");
  note(notes, counts.refused, "connection attempts that were refused");
  note(notes, counts.half_open, "connection attempts that the client did not go on with");
  note(notes, counts.retransmissions, "retransmissions: losses are a matter of the links (loss:)");
  note(notes, counts.not_tcp_or_udp, "packets of other protocols");
  return notes;
}

}  // namespace

Goodness FitRow::goodness() const {
  constexpr double kGood = 0.1;
  constexpr double kFair = 0.3;
  return distance <= kGood ? Goodness::good : distance <= kFair ? Goodness::fair : Goodness::poor;
}

TrafficFit fit_traffic(const Conversations& conversations,
                       const std::map<net::Endpoint, std::string>& names) {
  TrafficFit fit;
  fit.length = conversations.length;
  for (const Group& group : group_by_listener(conversations, names, fit.left_out)) {
    fit_group(conversations, group, fit.workloads);
  }
  fit.not_expressed = notes_on(conversations.counts);
  return fit;
}

}  // namespace elblab::pcap
