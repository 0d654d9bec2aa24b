#include "cli/shares/due_shares.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include "models/scheduling/scheduler.hpp"
#include "models/scheduling/slot_table.hpp"

namespace elblab::cli {
namespace {

using config::Algorithm;
using config::SourceHash;
using scheduling::Candidates;
using scheduling::SlotTable;

bool by_weight(Algorithm algorithm) {
  return algorithm == Algorithm::weighted_round_robin ||
         algorithm == Algorithm::weighted_least_connections;
}

std::string reason_to_be_out(const config::Server& server,
                             const std::optional<std::uint16_t>& place) {
  if (!server.member) return "joins later";
  if (place && server.place != *place) return "in another zone";
  if (server.weight == 0) return "weight 0";
  return {};
}

Candidates candidates_of(const DueView& view) {
  Candidates candidates;
  for (const DueServer& server : view.servers) {
    candidates.add(scheduling::server_key(server.name), static_cast<std::uint8_t>(server.weight));
    candidates.set(candidates.size() - 1, scheduling::Owner::membership,
                   server.out_because.empty() || server.weight == 0);
  }
  return candidates;
}

std::size_t usable(const DueView& view) {
  return static_cast<std::size_t>(
      std::count_if(view.servers.begin(), view.servers.end(),
                    [](const DueServer& server) { return server.out_because.empty(); }));
}

unsigned weight_sum(const DueView& view) {
  unsigned sum = 0;
  for (const DueServer& server : view.servers) {
    if (server.out_because.empty()) sum += server.weight;
  }
  return sum;
}

void count_slots(const Candidates& candidates, SourceHash settings, DueView& view,
                 std::uint32_t DueServer::*slots) {
  SlotTable table;
  table.fill(scheduling::table_members(candidates), settings);
  for (std::uint32_t slot = 0; slot < SlotTable::kSlots; ++slot) {
    const std::uint16_t holder = table.holder(slot);
    if (holder != SlotTable::kNobody) ++(view.servers[holder].*slots);
  }
}

void share_by_slots(const DueGroup& group, DueView& view) {
  const Candidates candidates = candidates_of(view);
  const std::uint64_t seed = group.source_hash.seed;
  count_slots(candidates, {SourceHash::Kind::consistent, seed}, view, &DueServer::consistent_slots);
  count_slots(candidates, {SourceHash::Kind::table, seed}, view, &DueServer::static_slots);
  const bool consistent = group.source_hash.kind == SourceHash::Kind::consistent;
  for (DueServer& server : view.servers) {
    const auto slots = consistent ? server.consistent_slots : server.static_slots;
    server.share = static_cast<double>(slots) / SlotTable::kSlots;
  }
}

void share_by_weight(DueView& view) {
  const unsigned sum = weight_sum(view);
  for (DueServer& server : view.servers) {
    if (server.out_because.empty()) server.share = static_cast<double>(server.weight) / sum;
  }
}

// One round gives each server as many turns as its weight is, in the smallest whole numbers.
void take_turns(const config::BackendGroup& group, DueView& view) {
  unsigned divisor = 0;
  for (const DueServer& server : view.servers) {
    if (server.out_because.empty()) divisor = std::gcd(divisor, server.weight);
  }
  if (divisor == 0) return;
  view.turns_in_round = weight_sum(view) / divisor;
  const Candidates candidates = candidates_of(view);
  const auto scheduler = scheduling::make_scheduler(group);
  scheduler->reset(candidates.size());
  for (std::size_t i = 0; i < std::min(view.turns_in_round, kMostTurns); ++i) {
    view.turns.push_back(*scheduler->pick(candidates, {}));
  }
}

void send_clients(const config::BackendGroup& group, const DueGroup& due, DueView& view) {
  Candidates candidates = candidates_of(view);
  const auto scheduler = scheduling::make_scheduler(group);
  scheduler->reset(candidates.size());
  for (const net::IpAddress& client : view.clients) {
    const auto chosen = scheduler->pick(candidates, {client, {}});
    if (chosen) {
      ++view.servers[*chosen].clients;
      candidates.flow_began(*chosen);
    }
    if (due.goes_by_hash()) {
      view.server_of_client.push_back(chosen.value_or(view.servers.size()));
    }
  }
}

DueRemoval removal_of(std::size_t server, const DueGroup& group, const DueView& view) {
  DueRemoval removal;
  removal.server = server;
  if (by_weight(group.algorithm)) {
    const unsigned sum = weight_sum(view);
    const unsigned rest = sum - view.servers[server].weight;
    if (rest > 0) removal.growth = static_cast<double>(sum) / rest;
    return removal;
  }
  std::vector<scheduling::ServerKey> keys;
  std::size_t removed = 0;
  for (std::size_t i = 0; i < view.servers.size(); ++i) {
    if (!view.servers[i].out_because.empty()) continue;
    if (i == server) removed = keys.size();
    keys.push_back(scheduling::server_key(view.servers[i].name));
  }
  const std::uint64_t seed = group.source_hash.seed;
  removal.consistent = scheduling::disruption_by_removing(
      removed, keys, {SourceHash::Kind::consistent, seed}, view.clients);
  removal.numbered = scheduling::disruption_by_removing(
      removed, keys, {SourceHash::Kind::table, seed}, view.clients);
  return removal;
}

void remove_each(const std::vector<std::string>& removed, const DueGroup& group, DueView& view) {
  const bool all = removed.empty() && usable(view) <= kAllRemovals;
  for (std::size_t i = 0; i < view.servers.size(); ++i) {
    const DueServer& server = view.servers[i];
    if (!server.out_because.empty()) continue;
    const bool asked =
        removed.empty() ? all || view.removals.empty()
                        : std::find(removed.begin(), removed.end(), server.name) != removed.end();
    if (asked) view.removals.push_back(removal_of(i, group, view));
  }
}

// Every place that a node is in, or none where it makes no difference.
std::vector<std::optional<std::uint16_t>> places_of(const config::LoadBalancer& balancer) {
  if (balancer.cross_zone) return {std::nullopt};
  std::set<std::uint16_t> places(balancer.node_places.begin(), balancer.node_places.end());
  if (balancer.node_places.size() < balancer.nodes.lvs) places.insert(0);
  return {places.begin(), places.end()};
}

DueView view_of(const config::BackendGroup& group, bool ipv6,
                const std::optional<std::uint16_t>& place) {
  DueView view;
  view.ipv6 = ipv6;
  view.place = place;
  for (const config::Server& server : group.servers) {
    if (server.address.is_v4() == ipv6) continue;
    DueServer due;
    due.name = server.name;
    due.endpoint = {server.address, server.port};
    due.weight = server.weight;
    due.out_because = reason_to_be_out(server, place);
    view.servers.push_back(std::move(due));
  }
  return view;
}

}  // namespace

std::optional<double> DueView::imbalance() const {
  std::size_t most = 0;
  std::size_t sum = 0;
  for (const DueServer& server : servers) {
    most = std::max(most, server.clients);
    sum += server.clients;
  }
  if (sum == 0) return std::nullopt;
  return static_cast<double>(most) * static_cast<double>(usable(*this)) / static_cast<double>(sum);
}

DueGroup due_shares(const config::LoadBalancer& balancer, const config::BackendGroup& group,
                    const std::vector<net::IpAddress>& clients,
                    const std::vector<std::string>& removed) {
  DueGroup due;
  due.name = group.name;
  due.algorithm = group.algorithm;
  due.source_hash = group.source_hash.value_or(SourceHash{});
  for (const config::Listener& listener : balancer.listeners) {
    if (listener.group == group.name) due.listeners.push_back(listener.name);
  }
  for (const bool ipv6 : {false, true}) {
    for (const auto& place : places_of(balancer)) {
      DueView view = view_of(group, ipv6, place);
      if (view.servers.empty()) continue;
      for (const net::IpAddress& client : clients) {
        if (client.is_v4() != ipv6) view.clients.push_back(client);
      }
      if (due.goes_by_hash()) share_by_slots(due, view);
      if (by_weight(group.algorithm)) share_by_weight(view);
      if (group.algorithm == Algorithm::weighted_round_robin) take_turns(group, view);
      send_clients(group, due, view);
      remove_each(removed, due, view);
      due.views.push_back(std::move(view));
    }
  }
  return due;
}

}  // namespace elblab::cli
