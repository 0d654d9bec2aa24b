#include "models/forwarding/server_directory.hpp"

#include <utility>

namespace elblab::forwarding {
namespace {

// A node that shares with nobody has all tables itself.
SchedulingTables own_tables(const ServerDirectory::Chooser& chooser) {
  std::optional<config::TableScope> which;
  if (chooser.shared_tables != nullptr) which = config::TableScope::per_node;
  return {which, chooser.hash_seed};
}

}  // namespace

ServerDirectory::ServerDirectory(const config::LoadBalancer& balancer, const Chooser& chooser,
                                 const std::vector<std::vector<telemetry::ObjectId>>& objects)
    : shared_tables_(chooser.shared_tables), own_tables_(own_tables(chooser)) {
  groups_.resize(balancer.groups.size());
  for (std::size_t g = 0; g < balancer.groups.size(); ++g) {
    const config::BackendGroup& group = balancer.groups[g];
    groups_[g].first_server = static_cast<std::uint16_t>(servers_.size());
    for (std::size_t of_family = 0; of_family < 2; ++of_family) {
      groups_[g].rotations[of_family].candidates =
          make_candidates(balancer, group, chooser.place, of_family);
    }
    for (std::size_t s = 0; s < group.servers.size(); ++s) {
      const bool named = g < objects.size() && s < objects[g].size();
      servers_.push_back({{group.servers[s].address, group.servers[s].port},
                          static_cast<std::uint16_t>(g),
                          static_cast<std::uint16_t>(s),
                          named ? objects[g][s] : 0});
    }
  }
  set_algorithms(balancer);
}

scheduling::Candidates ServerDirectory::make_candidates(const config::LoadBalancer& balancer,
                                                        const config::BackendGroup& group,
                                                        std::uint16_t place,
                                                        std::size_t of_family) {
  scheduling::Candidates candidates;
  for (const config::Server& server : group.servers) {
    const std::size_t number = candidates.size();
    candidates.add(scheduling::server_key(server.name), server.weight);
    candidates.set(number, scheduling::Owner::family, family(server.address) == of_family);
    candidates.set(number, scheduling::Owner::membership, server.member);
    candidates.set(number, scheduling::Owner::zone, balancer.cross_zone || server.place == place);
  }
  return candidates;
}

const ServerEntry* ServerDirectory::find(std::size_t group, std::size_t server) const {
  if (group >= groups_.size()) return nullptr;
  const std::size_t number = groups_[group].first_server + server;
  if (number >= servers_.size() || servers_[number].group != group) return nullptr;
  return &servers_[number];
}

std::optional<std::uint16_t> ServerDirectory::pick(std::uint16_t group,
                                                   const scheduling::Arrival& arrival) {
  Rotation& rotation = groups_[group].rotations[family(arrival.client)];
  const std::optional<std::size_t> chosen = rotation.scheduler->pick(rotation.candidates, arrival);
  if (!chosen) return std::nullopt;
  if (rotation.by_id != nullptr && rotation.by_id->went_by_id()) ++groups_[group].flows_by_id;
  return number_of(group, static_cast<std::uint16_t>(*chosen));
}

bool ServerDirectory::went_by_connection_id(std::uint16_t group,
                                            const net::IpAddress& client) const {
  const scheduling::ConnectionIdScheduler* by_id = groups_[group].rotations[family(client)].by_id;
  return by_id != nullptr && by_id->went_by_id();
}

const scheduling::StickyScheduler::Last* ServerDirectory::last_stickiness(
    std::uint16_t group, const net::IpAddress& client) const {
  if (went_by_connection_id(group, client)) return nullptr;
  const scheduling::StickyScheduler* sticky = groups_[group].rotations[family(client)].sticky;
  return sticky == nullptr ? nullptr : &sticky->last();
}

std::optional<std::uint16_t> ServerDirectory::holder(std::uint16_t group,
                                                     const net::IpAddress& client,
                                                     std::span<const std::uint8_t> datagram) {
  Rotation& rotation = groups_[group].rotations[family(client)];
  if (rotation.by_id == nullptr) return std::nullopt;
  const std::optional<std::size_t> holder = rotation.by_id->holder(datagram);
  if (!holder || !rotation.candidates[*holder].usable()) return std::nullopt;
  return number_of(group, static_cast<std::uint16_t>(*holder));
}

void ServerDirectory::answered(std::uint16_t number, std::span<const std::uint8_t> datagram) {
  const ServerEntry& server = servers_[number];
  Rotation& rotation = groups_[server.group].rotations[family(server.endpoint.address)];
  if (rotation.by_id != nullptr) rotation.by_id->answered(server.index, datagram);
}

std::optional<scheduling::StickinessTable::Binding> ServerDirectory::binding(
    std::uint16_t group, const net::IpAddress& client, Instant now) const {
  const auto& table = groups_[group].stickiness;
  return table ? table->find(client, now) : std::nullopt;
}

const scheduling::StickinessTable* ServerDirectory::stickiness_table(std::size_t group) const {
  return group < groups_.size() ? groups_[group].stickiness.get() : nullptr;
}

const scheduling::ConnectionIdTable* ServerDirectory::connection_id_table(std::size_t group) const {
  return group < groups_.size() ? groups_[group].connection_ids.get() : nullptr;
}

scheduling::StickyScheduler::Counts ServerDirectory::stickiness_counts(std::size_t group) const {
  if (group >= groups_.size()) return {};
  scheduling::StickyScheduler::Counts sum = groups_[group].earlier;
  for (const Rotation& rotation : groups_[group].rotations) {
    if (rotation.sticky != nullptr) sum += rotation.sticky->counts();
  }
  return sum;
}

void ServerDirectory::count_opened(std::uint16_t number) {
  ServerEntry& server = servers_[number];
  ++server.scheduled;
  ++server.active;
  candidates_of(server).flow_began(server.index);
}

void ServerDirectory::count_over(std::uint16_t number) {
  const ServerEntry& server = servers_[number];
  candidates_of(server).flow_ended(server.index);
}

void ServerDirectory::count_ended(std::uint16_t number) { --servers_[number].active; }

void ServerDirectory::set_algorithms(const config::LoadBalancer& balancer) {
  own_tables_.configure(balancer);
  for (std::size_t g = 0; g < groups_.size() && g < balancer.groups.size(); ++g) {
    set_algorithm(g, balancer.groups[g]);
  }
}

// Of the node where it has one, else that of the balancer.
const std::shared_ptr<scheduling::StickinessTable>& ServerDirectory::wanted_stickiness(
    std::size_t group) const {
  const auto& own = own_tables_.stickiness.of(group);
  return own || shared_tables_ == nullptr ? own : shared_tables_->stickiness.of(group);
}

const std::shared_ptr<scheduling::ConnectionIdTable>& ServerDirectory::wanted_connection_ids(
    std::size_t group) const {
  const auto& own = own_tables_.connection_ids.of(group);
  return own || shared_tables_ == nullptr ? own : shared_tables_->connection_ids.of(group);
}

void ServerDirectory::set_algorithm(std::size_t group, const config::BackendGroup& wanted) {
  Group& entry = groups_[group];
  const auto& stickiness = wanted_stickiness(group);
  const auto& connection_ids = wanted_connection_ids(group);
  entry.cuts_when_over =
      wanted.stickiness && wanted.stickiness->at_end == config::Stickiness::AtEnd::cut;
  if (entry.has_scheduler && entry.algorithm == wanted.algorithm &&
      entry.source_hash == wanted.source_hash && entry.stickiness == stickiness &&
      entry.connection_ids == connection_ids) {
    return;
  }
  entry.earlier = stickiness_counts(group);
  entry.has_scheduler = true;
  entry.algorithm = wanted.algorithm;
  entry.source_hash = wanted.source_hash;
  entry.stickiness = stickiness;
  entry.connection_ids = connection_ids;
  for (Rotation& rotation : entry.rotations) renew_scheduler(rotation, wanted, entry);
}

// What is in the tables stays: bindings outlive a change of the algorithm. A known connection ID
// says more of a datagram than its client's address, so it is asked before stickiness (STK-22).
void ServerDirectory::renew_scheduler(Rotation& rotation, const config::BackendGroup& wanted,
                                      const Group& tables) const {
  rotation.sticky = nullptr;
  rotation.by_id = nullptr;
  rotation.scheduler = scheduling::make_scheduler(wanted);
  rotation.scheduler->reset(rotation.candidates.size());
  if (tables.stickiness) {
    auto sticky = std::make_unique<scheduling::StickyScheduler>(std::move(rotation.scheduler),
                                                                tables.stickiness);
    rotation.sticky = sticky.get();
    rotation.scheduler = std::move(sticky);
  }
  if (tables.connection_ids) {
    auto by_id = std::make_unique<scheduling::ConnectionIdScheduler>(std::move(rotation.scheduler),
                                                                     tables.connection_ids);
    rotation.by_id = by_id.get();
    rotation.scheduler = std::move(by_id);
  }
  rotation.scheduler->observe(observer_);
}

void ServerDirectory::observe(scheduling::DecisionObserver* observer) {
  observer_ = observer;
  for (Group& group : groups_) {
    for (Rotation& rotation : group.rotations) rotation.scheduler->observe(observer);
  }
}

void ServerDirectory::set_eligible(std::size_t group, std::size_t server, scheduling::Owner owner,
                                   bool eligible) {
  const ServerEntry* entry = find(group, server);
  if (entry != nullptr) candidates_of(*entry).set(server, owner, eligible);
}

void ServerDirectory::set_weight(std::size_t group, std::size_t server, std::uint8_t weight) {
  const ServerEntry* entry = find(group, server);
  if (entry != nullptr) candidates_of(*entry).set_weight(server, weight);
}

bool ServerDirectory::is_wanted(std::size_t group, std::size_t server) const {
  const ServerEntry* entry = find(group, server);
  if (entry == nullptr) return false;
  const scheduling::Candidate& candidate = candidates_of(*entry)[server];
  return candidate.weight > 0 && !candidate.kept_out(scheduling::Owner::membership);
}

std::uint8_t ServerDirectory::effective_weight(std::size_t group, std::size_t server) const {
  const ServerEntry* entry = find(group, server);
  if (entry == nullptr) return 0;
  const scheduling::Candidate& candidate = candidates_of(*entry)[server];
  if (!candidate.usable()) return 0;
  const bool weighted = groups_[group].algorithm == config::Algorithm::weighted_round_robin ||
                        groups_[group].algorithm == config::Algorithm::weighted_least_connections;
  return weighted ? candidate.weight : std::uint8_t{1};
}

scheduling::Candidates& ServerDirectory::candidates_of(const ServerEntry& server) {
  return groups_[server.group].rotations[family(server.endpoint.address)].candidates;
}

const scheduling::Candidates& ServerDirectory::candidates_of(const ServerEntry& server) const {
  return groups_[server.group].rotations[family(server.endpoint.address)].candidates;
}

}  // namespace elblab::forwarding
