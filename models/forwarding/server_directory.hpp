// The servers of all groups of a node under small numbers, and the choice among them.
//
// A client is served over its own IP version (FWD-19), so each group schedules its IPv4 and its
// IPv6 servers apart: a rotation is one scheduler over all servers of the group, of which those of
// the other version are never eligible. Where a group has sticky sessions or connection IDs, both
// rotations look them up in one table, that of the node or that of all nodes of the balancer.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "models/config/load_balancer.hpp"
#include "models/forwarding/scheduling_tables.hpp"
#include "models/scheduling/connection_id_scheduler.hpp"
#include "models/scheduling/scheduler.hpp"
#include "models/scheduling/sticky_scheduler.hpp"
#include "models/telemetry/ids.hpp"

namespace elblab::forwarding {

struct ServerEntry {
  net::Endpoint endpoint;
  std::uint16_t group = 0;
  std::uint16_t index = 0;  // within the group
  telemetry::ObjectId object = 0;
  std::uint32_t active = 0;     // bindings now
  std::uint64_t scheduled = 0;  // bindings ever
};

class ServerDirectory {
 public:
  // Of the node that chooses.
  struct Chooser {
    std::uint16_t place = 0;
    std::uint64_t hash_seed = 0;                      // of tables of its own
    const SchedulingTables* shared_tables = nullptr;  // outlives the directory; nullptr: none
  };
  ServerDirectory(const config::LoadBalancer& balancer, const Chooser& chooser,
                  const std::vector<std::vector<telemetry::ObjectId>>& objects);

  std::size_t size() const { return servers_.size(); }
  const ServerEntry& operator[](std::uint16_t number) const { return servers_[number]; }
  // nullptr for a server that does not exist.
  const ServerEntry* find(std::size_t group, std::size_t server) const;

  // Chooses for a new connection. O(servers of the group).
  std::optional<std::uint16_t> pick(std::uint16_t group, const scheduling::Arrival& arrival);
  // Whether the last choice for such a client was made for the connection ID of its datagram.
  bool went_by_connection_id(std::uint16_t group, const net::IpAddress& client) const;
  // The server that gave out the connection ID of a client's datagram; nullopt: it gets nothing
  // new, or the datagram carries none that is known, or it is no group that looks. O(1).
  std::optional<std::uint16_t> holder(std::uint16_t group, const net::IpAddress& client,
                                      std::span<const std::uint8_t> datagram);
  // A server's datagram passes, to a client: it may give out a connection ID. O(1).
  void answered(std::uint16_t number, std::span<const std::uint8_t> datagram);
  // What stickiness had to do with the last choice for such a client; nullptr: nothing.
  const scheduling::StickyScheduler::Last* last_stickiness(std::uint16_t group,
                                                           const net::IpAddress& client) const;
  // The number of a group's server.
  std::uint16_t number_of(std::uint16_t group, std::uint16_t index) const {
    return static_cast<std::uint16_t>(groups_[group].first_server + index);
  }
  bool hashes_source(std::uint16_t group) const {
    return groups_[group].algorithm == config::Algorithm::source_ip_hash;
  }
  // Whether open connections are cut when their client's binding ends (CON-04).
  bool cuts_when_over(std::uint16_t group) const { return groups_[group].cuts_when_over; }
  std::optional<scheduling::StickinessTable::Binding> binding(std::uint16_t group,
                                                              const net::IpAddress& client,
                                                              Instant now) const;
  // nullptr: the group has no stickiness.
  const scheduling::StickinessTable* stickiness_table(std::size_t group) const;
  scheduling::StickyScheduler::Counts stickiness_counts(std::size_t group) const;
  // nullptr: the group has no connection IDs.
  const scheduling::ConnectionIdTable* connection_id_table(std::size_t group) const;
  // How often pick() chose for the connection ID.
  std::uint64_t flows_by_id(std::size_t group) const {
    return group < groups_.size() ? groups_[group].flows_by_id : 0;
  }
  // A binding opens, and counts as a connection of its server. It stops to when its connection is
  // over; the binding may stay for a while longer, and ends.
  void count_opened(std::uint16_t number);
  void count_over(std::uint16_t number);
  void count_ended(std::uint16_t number);

  // Is told every decision from now on; nullptr: nobody. Not owned.
  void observe(scheduling::DecisionObserver* observer);
  // What of each group says how a server is chosen. The balancer's own tables are as wanted
  // already.
  void set_algorithms(const config::LoadBalancer& balancer);
  void set_eligible(std::size_t group, std::size_t server, scheduling::Owner owner, bool eligible);
  void set_weight(std::size_t group, std::size_t server, std::uint8_t weight);
  // Whether it is of its group, with a weight above 0: what an operator has to say about it.
  bool is_wanted(std::size_t group, std::size_t server) const;
  // What its weight comes to: 0 while it is not eligible, and of a server that does not exist; 1
  // where weights have no effect (SCH-07).
  std::uint8_t effective_weight(std::size_t group, std::size_t server) const;

 private:
  struct Rotation {
    std::unique_ptr<scheduling::Scheduler> scheduler;
    // In that scheduler, where they are.
    scheduling::StickyScheduler* sticky = nullptr;
    scheduling::ConnectionIdScheduler* by_id = nullptr;
    scheduling::Candidates candidates;
  };
  struct Group {
    std::uint16_t first_server = 0;
    config::Algorithm algorithm{};
    std::optional<config::SourceHash> source_hash;
    // nullptr: none.
    std::shared_ptr<scheduling::StickinessTable> stickiness;
    std::shared_ptr<scheduling::ConnectionIdTable> connection_ids;
    bool has_scheduler = false;  // of the above
    bool cuts_when_over = false;
    scheduling::StickyScheduler::Counts earlier;  // of schedulers that are no more
    std::uint64_t flows_by_id = 0;
    std::array<Rotation, 2> rotations;  // IPv4, IPv6
  };

  static std::size_t family(const net::IpAddress& address) { return address.is_v4() ? 0 : 1; }
  static scheduling::Candidates make_candidates(const config::LoadBalancer& balancer,
                                                const config::BackendGroup& group,
                                                std::uint16_t place, std::size_t of_family);
  const std::shared_ptr<scheduling::StickinessTable>& wanted_stickiness(std::size_t group) const;
  const std::shared_ptr<scheduling::ConnectionIdTable>& wanted_connection_ids(
      std::size_t group) const;
  void set_algorithm(std::size_t group, const config::BackendGroup& wanted);
  void renew_scheduler(Rotation& rotation, const config::BackendGroup& wanted,
                       const Group& tables) const;
  // Those that the server is usable among: of its address's family.
  scheduling::Candidates& candidates_of(const ServerEntry& server);
  const scheduling::Candidates& candidates_of(const ServerEntry& server) const;

  const SchedulingTables* shared_tables_;
  SchedulingTables own_tables_;
  scheduling::DecisionObserver* observer_ = nullptr;
  std::vector<ServerEntry> servers_;
  std::vector<Group> groups_;
};

}  // namespace elblab::forwarding
