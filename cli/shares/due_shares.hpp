// What the servers of a group are due under its algorithm, and what moves when one of them goes:
// worked out from the configuration alone, by the schedulers that the nodes use.
//
// A group chooses in one view for each IP version that it has servers of (FWD-19), and, with
// cross-zone traffic off, for each place that nodes are in. Nodes of one view choose alike, each
// for itself (GEN-04). Pure; a group of n servers under a source hash costs two tables for each
// removal, milliseconds with ten servers and 40 ms with a thousand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/config/load_balancer.hpp"
#include "models/net/address.hpp"
#include "models/scheduling/disruption.hpp"

namespace elblab::cli {

struct DueServer {
  std::string name;
  net::Endpoint endpoint;
  unsigned weight = 1;
  std::string out_because;  // empty: it may be chosen
  double share = 0;         // of the view's new connections, 0..1, expected
  // Under a source hash: of the slots of a table, one of each kind (CON-27).
  std::uint32_t consistent_slots = 0;
  std::uint32_t static_slots = 0;
  // Of the clients given: those whose connections it gets under a source hash, and otherwise how
  // many it gets where each opens one, in that order, through one node, and keeps it open.
  std::size_t clients = 0;
};

struct DueRemoval {
  std::size_t server = 0;  // in DueView::servers
  // Weighted algorithms: by this much the others' shares grow; nullopt: there is no other.
  std::optional<double> growth;
  // Source hash.
  scheduling::Disruption consistent;
  scheduling::Disruption numbered;
};

struct DueView {
  bool ipv6 = false;
  std::optional<std::uint16_t> place;  // of the nodes, where it matters
  std::vector<DueServer> servers;      // of this IP version
  std::vector<std::size_t> turns;      // weighted round robin: one round, at most kMostTurns of it
  std::size_t turns_in_round = 0;
  std::vector<DueRemoval> removals;           // of those asked for that may be chosen at all
  std::vector<net::IpAddress> clients;        // those of this IP version, as given
  std::vector<std::size_t> server_of_client;  // source hash, one for each; servers.size(): nobody

  // The most that a server has of the clients, over what each usable one would have of equal parts;
  // nullopt without clients or usable servers.
  std::optional<double> imbalance() const;
};

struct DueGroup {
  std::string name;
  config::Algorithm algorithm{};
  config::SourceHash source_hash;
  std::vector<std::string> listeners;
  std::vector<DueView> views;

  // Whether a new connection goes by the hash of its client's address: also under connection ID,
  // where what follows goes by the ID that its server gave out.
  bool goes_by_hash() const {
    return algorithm == config::Algorithm::source_ip_hash ||
           algorithm == config::Algorithm::connection_id;
  }
};

inline constexpr std::size_t kMostTurns = 24;
// Above so many servers only the removals that are asked for are worked out, or the first.
inline constexpr std::size_t kAllRemovals = 16;

// removed: names; empty: every server of a group with at most kAllRemovals, else its first.
DueGroup due_shares(const config::LoadBalancer& balancer, const config::BackendGroup& group,
                    const std::vector<net::IpAddress>& clients,
                    const std::vector<std::string>& removed);

}  // namespace elblab::cli
