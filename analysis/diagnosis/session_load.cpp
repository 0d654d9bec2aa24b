#include "analysis/diagnosis/session_load.hpp"

#include <map>

#include "analysis/diagnosis/dead_servers.hpp"

namespace elblab::diagnosis {
namespace {

// A handshake younger than that when the capture ended may still have been completed.
constexpr Duration kYoung = std::chrono::seconds(1);

bool is_unanswered(const SeenSession& row) {
  if (row.is_established() || !row.is_tcp || row.reason == "reset_by_server") return false;
  // Who resets has been answered: a health check, or a scan.
  if (row.reason == "reset_by_client") return false;
  return row.closed_at - row.opened_at >= kYoung;
}

// Something was sent, and nothing came back.
bool awaits_answer(const SeenSession& row) {
  return row.is_tcp && row.is_established() && row.bytes_sent > 0 && row.bytes_received == 0;
}

bool is_broken(const SeenSession& row) {
  const bool reset = row.reason == "reset_by_server" || row.reason == "reset_by_client";
  return reset && awaits_answer(row);
}

bool is_reset(const SeenSession& row) { return row.reason == "idle_timeout" && awaits_answer(row); }

struct OfServer {
  double established = 0;
  double unanswered = 0;
};

class SessionBooks {
 public:
  explicit SessionBooks(const Observations& seen) : seen_(seen) {
    const Curve nothing(seen.grid().columns, 0.0);
    load_.wanted = load_.answered = load_.slow = load_.syns_unanswered = nothing;
    Failures& failures = load_.failures;
    failures.refused = failures.unanswered = failures.rejected = nothing;
    failures.unreachable = failures.reset = failures.disowned = failures.broken = nothing;
    load_.under_way = load_.usually_under_way = nothing;
  }

  void take(const SeenSession& row, double weight) {
    const std::size_t at = seen_.grid().column_of(row.opened_at);
    Failures& failures = load_.failures;
    load_.wanted[at] += weight;
    if (is_unanswered(row)) {
      failures.unanswered[at] += weight;
      load_.syns_unanswered[at] += weight * (1 + static_cast<double>(row.retransmissions));
    } else if (row.is_tcp && !row.is_established() && row.reason == "reset_by_server") {
      failures.rejected[at] += weight;
    } else if (is_reset(row)) {
      failures.reset[seen_.grid().column_of(row.closed_at)] += weight;
    } else if (is_broken(row)) {
      failures.broken[at] += weight;
    } else {
      load_.answered[at] += weight;
      if (row.is_tcp && row.retransmissions > 0) load_.slow[at] += weight;
    }
    note(row, weight);
  }

  Load finish() {
    // What the balancer drops makes no session. (A port without a listener may be one that nobody
    // told it of: no failure.) A flow that came again and was dropped again got nowhere.
    for (const char* reason : {"no_source_port", "table_full"}) {
      const DropCurves& drops = seen_.drops(reason);
      const Curve& failed = total(drops.insistent) > 0 ? drops.insistent : drops.attempts;
      add(load_.failures.unanswered, failed);
      add(load_.wanted, failed);
      add(load_.syns_unanswered, drops.tcp);
    }
    const DropCurves& refused = seen_.drops("no_server");
    add(load_.failures.rejected, refused.attempts);
    add(load_.wanted, refused.attempts);
    load_.attempts = total(load_.wanted);
    load_.patience = seen_.grid().covering(std::chrono::seconds(30));
    for (const auto& [name, server] : servers_) {
      if (server.established == 0 || server.unanswered <= signs_.worst_unanswered) continue;
      signs_.worst_server = name;
      signs_.worst_unanswered = server.unanswered;
      signs_.worst_established = server.established;
    }
    const Curve* answers = seen_.counter("m6_out_pps");
    signs_.both_directions = signs_.established > 0 || answers == nullptr || total(*answers) > 0;
    load_.sessions = signs_;
    return std::move(load_);
  }

 private:
  void note(const SeenSession& row, double weight) {
    if (!row.is_tcp) return;
    OfServer& server = servers_[std::string(row.server)];
    if (row.is_established()) {
      signs_.established += weight;
      server.established += weight;
      if (row.retransmissions > 0) signs_.retransmitted += weight;
    } else if (is_unanswered(row)) {
      signs_.unanswered += weight;
      server.unanswered += weight;
    }
  }

  const Observations& seen_;
  Load load_;
  SessionSigns signs_;
  std::map<std::string, OfServer> servers_;
};

}  // namespace

Load load_of_sessions(const Observations& seen, const SessionBook& sessions) {
  SessionBooks books(seen);
  seen.each_session([&](const SeenSession& row, double weight) { books.take(row, weight); });
  Load load = books.finish();
  for (const DeadServer& dead : find_dead_servers(seen, sessions, std::nullopt)) {
    if (dead.how != Death::answers_no_datagram) continue;
    add(load.failures.broken, dead.amount);
    for (std::size_t i = 0; i < dead.amount.size(); ++i) load.answered[i] -= dead.amount[i];
  }
  return load;
}

}  // namespace elblab::diagnosis
