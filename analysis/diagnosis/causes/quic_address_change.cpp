// SCH-02, STK-22, IMB-16: a QUIC client goes on from another address, and the balancer, which does
// not know its connection ID, takes it for a new client. The server that it meets does not know the
// connection and resets it (RFC 9000 section 10.3).
//
// How such a client is told from a server that forgot its connections: quic_book.hpp.
#include <fmt/format.h>

#include <algorithm>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

// Of what was disowned, so that nothing else need be thought of.
constexpr double kNearlyAll = 0.95;

constexpr const char* kById = "connection_id";

class QuicAddressChange final : public Cause {
 public:
  CauseId id() const override { return CauseId::quic_address_change; }

  Claims claims(const Case& run) const override {
    Claims claims;
    claims.disowned = run.quic.moved;
    return claims;
  }

  Finding finding(const Case& run, const Granted& granted, Finding finding) const override {
    if (run.load.sessions) {
      return not_observable(std::move(finding), "a capture does not tell what servers know");
    }
    const double disowned = total(run.quic.disowned);
    if (disowned == 0) {
      return ruled_out(std::move(finding), "no server met a QUIC connection that it did not know");
    }
    if (!run.quic.is_told) {
      return not_observable(std::move(finding),
                            "servers count users' sessions and QUIC connections together");
    }
    if (granted.material) return found(run, granted, std::move(finding));
    const std::string count = count_text(disowned) + " datagrams of unknown connections";
    return ruled_out(std::move(finding),
                     total(run.quic.moved) == 0
                         ? count + " came from where those connections always came from"
                         : count + ", too few to matter");
  }

 private:
  static Finding found(const Case& run, const Granted& granted, Finding finding) {
    finding.standing = Standing::found;
    finding.explains = granted.share;
    const double moved = ratio(total(run.quic.moved), total(run.quic.disowned));
    finding.confidence = moved >= kNearlyAll ? Confidence::certain : Confidence::likely;
    finding.evidence.push_back(resets(run));
    finding.evidence.push_back(moves(run));
    for (const std::string& group : groups_of(run)) finding.evidence.push_back(rule(run, group));
    return finding;
  }

  static Evidence resets(const Case& run) {
    const Span span = span_of(run.quic.disowned, run.seen.grid());
    Evidence evidence;
    evidence.text = fmt::format(
        "{} datagrams of QUIC connections met a server that did not know them and reset them, the "
        "first at {}",
        count_text(total(run.quic.disowned)), time_text(span.from));
    for (const Share& share : shares_of(run.seen, "sessions_lost", MeasureScope::session_host)) {
      evidence.measures.push_back(measure_text("sessions_lost", share.object));
    }
    evidence.query =
        "SELECT measure, sum(value) FROM samples_view WHERE measure LIKE 'sessions_lost(%' GROUP "
        "BY measure";
    evidence.from = span.from;
    evidence.to = span.to;
    return evidence;
  }

  static Evidence moves(const Case& run) {
    const QuicBook& quic = run.quic;
    const Span span = span_of(quic.moved, run.seen.grid());
    Evidence evidence;
    evidence.text = fmt::format(
        "{} flows of datagrams began at the balancer and {} connections at servers: {} flows went "
        "on with a connection from another address or port",
        count_text(quic.paths), count_text(quic.begun), count_text(quic.paths - quic.begun));
    evidence.query =
        "SELECT peer, count(DISTINCT source) FROM connections_view WHERE role = 'session' AND "
        "protocol = 'udp' GROUP BY peer";
    evidence.from = span.from;
    evidence.to = span.to;
    return evidence;
  }

  // Those of servers that disowned something.
  static std::vector<std::string> groups_of(const Case& run) {
    std::vector<std::string> groups;
    for (const std::string& server : run.seen.objects(MeasureScope::server)) {
      const Curve* lost =
          run.seen.counter("sessions_lost", MeasureScope::session_host, host_of(server));
      const std::string group = group_of(server);
      if (lost == nullptr || total(*lost) == 0) continue;
      if (std::find(groups.begin(), groups.end(), group) == groups.end()) groups.push_back(group);
    }
    return groups;
  }

  // What the group's servers were chosen by when the first connection was lost.
  static Evidence rule(const Case& run, const std::string& group) {
    const Instant first = span_of(run.quic.moved, run.seen.grid()).from;
    std::string algorithm;
    for (const AlgorithmSpan& span : run.seen.algorithms().of(group)) {
      if (algorithm.empty() || span.from <= first) algorithm = span.algorithm;
    }
    Evidence evidence;
    const Curve* by_id = run.seen.counter("flows_by_id", MeasureScope::quic_group, group);
    if (algorithm == kById && by_id != nullptr) {
      evidence.text = fmt::format(
          "group {} goes by connection ID; where the one of a flow is not known, by its address: "
          "the IDs of {} flows were known",
          group, count_text(total(*by_id)));
      evidence.measures = {measure_text("flows_by_id", group)};
      evidence.query = sum_query(evidence.measures.front());
    } else if (algorithm.empty()) {
      evidence.text = fmt::format("the trace does not say what group {} goes by", group);
    } else {
      evidence.text = fmt::format("group {} goes by {}, which does not look at connection IDs",
                                  group, algorithm);
    }
    return evidence;
  }
};

}  // namespace

const Cause& quic_address_change() {
  static const QuicAddressChange kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
