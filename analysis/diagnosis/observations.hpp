// What an operator could see of a run: the only way a cause looks at a trace.
//
// Hidden are what a laboratory knows and an operator does not: links and what they dropped, the
// moments at which faults and changes were injected, the scenario and its texts. Left are the
// counters of hosts, balancer, servers, workloads and the network between links over time, how
// connections ended, and a handful of connections. A series that the trace does not have is
// nullptr: not observable, never a zero that looks measured.
//
// All series are read at once, onto one grid (grid.hpp) of at most kMostColumns columns: time grows
// with the samples, not with the connections, and memory with neither. The reader must outlive this
// object. One thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/diagnosis/balancer_drops.hpp"
#include "analysis/diagnosis/check_settings.hpp"
#include "analysis/diagnosis/grid.hpp"
#include "analysis/diagnosis/group_algorithms.hpp"
#include "analysis/diagnosis/health_records.hpp"
#include "analysis/diagnosis/sample_columns.hpp"
#include "analysis/trace/reader.hpp"
#include "models/telemetry/measures.hpp"

namespace elblab::diagnosis {

using telemetry::MeasureScope;

// A gauge, column by column. A column without a sample repeats the one before it.
struct Level {
  Curve low;
  Curve mean;
  Curve high;
};

// Which connections: those an object of this role saw end in [from, to).
struct ConnectionFilter {
  std::string role;                  // "client", "server", "session"
  std::vector<std::string> reasons;  // empty: any
  std::string object;                // empty: any
  std::string peer;                  // session: the server; empty: any
  Instant from = kStart;
  Instant to = kNever;
};

// A session of the balancer, in short: how a connection or a flow of datagrams went.
struct SeenSession {
  std::string_view server;  // "app/b1"; empty: none was chosen
  std::string_view reason;  // how it ended
  bool is_tcp = false;
  Instant opened_at;
  Instant established_at = kNever;  // kNever: never
  Instant closed_at;
  std::uint64_t bytes_sent = 0;      // payload, client -> server
  std::uint64_t bytes_received = 0;  // payload, server -> client
  std::uint64_t retransmissions = 0;

  bool is_established() const { return established_at != kNever; }
};

// A request of a user at a server that did not know him (view user_requests).
struct SeenSwitch {
  std::uint32_t user = 0;
  Instant at;
  Duration pause{};           // since his request before
  std::string server;         // "app/b1"
  std::string server_before;  // that knew him
  std::string client;         // the address that the balancer saw, and the one before
  std::string client_before;
  std::string cause;  // empty: it cannot be told
};

class Observations {
 public:
  static constexpr std::size_t kMostColumns = 1200;

  explicit Observations(const trace::Reader& trace);

  const Grid& grid() const { return grid_; }
  Duration sample_interval() const;
  bool is_complete() const { return trace_.complete(); }
  bool is_replay() const;

  // The objects of a scope, in the order of the trace: "c1", "balancer", "app/b1", "burst".
  const std::vector<std::string>& objects(MeasureScope scope) const;
  bool has_hosts() const { return !objects(MeasureScope::host).empty(); }
  bool has_workloads() const { return !objects(MeasureScope::workload).empty(); }

  // A counter's increments, or a gauge. nullptr: there is no such series, or no sample in it.
  const Curve* counter(std::string_view measure, MeasureScope scope,
                       const std::string& object) const;
  const Level* gauge(std::string_view measure, MeasureScope scope, const std::string& object) const;
  // Of the balancer.
  const Curve* counter(std::string_view measure) const;
  const Level* gauge(std::string_view measure) const;
  // Whether the balancer has such a series, with samples or without.
  bool records(std::string_view measure) const;
  // Summed over the objects of a scope that have it; nullopt: none has.
  std::optional<Curve> summed(std::string_view measure, MeasureScope scope) const;

  // How many connections ended so: of this role ("client", "server", "session"), in all.
  std::uint64_t ended(std::string_view role, std::string_view reason) const;
  std::uint64_t ended(std::string_view role) const;
  // Packets that the balancer's nodes dropped for this reason: in all, and when.
  std::uint64_t dropped_by_balancer(const std::string& reason) const;
  const DropCurves& drops(std::string_view reason) const;
  // Of probes of the server with this address.
  const ProbeDrops& probe_drops(std::string_view reason, const std::string& address) const;
  // How many packets a host dropped for this reason, as its own counters tell.
  std::uint64_t dropped_by_host(const std::string& host, const std::string& reason) const;
  // Health checks: how they are set, and what came of them. Read at the first call.
  const CheckSettingsByGroup& checks() const;
  const HealthRecords& health() const;

  // Up to `most` of them in the order of ids, found near filter.from: at most kMostRowsRead rows
  // are read, so that a rare kind may not be found. O(log rows + rows read).
  static constexpr std::size_t kMostRowsRead = 20'000;
  std::vector<trace::ConnectionRow> connections(const ConnectionFilter& filter,
                                                std::size_t most) const;
  std::optional<trace::ConnectionRow> connection(std::uint64_t id) const;
  // Every five-tuple conflict, by time (FTC-01): who lays the connection tables of the balancers'
  // nodes side by side sees them.
  std::vector<trace::ConflictRow> conflicts() const { return trace_.conflicts(); }
  // What each client's address had from each server (who met whom).
  std::vector<trace::TrafficRow> traffic() const { return trace_.traffic(); }
  // What its operator made each group's algorithm.
  const GroupAlgorithms& algorithms() const;
  // take(session, weight) for each session of the balancer; of a table longer than
  // kMostSessionsRead some pages only, and `weight` is how many sessions one stands for. O(sessions
  // read).
  static constexpr std::uint64_t kMostSessionsRead = 200'000;
  using TakeSession = std::function<void(const SeenSession&, double weight)>;
  void each_session(const TakeSession& take) const;
  // take(server, began) for the first flow of datagrams from each client endpoint to each listener.
  // O(connections).
  using TakePath = std::function<void(const std::string& server, Instant began)>;
  void each_new_path(const TakePath& take) const;
  // Each session that a user lost, by time. O(requests of users + connections).
  using TakeSwitch = std::function<void(const SeenSwitch&)>;
  void each_lost_session(const TakeSwitch& take) const;

 private:
  struct Found {
    telemetry::SeriesId id = 0;
    trace::SeriesKind kind{};
  };
  using Key = std::pair<std::string, std::string>;  // measure, object

  std::optional<Found> find(std::string_view measure, MeasureScope scope,
                            const std::string& object) const;
  std::uint64_t rows() const;
  std::uint64_t first_ending_at(Instant when) const;

  const trace::Reader& trace_;
  Grid grid_;
  std::map<MeasureScope, std::map<Key, Found>> series_;
  std::map<MeasureScope, std::vector<std::string>> objects_;
  std::vector<trace::ReasonCount> counts_;      // what is visible of them
  std::map<std::string, std::uint64_t> drops_;  // of the balancer's nodes, by reason
  mutable std::optional<std::uint64_t> rows_;
  mutable std::optional<BalancerDrops> balancer_drops_;
  mutable std::optional<GroupAlgorithms> algorithms_;
  mutable std::optional<CheckSettingsByGroup> checks_;
  mutable std::optional<HealthRecords> health_;
  std::optional<SampleColumns> samples_;
  mutable std::map<telemetry::SeriesId, Curve> counters_;
  mutable std::map<telemetry::SeriesId, Level> gauges_;
};

}  // namespace elblab::diagnosis
