#include "analysis/trace/conflict_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <vector>

#include "models/telemetry/recorder.hpp"

namespace elblab::trace {
namespace {

using telemetry::ConnectionRole;
using telemetry::EventKind;
using telemetry::Reason;

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kTimeWait = 60 * kSecond;
// A SYN is sent again after a second (RFC 6298 section 2): one that was answered later was lost or
// refused before.
constexpr std::int64_t kSynRepeated = kSecond * 9 / 10;
constexpr std::size_t kMostConflicts = 1'000'000;

struct Flow {
  std::int64_t id = 0;
  std::int64_t object = 0;
  std::int64_t peer = 0;
  std::int64_t protocol = 0;
  std::int64_t source = 0;
  std::int64_t destination = 0;
  std::int64_t server = 0;  // endpoint
  std::int64_t opened = 0;
  std::optional<std::int64_t> established;
  std::int64_t closed = 0;
  Reason reason = Reason::none;

  bool same_tuple(const Flow& other) const {
    return protocol == other.protocol && server == other.server && source == other.source;
  }
};

struct Conflict {
  Flow earlier;
  Flow later;
  std::optional<std::int64_t> earlier_client{};  // their clients' own records
  std::optional<std::int64_t> later_client{};
  EarlierState state = EarlierState::unknown;
  ConflictOutcome outcome = ConflictOutcome::unknown;
  ConflictOutcome earlier_outcome = ConflictOutcome::unknown;
};

std::string role(ConnectionRole role) { return std::to_string(static_cast<int>(role)); }

bool has_rows(const Database& database, const std::string& sql) {
  Statement statement(database, sql);
  return statement.step() == Step::row;
}

// Whether two ways lead to one server's endpoint at all.
bool is_possible(const Database& database) {
  const std::string sessions =
      "SELECT id FROM connection_classes WHERE role = " + role(ConnectionRole::session);
  return has_rows(database, fmt::format("SELECT 1 FROM event_classes WHERE kind = {} LIMIT 1",
                                        static_cast<int>(EventKind::five_tuple_conflict))) ||
         has_rows(database,
                  fmt::format("SELECT 1 FROM (SELECT DISTINCT destination FROM connections "
                              "WHERE class IN ({})) LIMIT 1 OFFSET 1",
                              sessions));
}

Flow flow_of(const Statement& row) {
  Flow flow;
  flow.id = row.integer(0);
  flow.object = row.integer(1);
  flow.peer = row.integer(2);
  flow.protocol = row.integer(3);
  flow.reason = static_cast<Reason>(row.integer(4));
  flow.source = row.integer(5);
  flow.destination = row.integer(6);
  flow.server = row.integer(7);
  flow.opened = row.integer(8);
  if (!row.is_null(9)) flow.established = flow.opened + row.integer(9);
  flow.closed = flow.opened + row.integer(10);
  return flow;
}

constexpr std::string_view kColumns =
    "c.id, k.object, k.peer, k.protocol, k.reason, c.source, c.destination, "
    "k.translated_destination, c.opened_ns, c.established_after_ns, c.closed_after_ns";

// The latest of the flows of this tuple that lives, or whose TIME_WAIT may last, when `later`
// begins.
const Flow* rival_of(const std::vector<Flow>& before, const Flow& later) {
  for (auto at = before.rbegin(); at != before.rend(); ++at) {
    if (at->destination == later.destination) continue;  // the client's own flow, used again
    const bool may_rest = at->reason == Reason::closed_by_server;
    if (later.opened < at->closed + (may_rest ? kTimeWait : 0)) return &*at;
  }
  return nullptr;
}

bool find_conflicts(const Database& database, std::vector<Conflict>& conflicts) {
  Statement rows(
      database,
      fmt::format("SELECT {} FROM connections c JOIN connection_classes k ON k.id = c.class "
                  "WHERE k.role = {} AND c.translated_source = c.source ORDER BY "
                  "k.protocol, k.translated_destination, c.source, c.opened_ns, c.id",
                  kColumns, role(ConnectionRole::session)));
  std::vector<Flow> before;
  Step step = rows.step();
  for (; step == Step::row && conflicts.size() < kMostConflicts; step = rows.step()) {
    const Flow flow = flow_of(rows);
    if (!before.empty() && !before.front().same_tuple(flow)) before.clear();
    if (const Flow* rival = rival_of(before, flow)) conflicts.push_back({*rival, flow});
    before.push_back(flow);
    if (before.size() > 64) before.erase(before.begin());
  }
  return step != Step::error;
}

// Where flows came from that a NAT box sent on: as balancers saw them, a host has no such endpoint.
class Translations {
 public:
  bool read(const Database& database, const std::vector<Conflict>& conflicts) {
    for (const Conflict& conflict : conflicts) by_outer_[conflict.later.source];
    Statement rows(database,
                   fmt::format("SELECT c.translated_source, c.source, c.destination, k.protocol, "
                               "c.opened_ns FROM connections c JOIN connection_classes k ON "
                               "k.id = c.class WHERE k.role = {}",
                               role(ConnectionRole::translation)));
    Step step = rows.step();
    for (; step == Step::row; step = rows.step()) {
      const auto at = by_outer_.find(rows.integer(0));
      if (at == by_outer_.end()) continue;
      at->second.push_back({rows.integer(1), rows.integer(2), rows.integer(3), rows.integer(4)});
    }
    return step != Step::error;
  }

  // The client's own endpoint of a flow, as of `at`; the flow's source where nobody translated it.
  std::int64_t source_of(const Flow& flow, std::int64_t at) const {
    const Translation* found = nullptr;
    for (const Translation& each : by_outer_.at(flow.source)) {
      if (each.protocol != flow.protocol || each.destination != flow.destination ||
          each.opened > at) {
        continue;
      }
      if (found == nullptr || each.opened >= found->opened) found = &each;
    }
    return found != nullptr ? found->inside : flow.source;
  }

 private:
  struct Translation {
    std::int64_t inside = 0;
    std::int64_t destination = 0;
    std::int64_t protocol = 0;
    std::int64_t opened = 0;
  };
  std::unordered_map<std::int64_t, std::vector<Translation>> by_outer_;  // never iterated
};

// What clients and servers recorded of the ports that conflicts are about.
class EndRecords {
 public:
  bool read(const Database& database, const std::vector<Conflict>& conflicts) {
    if (!translations_.read(database, conflicts)) return false;
    for (const Conflict& conflict : conflicts) {
      by_source_[conflict.later.source];
      by_source_[translations_.source_of(conflict.earlier, conflict.later.opened)];
      by_source_[translations_.source_of(conflict.later, conflict.later.opened)];
    }
    for (const ConnectionRole of : {ConnectionRole::client, ConnectionRole::server}) {
      Statement rows(database,
                     fmt::format("SELECT {} FROM connections c JOIN connection_classes k ON "
                                 "k.id = c.class WHERE k.role = {}",
                                 kColumns, role(of)));
      Step step = rows.step();
      for (; step == Step::row; step = rows.step()) {
        const auto at = by_source_.find(rows.integer(5));
        if (at != by_source_.end()) at->second.push_back(flow_of(rows));
      }
      if (step == Step::error) return false;
    }
    return true;
  }

  // The client's own, that began last before `at`; nullptr: none was recorded.
  const Flow* client_of(const Flow& flow, std::int64_t at) const {
    return last_before(flow, translations_.source_of(flow, at), flow.destination, at);
  }
  // The server's.
  const Flow* socket_of(const Flow& flow, std::int64_t at) const {
    return last_before(flow, flow.source, flow.server, at);
  }

 private:
  const Flow* last_before(const Flow& flow, std::int64_t source, std::int64_t destination,
                          std::int64_t at) const {
    const Flow* found = nullptr;
    for (const Flow& each : by_source_.at(source)) {
      if (each.protocol != flow.protocol || each.destination != destination || each.opened > at) {
        continue;
      }
      if (found == nullptr || each.opened >= found->opened) found = &each;
    }
    return found;
  }

  Translations translations_;
  std::unordered_map<std::int64_t, std::vector<Flow>> by_source_;  // never iterated
};

EarlierState state_of(const Conflict& conflict, const EndRecords& records) {
  const std::int64_t at = conflict.later.opened;
  const Flow* socket = records.socket_of(conflict.earlier, at);
  const Flow& seen = socket != nullptr ? *socket : conflict.earlier;
  if (at < seen.closed) {
    const bool established = seen.established && *seen.established <= at;
    return established ? EarlierState::established : EarlierState::syn_received;
  }
  const bool server_closed = socket != nullptr ? seen.reason == Reason::closed_by_local
                                               : seen.reason == Reason::closed_by_server;
  return server_closed && at < seen.closed + kTimeWait ? EarlierState::time_wait
                                                       : EarlierState::closed;
}

bool ended_well(Reason reason) {
  return reason == Reason::closed_by_local || reason == Reason::closed_by_peer ||
         reason == Reason::run_ended;
}

ConflictOutcome outcome_of(const Flow* client) {
  if (client == nullptr) return ConflictOutcome::unknown;
  if (client->established) {
    if (!ended_well(client->reason)) return ConflictOutcome::broken;
    return *client->established - client->opened > kSynRepeated ? ConflictOutcome::delayed
                                                                : ConflictOutcome::accepted;
  }
  if (client->reason == Reason::run_ended) return ConflictOutcome::unknown;
  const bool reset =
      client->reason == Reason::reset_by_peer || client->reason == Reason::refused_by_peer;
  return reset ? ConflictOutcome::reset : ConflictOutcome::timed_out;
}

// One conflict for each attempt of a client: a SYN sent again after a reset is a session of its own
// to a balancer. Gives those that stay.
std::vector<Conflict> judge(const std::vector<Conflict>& found, const EndRecords& records) {
  std::vector<Conflict> judged;
  std::unordered_map<std::int64_t, bool> told;  // by the client's record
  for (Conflict conflict : found) {
    const Flow& later = conflict.later;
    const Flow& earlier = conflict.earlier;
    const Flow* client = records.client_of(later, later.opened);
    const Flow* earlier_client = records.client_of(earlier, later.opened);
    if (client != nullptr && !told.emplace(client->id, true).second) continue;
    conflict.state = state_of(conflict, records);
    conflict.outcome = outcome_of(client);
    conflict.earlier_outcome = outcome_of(earlier_client);
    if (client != nullptr) conflict.later_client = client->id;
    if (earlier_client != nullptr) conflict.earlier_client = earlier_client->id;
    judged.push_back(conflict);
  }
  std::stable_sort(judged.begin(), judged.end(), [](const Conflict& a, const Conflict& b) {
    return a.later.opened < b.later.opened;
  });
  return judged;
}

ConflictScope scope_of(const Conflict& conflict) {
  if (conflict.earlier.object == conflict.later.object) return ConflictScope::node;
  return conflict.earlier.peer == conflict.later.peer ? ConflictScope::nodes
                                                      : ConflictScope::balancers;
}

bool write(const Database& database, const std::vector<Conflict>& conflicts) {
  Statement insert(database, "INSERT INTO conflicts VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)");
  for (std::size_t i = 0; i < conflicts.size(); ++i) {
    const Conflict& c = conflicts[i];
    insert.bind(1, c.later.opened)
        .bind(2, c.later.protocol)
        .bind(3, c.later.source)
        .bind(4, c.later.server)
        .bind(5, c.earlier.id)
        .bind(6, c.later.id)
        .bind(7, static_cast<std::int64_t>(scope_of(c)))
        .bind(8, static_cast<std::int64_t>(c.state))
        .bind(9, static_cast<std::int64_t>(c.outcome))
        .bind(10, static_cast<std::int64_t>(c.earlier_outcome))
        .bind(13, static_cast<std::int64_t>(i + 1));
    const auto bind_id = [&](int column, const std::optional<std::int64_t>& id) {
      if (id) {
        insert.bind(column, *id);
      } else {
        insert.bind_null(column);
      }
    };
    bind_id(11, c.earlier_client);
    bind_id(12, c.later_client);
    if (!insert.run()) return false;
  }
  return true;
}

}  // namespace

bool write_conflicts(const Database& database) {
  if (!is_possible(database)) return true;
  std::vector<Conflict> found;
  if (!find_conflicts(database, found)) return false;
  if (found.empty()) return true;
  EndRecords records;
  if (!records.read(database, found)) return false;
  return write(database, judge(found, records));
}

bool read_conflicts(const Database& database, std::vector<ConflictRow>& rows) {
  Statement query(database,
                  "SELECT v.id, x.at_ns, v.protocol, v.client, v.server, v.earlier_node,"
                  " v.earlier_destination, v.later_node, v.later_destination, v.scope,"
                  " v.earlier_state, v.outcome, v.earlier_outcome, x.earlier, x.later,"
                  " v.earlier_host, v.earlier_source, v.later_host, v.later_source"
                  " FROM conflicts x JOIN conflicts_view v ON v.id = x.id ORDER BY x.id");
  const auto text = [&](int column) { return std::string(query.text(column)); };
  const auto number = [&](int column) { return static_cast<std::uint64_t>(query.integer(column)); };
  Step step = query.step();
  for (; step == Step::row; step = query.step()) {
    rows.push_back({number(0), kStart + Duration(query.integer(1)), text(2), text(3), text(4),
                    text(5), text(6), text(7), text(8), text(9), text(10), text(11), text(12),
                    number(13), number(14), text(15), text(16), text(17), text(18)});
  }
  return step == Step::done;
}

}  // namespace elblab::trace
