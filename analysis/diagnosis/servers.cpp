#include "analysis/diagnosis/servers.hpp"

namespace elblab::diagnosis {
namespace {

// A handshake younger than that when it was given up may still have been completed.
constexpr Duration kYoungHandshake = std::chrono::seconds(1);

bool was_refused(const SeenSession& session) {
  return !session.is_established() && session.reason == "reset_by_server";
}

// A client that resets what it has just opened was answered, by something it did not expect.
bool was_left_unanswered(const SeenSession& session) {
  return !session.is_established() && session.reason != "reset_by_server" &&
         session.reason != "reset_by_client" &&
         session.closed_at - session.opened_at >= kYoungHandshake;
}

class SessionReading {
 public:
  explicit SessionReading(const Observations& seen) : grid_(seen.grid()) {
    book_.idle = book_.idle_awaiting = book_.cut = zeros();
  }

  void take(const SeenSession& session, double weight) {
    ServerSigns& server = of(session.server);
    const std::size_t opened = grid_.column_of(session.opened_at);
    if (!session.is_tcp) {
      server.flows += weight;
      if (session.bytes_received > 0) {
        server.flows_answered += weight;
      } else {
        server.flows_unanswered[opened] += weight;
      }
      return;
    }
    if (session.is_established()) {
      server.established[opened] += weight;
      if (session.bytes_sent > 0 && session.bytes_received == 0) server.mute[opened] += weight;
      if (session.reason == "idle_timeout") take_idle(session, weight);
      if (session.reason == "stickiness_over")
        book_.cut[grid_.column_of(session.closed_at)] += weight;
    } else if (was_refused(session)) {
      server.refused[opened] += weight;
    } else if (was_left_unanswered(session)) {
      server.unanswered[opened] += weight;
      server.syns[opened] += weight * (1 + static_cast<double>(session.retransmissions));
    }
  }

  SessionBook finish() { return std::move(book_); }

 private:
  Curve zeros() const { return Curve(grid_.columns, 0.0); }

  ServerSigns& of(std::string_view server) {
    const auto [known, is_new] = book_.servers.try_emplace(std::string(server));
    if (is_new) known->second = {zeros(), zeros(), zeros(), zeros(), zeros(), 0, 0, zeros()};
    return known->second;
  }

  void take_idle(const SeenSession& session, double weight) {
    const std::size_t closed = grid_.column_of(session.closed_at);
    book_.idle[closed] += weight;
    if (session.bytes_sent > 0 && session.bytes_received == 0)
      book_.idle_awaiting[closed] += weight;
    const Duration life = session.closed_at - session.opened_at;
    Duration& shortest = book_.shortest_idle;
    shortest = shortest == Duration{} ? life : std::min(shortest, life);
  }

  const Grid& grid_;
  SessionBook book_;
};

}  // namespace

SessionBook read_sessions(const Observations& seen) {
  SessionReading reading(seen);
  seen.each_session(
      [&](const SeenSession& session, double weight) { reading.take(session, weight); });
  return reading.finish();
}

std::string host_of(const std::string& server) { return server.substr(server.rfind('/') + 1); }

std::string group_of(const std::string& server) { return server.substr(0, server.rfind('/')); }

std::vector<std::string> server_hosts(const Observations& seen) {
  std::vector<std::string> hosts;
  for (const std::string& server : seen.objects(MeasureScope::server)) {
    const std::string host = host_of(server);
    if (std::find(hosts.begin(), hosts.end(), host) == hosts.end()) hosts.push_back(host);
  }
  return hosts;
}

}  // namespace elblab::diagnosis
