#include "models/forwarding/decision_teller.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace elblab::forwarding {
namespace {

using scheduling::Decision;
using scheduling::Ground;
using scheduling::Weighed;

// Whether a server came nearer to being chosen: the chosen one first, then those that are usable,
// by what the decision went by; of equals the first of the group.
bool is_nearer(const Decision& decision, const Weighed& a, const Weighed& b) {
  const auto rank = [&](const Weighed& each) {
    return std::pair(decision.chosen != each.server, !each.state.usable());
  };
  if (rank(a) != rank(b)) return rank(a) < rank(b);
  if (a.credit != b.credit) return a.credit > b.credit;  // nullopt is the least
  if (decision.ground == Ground::least_load || decision.ground == Ground::tied_turn) {
    const auto of_a = std::uint64_t{a.state.active_connections} * b.state.weight;
    const auto of_b = std::uint64_t{b.state.active_connections} * a.state.weight;
    if (of_a != of_b) return of_a < of_b;
  }
  return a.server < b.server;
}

}  // namespace

void DecisionTeller::next_is_for(const net::FlowKey& flow, std::uint16_t group, Instant now) {
  record_.at = now;
  record_.flow = flow;
  group_ = group;
}

void DecisionTeller::decided(const Decision& decision) {
  record_.object = object_;
  record_.ground = decision.ground;
  record_.slot = decision.slot;
  record_.chosen =
      decision.chosen
          ? servers_[servers_.number_of(group_, static_cast<std::uint16_t>(*decision.chosen))]
                .object
          : telemetry::ObjectId{0};
  record_.servers = static_cast<std::uint16_t>(decision.candidates.size());
  record_.usable = static_cast<std::uint16_t>(
      std::count_if(decision.candidates.begin(), decision.candidates.end(),
                    [](const Weighed& each) { return each.state.usable(); }));
  choose_nearest(decision);
  record_.kept = static_cast<std::uint16_t>(places_.size());
  std::transform(places_.begin(), places_.end(), record_.weighed.begin(),
                 [&](std::uint16_t place) { return told(decision.candidates[place]); });
  recorder_.decision(record_);
}

void DecisionTeller::choose_nearest(const Decision& decision) {
  places_.resize(decision.candidates.size());
  std::iota(places_.begin(), places_.end(), std::uint16_t{0});
  if (places_.size() <= telemetry::kMostWeighed) return;
  const auto end = places_.begin() + telemetry::kMostWeighed;
  std::partial_sort(places_.begin(), end, places_.end(), [&](std::uint16_t a, std::uint16_t b) {
    return is_nearer(decision, decision.candidates[a], decision.candidates[b]);
  });
  places_.erase(end, places_.end());
}

// A credit is at most the sum of the weights of a group, far below 2^31.
telemetry::WeighedServer DecisionTeller::told(const Weighed& weighed) const {
  telemetry::WeighedServer told;
  told.server =
      servers_[servers_.number_of(group_, static_cast<std::uint16_t>(weighed.server))].object;
  told.active_connections = weighed.state.active_connections;
  if (weighed.credit) told.credit = static_cast<std::int32_t>(*weighed.credit);
  told.weight = weighed.state.weight;
  told.kept_out_by = weighed.state.kept_out_by;
  return told;
}

}  // namespace elblab::forwarding
