// DIAG-02, HC-16: a server that is in service and does not do its work. Its port is closed, so that
// it refuses its share of the connects at once; or it is gone, cut off or hangs, and its share runs
// into timeouts. Without a health check nobody takes it out.
//
// How each is told: dead_servers.hpp. What stands at a dead server belongs to it, and so do the
// ports that are held meanwhile.
#include <fmt/format.h>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

constexpr std::size_t kShown = 3;
// So much of it where nobody was harmed is worth a word.
constexpr double kNoticeable = 3;

class DeadServerCause final : public Cause {
 public:
  CauseId id() const override { return CauseId::dead_server; }

  Claims claims(const Case& run) const override {
    Claims claims = claims_on_the_network(run, id());
    add(claims.syns, run.where.at_dead_servers);
    claim_refusals(run, id(), claims);
    for (const DeadServer& dead : run.where.dead) {
      if (dead.how == Death::answers_no_datagram) add(claims.waiting, dead.amount);
    }
    return claims;
  }

  Finding finding(const Case& run, const Granted& granted, Finding finding) const override {
    const std::vector<const DeadServer*> dead = most_first(run.where.dead);
    if (run.load.sessions && !run.load.sessions->both_directions) {
      return not_observable(std::move(finding), "the capture holds no answers");
    }
    if (dead.empty()) return ruled_out(std::move(finding), without(run));
    const double most = total(dead.front()->amount);
    if (granted.material || (!run.harmed && most >= kNoticeable)) {
      return found(run, granted, dead, std::move(finding));
    }
    return ruled_out(std::move(finding), fmt::format("{}, too little to matter", told(*dead[0])));
  }

 private:
  static std::string without(const Case& run) {
    return run.where.dead.empty() ? "no request is seen to have met one"
                                  : "those there are stay in service by another cause";
  }

  static std::vector<const DeadServer*> most_first(const std::vector<DeadServer>& all) {
    std::vector<const DeadServer*> dead;
    for (const DeadServer& one : all) {
      if (one.blamed == CauseId::dead_server) dead.push_back(&one);
    }
    std::stable_sort(dead.begin(), dead.end(), [](const DeadServer* a, const DeadServer* b) {
      return total(a->amount) > total(b->amount);
    });
    return dead;
  }

  static std::string told(const DeadServer& dead) {
    switch (dead.how) {
      case Death::refuses:
        return fmt::format("{} refused {} connects", dead.server, count_text(total(dead.amount)));
      case Death::closed_port:
        return fmt::format("{} datagrams met a closed port of {}", count_text(total(dead.amount)),
                           dead.server);
      case Death::receives_nothing:
        return dead.server + " got nothing for a while";
      case Death::answers_nothing:
      case Death::answers_no_datagram:
        break;
    }
    return dead.server + " did not answer";
  }

  static Finding found(const Case& run, const Granted& granted,
                       const std::vector<const DeadServer*>& dead, Finding finding) {
    finding.standing = Standing::found;
    finding.explains = granted.share;
    finding.title = title_of(dead);
    const bool sure =
        std::all_of(dead.begin(), dead.end(), [](const DeadServer* one) { return one->sure; });
    finding.confidence = !granted.material ? Confidence::possible
                         : sure            ? Confidence::certain
                                           : Confidence::likely;
    for (std::size_t i = 0; i < dead.size() && i < kShown; ++i) {
      finding.evidence.push_back(evidence_of(run, *dead[i]));
    }
    return finding;
  }

  static std::string title_of(const std::vector<const DeadServer*>& dead) {
    std::vector<std::string> servers;
    for (const DeadServer* one : dead) {
      if (std::find(servers.begin(), servers.end(), one->server) == servers.end()) {
        servers.push_back(one->server);
      }
    }
    const std::string who = list_text(servers);
    const bool alike = std::all_of(dead.begin(), dead.end(), [&](const DeadServer* one) {
      return one->how == dead.front()->how;
    });
    const bool one = servers.size() == 1;
    if (!alike) return fmt::format("dead: {}", who);
    const bool sure = dead.front()->sure;
    switch (dead.front()->how) {
      case Death::refuses:
        return sure ? fmt::format("nobody listens on the port of {}", who)
                    : fmt::format("{} {} some connects and takes others", who,
                                  one ? "refuses" : "refuse");
      case Death::closed_port:
        return fmt::format("{} UDP port of {} is closed", sure ? "the" : "a", who);
      case Death::receives_nothing:
        return fmt::format("{} {} gone or cut off", who, one ? "is" : "are");
      case Death::answers_nothing:
      case Death::answers_no_datagram:
        break;
    }
    return fmt::format("{} {} nothing", who, one ? "answers" : "answer");
  }

  static Evidence evidence_of(const Case& run, const DeadServer& dead) {
    Evidence evidence;
    const Span span = span_of(dead.when, run.seen.grid());
    evidence.from = span.from;
    evidence.to = span.to;
    switch (dead.how) {
      case Death::refuses:
        tell_refusal(run, dead, evidence);
        break;
      case Death::closed_port:
        tell_closed_port(run, dead, evidence);
        break;
      case Death::receives_nothing:
        tell_silence(run, dead, evidence);
        break;
      case Death::answers_nothing:
        tell_unanswered(run, dead, evidence);
        break;
      case Death::answers_no_datagram:
        evidence.text =
            fmt::format("{} answered none of {} flows of datagrams, the others of its group did",
                        dead.server, count_text(total(dead.amount)));
        evidence.query = sessions_query(dead.server, "bytes_received = 0");
        break;
    }
    evidence.text += fmt::format(", from {} on", time_text(span.from));
    const CheckedServer* checked = run.where.health.server(dead.server);
    if (checked != nullptr && is_unhealthy(*checked) && checked->unhealthy_from > span.from) {
      evidence.text +=
          fmt::format("; its health check took it out at {}", time_text(checked->unhealthy_from));
    }
    return evidence;
  }

  static std::string sessions_query(const std::string& server, std::string_view condition) {
    return fmt::format(
        "SELECT count(*) FROM connections_view WHERE role = 'session' AND peer = '{}' AND {}",
        server, condition);
  }

  static double completed_meanwhile(const Case& run, const DeadServer& dead) {
    const auto signs = run.sessions.servers.find(dead.server);
    double sum = 0;
    for (std::size_t i = 0; signs != run.sessions.servers.end() && i < dead.when.size(); ++i) {
      sum += dead.when[i] * signs->second.established[i];
    }
    return sum;
  }

  static void tell_refusal(const Case& run, const DeadServer& dead, Evidence& evidence) {
    const double completed = completed_meanwhile(run, dead);
    evidence.text =
        fmt::format("{} answered {} SYNs by RST and completed {} handshakes meanwhile", dead.server,
                    count_text(total(dead.amount)), completed == 0 ? "no" : count_text(completed));
    evidence.query =
        sessions_query(dead.server, "reason = 'reset_by_server' AND established_s IS NULL");
    if (run.seen.has_hosts()) {
      evidence.measures = {measure_text("resets_sent", host_of(dead.server)),
                           measure_text("accepted", host_of(dead.server))};
    }
    ConnectionFilter refused;
    refused.role = "session";
    refused.reasons = {"reset_by_server"};
    refused.peer = dead.server;
    evidence.connections = some_connections(run.seen, refused);
  }

  static void tell_closed_port(const Case& run, const DeadServer& dead, Evidence& evidence) {
    const std::string host = host_of(dead.server);
    const auto sum = [&](std::string_view measure) {
      const Curve* curve = run.seen.counter(measure, MeasureScope::host, host);
      return curve == nullptr ? 0 : total(*curve);
    };
    const double limited = sum("icmp_rate_limited");
    evidence.text =
        fmt::format("{} datagrams to {} met a closed port: {} sent {} ICMP unreachables",
                    count_text(total(dead.amount)), dead.server, host,
                    count_text(sum("icmp_unreachable_sent")));
    if (limited > 0) {
      evidence.text += fmt::format(" and held {} back for their rate limit", count_text(limited));
    }
    evidence.measures = {measure_text("icmp_unreachable_sent", host),
                         measure_text("icmp_rate_limited", host)};
    evidence.query =
        fmt::format("SELECT sum(value) FROM samples_view WHERE measure IN ('{}', '{}')",
                    evidence.measures[0], evidence.measures[1]);
  }

  static void tell_silence(const Case& run, const DeadServer& dead, Evidence& evidence) {
    const std::string host = host_of(dead.server);
    const Curve* scheduled = run.seen.counter("scheduled", MeasureScope::server, dead.server);
    double given = 0;
    for (std::size_t i = 0; i < dead.when.size(); ++i) given += dead.when[i] * (*scheduled)[i];
    evidence.text =
        given > 0
            ? fmt::format("{} was given {} connections while not one packet reached {}",
                          dead.server, count_text(given), host)
            : fmt::format("{} had connections while not one packet reached {}", dead.server, host);
    const std::string received = measure_text("packets_in", host);
    evidence.measures = {received,
                         measure_text(given > 0 ? "scheduled" : "active_connections", dead.server)};
    evidence.query = fmt::format(
        "SELECT count(*) FROM samples_view WHERE measure = '{}' AND value = 0", received);
    ConnectionFilter unanswered;
    unanswered.role = "session";
    unanswered.peer = dead.server;
    unanswered.reasons = {"timed_out", "idle_timeout", "run_ended"};
    unanswered.from = evidence.from;
    evidence.connections = some_connections(run.seen, unanswered);
  }

  static void tell_unanswered(const Case& run, const DeadServer& dead, Evidence& evidence) {
    evidence.text = fmt::format("{} left {} SYNs without an answer and completed no handshake",
                                dead.server, count_text(total(dead.amount)));
    evidence.query = sessions_query(dead.server, "established_s IS NULL");
    if (run.seen.has_hosts()) {
      evidence.measures = {measure_text("packets_out", host_of(dead.server))};
    }
    ConnectionFilter unanswered;
    unanswered.role = "session";
    unanswered.peer = dead.server;
    unanswered.reasons = {"timed_out", "run_ended"};
    unanswered.from = evidence.from;
    evidence.connections = some_connections(run.seen, unanswered);
  }
};

}  // namespace

const Cause& dead_server() {
  static const DeadServerCause kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
