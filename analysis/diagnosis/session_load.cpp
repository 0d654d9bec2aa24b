#include "analysis/diagnosis/session_load.hpp"

#include <map>

namespace elblab::diagnosis {
namespace {

// A handshake younger than that when the capture ended may still have been completed.
constexpr Duration kYoung = std::chrono::seconds(1);

bool is_tcp(const trace::ConnectionRow& row) { return row.protocol == "tcp"; }

bool is_established(const trace::ConnectionRow& row) { return row.established_at != kNever; }

bool is_unanswered(const trace::ConnectionRow& row) {
  if (is_established(row) || !is_tcp(row) || row.reason == "reset_by_server") return false;
  return row.closed_at - row.opened_at >= kYoung;
}

bool is_broken(const trace::ConnectionRow& row) {
  const bool reset = row.reason == "reset_by_server" || row.reason == "reset_by_client";
  return is_tcp(row) && is_established(row) && reset && row.bytes_sent > 0 &&
         row.bytes_received == 0;
}

// The SYNs that one attempt sends before it is given up, where nothing tells (linux-host.md row 5:
// at 0, 1, 2, 3, 4 s of the first five).
constexpr double kSynsPerAttempt = 5;

std::size_t column_of(const Grid& grid, Instant when) {
  const double width = grid.width_seconds();
  if (width <= 0) return 0;
  const auto column = static_cast<std::size_t>(std::max(0.0, to_seconds(when) / width));
  return std::min(column, grid.columns - 1);
}

struct OfServer {
  double established = 0;
  double unanswered = 0;
};

class SessionBooks {
 public:
  explicit SessionBooks(const Observations& seen) : seen_(seen) {
    const Curve nothing(seen.grid().columns, 0.0);
    load_.wanted = load_.answered = load_.slow = load_.syns_unanswered = nothing;
    load_.failures = {nothing, nothing, nothing, nothing, 0};
    load_.under_way = load_.usually_under_way = nothing;
  }

  void take(const trace::ConnectionRow& row, double weight) {
    const std::size_t at = column_of(seen_.grid(), row.opened_at);
    Failures& failures = load_.failures;
    load_.wanted[at] += weight;
    if (is_unanswered(row)) {
      failures.unanswered[at] += weight;
      load_.syns_unanswered[at] += weight * (1 + static_cast<double>(row.retransmissions));
    } else if (is_tcp(row) && !is_established(row) && row.reason == "reset_by_server") {
      failures.rejected[at] += weight;
    } else if (is_broken(row)) {
      failures.broken[at] += weight;
    } else {
      load_.answered[at] += weight;
      if (is_tcp(row) && row.retransmissions > 0) load_.slow[at] += weight;
    }
    note(row, weight);
  }

  Load finish() {
    // SYNs without a source port make no session.
    if (const Curve* none = seen_.counter("no_source_port")) {
      for (std::size_t i = 0; i < none->size(); ++i) {
        load_.failures.unanswered[i] += (*none)[i] / kSynsPerAttempt;
        load_.wanted[i] += (*none)[i] / kSynsPerAttempt;
        load_.syns_unanswered[i] += (*none)[i];
      }
    }
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
  void note(const trace::ConnectionRow& row, double weight) {
    if (!is_tcp(row)) return;
    OfServer& server = servers_[row.peer];
    if (is_established(row)) {
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

Load load_of_sessions(const Observations& seen) {
  SessionBooks books(seen);
  seen.each_session(
      [&](const trace::ConnectionRow& row, double weight) { books.take(row, weight); });
  return books.finish();
}

}  // namespace elblab::diagnosis
