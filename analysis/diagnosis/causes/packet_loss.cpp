// Plain packet loss: packets that a host sent and that neither arrived nor were dropped by anyone
// who counts. TCP sends them again, late; a SYN that is lost costs a second.
//
// Decided by conservation (packet_book.hpp): what hosts sent and the balancer made, and nobody
// received or dropped, is missing. Drops at the limit of the EIP and in accept queues are counted
// and so are no plain loss, however many retransmissions they cause. From the balancer alone, it is
// loss when established connections lose segments as well as SYNs.
#include <fmt/format.h>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/evidence.hpp"
#include "analysis/diagnosis/packet_book.hpp"

namespace elblab::diagnosis {
namespace {

// Worth a word although no failure is due to it: alone, and beside other causes.
constexpr double kNoticeableLoss = 0.003;
constexpr double kNoticeableBeside = 0.01;
// A host stands out that sends again this many times as large a share as the others of its kind.
constexpr double kStandsOut = 3;
// Sessions that lost a segment, per session whose SYN was left unanswered, of a capture.
constexpr double kLikeSyns = 0.2;

bool looks_lossy(const SessionSigns& signs) {
  if (!signs.both_directions || signs.unanswered + signs.retransmitted == 0) return false;
  const double unanswered = ratio(signs.unanswered, signs.unanswered + signs.established);
  return ratio(signs.retransmitted, signs.established) >= std::max(0.01, kLikeSyns * unanswered);
}

struct Repeats {
  std::string host;
  double share = 0;  // of its packets
};

// Retransmissions per packet, of hosts that act as clients or of the others.
std::vector<Repeats> repeats_of(const Observations& seen, bool clients) {
  std::vector<Repeats> repeats;
  for (const std::string& host : seen.objects(MeasureScope::host)) {
    if (is_client(seen, host) != clients) continue;
    const Curve* again = seen.counter("retransmissions", MeasureScope::host, host);
    const Curve* sent = seen.counter("packets_out", MeasureScope::host, host);
    if (again == nullptr || sent == nullptr || total(*sent) == 0) continue;
    repeats.push_back({host, total(*again) / total(*sent)});
  }
  std::stable_sort(repeats.begin(), repeats.end(),
                   [](const Repeats& a, const Repeats& b) { return a.share > b.share; });
  return repeats;
}

// The one host that stands out among its kind; empty: none does.
std::string where_it_is(const Observations& seen) {
  for (const bool clients : {false, true}) {
    const auto repeats = repeats_of(seen, clients);
    if (repeats.size() < 2 || repeats.front().share == 0) continue;
    if (repeats[0].share > kStandsOut * repeats[1].share) return repeats[0].host;
  }
  return {};
}

class PacketLoss final : public Cause {
 public:
  CauseId id() const override { return CauseId::packet_loss; }

  Claims claims(const Case& run) const override {
    if (!run.load.sessions) return claims_on_the_network(run, id());
    Claims claims;
    if (!looks_lossy(*run.load.sessions)) return claims;
    claims.syns = run.where.syns_lost;
    claims.waiting = run.load.slow;
    return claims;
  }

  Finding finding(const Case& run, const Granted& granted, Finding finding) const override {
    if (run.load.sessions) return finding_of_sessions(run, granted, std::move(finding));
    if (!run.load.lost_on_the_way) {
      return not_observable(std::move(finding), "the trace has no " + missing_entry(run.seen));
    }
    const double share = ratio(run.where.lost, run.load.packets_sent);
    if (granted.material) return found(run, granted, std::move(finding));
    if (share >= (run.harmed ? kNoticeableBeside : kNoticeableLoss)) {
      finding = found(run, granted, std::move(finding));
      finding.confidence = Confidence::possible;
      return finding;
    }
    return ruled_out(std::move(finding), without(run, share));
  }

 private:
  static Finding found(const Case& run, const Granted& granted, Finding finding) {
    const std::string host = where_it_is(run.seen);
    if (!host.empty()) finding.title = "packet loss at " + host;
    finding.standing = Standing::found;
    finding.explains = granted.share;
    finding.confidence = granted.share >= 0.5 ? Confidence::certain : Confidence::likely;
    finding.evidence.push_back(missing(run));
    finding.evidence.push_back(again(run, host));
    return finding;
  }

  static Evidence missing(const Case& run) {
    const Span span = span_of(*run.load.lost_on_the_way, run.seen.grid());
    Evidence evidence;
    evidence.text = fmt::format(
        "{} of {} packets that hosts sent are missing: not received, and "
        "dropped by nobody",
        count_text(run.where.lost), count_text(run.load.packets_sent));
    evidence.query = lost_packets_query(run.seen);
    evidence.from = span.from;
    evidence.to = span.to;
    const auto hosts = shares_of(run.seen, "retransmissions", MeasureScope::host);
    for (std::size_t i = 0; i < hosts.size() && i < 3; ++i) {
      evidence.measures.push_back(measure_text("retransmissions", hosts[i].object));
    }
    return evidence;
  }

  static Evidence again(const Case& run, const std::string& host) {
    const auto hosts = shares_of(run.seen, "retransmissions", MeasureScope::host);
    Evidence evidence;
    if (hosts.empty()) {
      evidence.text = "nothing was sent again";
      return evidence;
    }
    double sum = 0;
    for (const Share& share : hosts) sum += share.amount;
    evidence.text = fmt::format(
        "{} segments were sent again, by {}; {}", count_text(sum), list_text(names_of(hosts)),
        host.empty() ? "no host stands out" : "far more of what concerns " + host);
    const std::string measure =
        measure_text("retransmissions", host.empty() ? hosts.front().object : host);
    evidence.query = sum_query(measure);
    evidence.measures = {measure};
    return evidence;
  }

  static Finding finding_of_sessions(const Case& run, const Granted& granted, Finding finding) {
    const SessionSigns& signs = *run.load.sessions;
    if (!granted.material) {
      const std::string figures =
          fmt::format("{} of {} established connections lost a segment",
                      count_text(signs.retransmitted), count_text(signs.established));
      return ruled_out(std::move(finding), figures);
    }
    finding.standing = Standing::found;
    finding.confidence = Confidence::likely;
    finding.explains = granted.share;
    Evidence evidence;
    evidence.text = fmt::format(
        "{} of {} established connections lost segments, beside {} SYNs without an answer",
        count_text(signs.retransmitted), count_text(signs.established),
        count_text(signs.unanswered));
    evidence.query =
        "SELECT count(*) FROM connections_view WHERE role = 'session' AND "
        "established_s IS NOT NULL AND retransmissions > 0";
    finding.evidence.push_back(std::move(evidence));
    return finding;
  }

  static std::string without(const Case& run, double share) {
    for (const DeadServer& dead : run.where.dead) {
      if (dead.how != Death::receives_nothing) continue;
      return fmt::format("{} got nothing at all for a while, which is more than loss", dead.server);
    }
    if (run.where.lost > 0) {
      return fmt::format("{} of the packets missing, too few", percent_text(share));
    }
    return "every packet accounted for";
  }
};

}  // namespace

const Cause& packet_loss() {
  static const PacketLoss kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
