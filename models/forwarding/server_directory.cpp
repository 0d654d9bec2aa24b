#include "models/forwarding/server_directory.hpp"

namespace elblab::forwarding {

ServerDirectory::ServerDirectory(const config::LoadBalancer& balancer, std::uint16_t place,
                                 const std::vector<std::vector<telemetry::ObjectId>>& objects) {
  groups_.reserve(balancer.groups.size());
  for (std::size_t g = 0; g < balancer.groups.size(); ++g) {
    const config::BackendGroup& group = balancer.groups[g];
    groups_.push_back(
        {static_cast<std::uint16_t>(servers_.size()),
         group.algorithm,
         group.source_hash,
         {make_rotation(balancer, group, place, 0), make_rotation(balancer, group, place, 1)}});
    for (std::size_t s = 0; s < group.servers.size(); ++s) {
      const bool named = g < objects.size() && s < objects[g].size();
      servers_.push_back({{group.servers[s].address, group.servers[s].port},
                          static_cast<std::uint16_t>(g),
                          static_cast<std::uint16_t>(s),
                          named ? objects[g][s] : 0});
    }
  }
}

ServerDirectory::Rotation ServerDirectory::make_rotation(const config::LoadBalancer& balancer,
                                                         const config::BackendGroup& group,
                                                         std::uint16_t place,
                                                         std::size_t of_family) {
  Rotation rotation{scheduling::make_scheduler(group), {}};
  for (const config::Server& server : group.servers) {
    const std::size_t number = rotation.candidates.size();
    rotation.candidates.add(scheduling::server_key(server.name), server.weight);
    rotation.candidates.set(number, scheduling::Owner::family,
                            family(server.address) == of_family);
    rotation.candidates.set(number, scheduling::Owner::membership, server.member);
    rotation.candidates.set(number, scheduling::Owner::zone,
                            balancer.cross_zone || server.place == place);
  }
  if (rotation.scheduler) rotation.scheduler->reset(rotation.candidates.size());
  return rotation;
}

const ServerEntry* ServerDirectory::find(std::size_t group, std::size_t server) const {
  if (group >= groups_.size()) return nullptr;
  const std::size_t number = groups_[group].first_server + server;
  if (number >= servers_.size() || servers_[number].group != group) return nullptr;
  return &servers_[number];
}

std::optional<std::uint16_t> ServerDirectory::pick(std::uint16_t group,
                                                   const net::IpAddress& client) {
  Rotation& rotation = groups_[group].rotations[family(client)];
  if (!rotation.scheduler) return std::nullopt;
  const std::optional<std::size_t> chosen = rotation.scheduler->pick(rotation.candidates, {client, {}});
  if (!chosen) return std::nullopt;
  return static_cast<std::uint16_t>(groups_[group].first_server + *chosen);
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

void ServerDirectory::set_algorithm(std::size_t group, const config::BackendGroup& wanted) {
  if (group >= groups_.size()) return;
  Group& entry = groups_[group];
  if (entry.algorithm == wanted.algorithm && entry.source_hash == wanted.source_hash) return;
  entry.algorithm = wanted.algorithm;
  entry.source_hash = wanted.source_hash;
  for (Rotation& rotation : entry.rotations) {
    rotation.scheduler = scheduling::make_scheduler(wanted);
    if (rotation.scheduler) rotation.scheduler->reset(rotation.candidates.size());
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
  const bool weighted = groups_[group].algorithm != config::Algorithm::source_ip_hash;
  return weighted ? candidate.weight : std::uint8_t{1};
}

scheduling::Candidates& ServerDirectory::candidates_of(const ServerEntry& server) {
  return groups_[server.group].rotations[family(server.endpoint.address)].candidates;
}

const scheduling::Candidates& ServerDirectory::candidates_of(const ServerEntry& server) const {
  return groups_[server.group].rotations[family(server.endpoint.address)].candidates;
}

}  // namespace elblab::forwarding
