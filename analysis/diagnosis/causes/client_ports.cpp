// BW-07: short connections leave the client with as many sockets in TIME_WAIT as it has local
// ports, and the next connect fails on the spot (EADDRNOTAVAIL, linux-host.md rows 17 to 19).
// Ceiling (BW-10): client addresses × ports ÷ length of TIME_WAIT, per destination address:port.
//
// A refused connect sends no packet and is counted by the client alone, so nothing else explains
// it, unless the ports are held by connections that do not end: these belong to what holds them up.
#include <fmt/format.h>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

// Nearly used up, although nothing was refused.
constexpr double kNearlyAllClientPorts = 0.97;

// The client whose ports were fullest, with what it had in TIME_WAIT and open at that moment.
struct Fullest {
  std::string host;
  double time_wait = 0;
  double open = 0;
  double ports = 0;  // towards one destination; 0: not recorded
  double share() const { return ratio(time_wait + open, ports); }
};

Fullest fullest_client(const Observations& seen) {
  Fullest fullest;
  for (const std::string& host : seen.objects(MeasureScope::host)) {
    if (!is_client(seen, host)) continue;
    const Level* waiting = seen.gauge("time_wait", MeasureScope::host, host);
    const Level* open = seen.gauge("open", MeasureScope::host, host);
    const Level* ports = seen.gauge("local_ports", MeasureScope::host, host);
    for (std::size_t i = 0; waiting != nullptr && i < waiting->high.size(); ++i) {
      const double in_use = open == nullptr ? 0 : open->mean[i];
      if (waiting->high[i] + in_use <= fullest.time_wait + fullest.open) continue;
      fullest = {host, waiting->high[i], in_use, ports == nullptr ? 0 : ports->low[i]};
    }
  }
  return fullest;
}

class ClientPorts final : public Cause {
 public:
  CauseId id() const override { return CauseId::client_ports; }

  Claims claims(const Case& run) const override {
    Claims claims;
    claims.refused = run.load.failures.refused;
    const HeldPorts held = ports_held(run.seen, run.load, run.where, held_up(run.where));
    for (std::size_t i = 0; i < claims.refused.size(); ++i) claims.refused[i] -= held.refused[i];
    return claims;
  }

  Finding finding(const Case& run, const Granted& granted, Finding finding) const override {
    if (!run.seen.has_hosts()) {
      return not_observable(std::move(finding),
                            "no client host in this trace: a connect without "
                            "a port sends no packet");
    }
    const Fullest fullest = fullest_client(run.seen);
    if (granted.material) return found(run, granted, fullest, std::move(finding));
    if (!run.harmed && fullest.share() >= kNearlyAllClientPorts &&
        fullest.time_wait > fullest.open) {
      return nearly(fullest, std::move(finding));
    }
    return ruled_out(std::move(finding), without(run, fullest));
  }

 private:
  static Finding found(const Case& run, const Granted& granted, const Fullest& fullest,
                       Finding finding) {
    const auto clients = shares_of(run.seen, "refused_locally", MeasureScope::host);
    const bool by_time_wait = fullest.time_wait >= fullest.open;
    if (!by_time_wait) finding.title = "client ports exhausted by open connections";
    finding.standing = Standing::found;
    finding.explains = granted.share;
    const bool full = fullest.ports == 0 || fullest.share() >= 0.9;
    finding.confidence = by_time_wait && full ? Confidence::certain : Confidence::likely;
    finding.evidence.push_back(refusals(run, clients));
    finding.evidence.push_back(levels(fullest, clients.empty() ? "" : clients.front().object));
    finding.evidence.push_back(silence(run));
    return finding;
  }

  static Evidence refusals(const Case& run, const std::vector<Share>& clients) {
    Evidence evidence;
    const Curve& refused = run.load.failures.refused;
    const Span span = span_of(refused, run.seen.grid());
    evidence.text =
        fmt::format("{} local connect failures on {} (EADDRNOTAVAIL), the first at {}",
                    count_text(total(refused)), list_text(names_of(clients)), time_text(span.from));
    evidence.from = span.from;
    evidence.to = span.to;
    if (clients.empty()) return evidence;
    const std::string measure = measure_text("refused_locally", clients.front().object);
    evidence.query = sum_query(measure);
    evidence.measures = {measure};
    ConnectionFilter filter;
    filter.role = "client";
    filter.reasons = {"address_not_available"};
    filter.from = span.from;
    evidence.connections = some_connections(run.seen, filter);
    return evidence;
  }

  static Evidence levels(const Fullest& fullest, const std::string& refusing) {
    const std::string host = fullest.host.empty() ? refusing : fullest.host;
    Evidence evidence;
    const std::string waiting = measure_text("time_wait", host);
    evidence.text = fmt::format("{} reached {}", waiting, count_text(fullest.time_wait));
    if (fullest.ports > 0) {
      evidence.text += fmt::format(" of {} ports per destination", count_text(fullest.ports));
    }
    if (fullest.open > fullest.time_wait / 100) {
      evidence.text += fmt::format(", {} more were open", count_text(fullest.open));
    }
    evidence.query = max_query(waiting);
    evidence.measures = {waiting};
    if (fullest.ports > 0) evidence.measures.push_back(measure_text("local_ports", host));
    return evidence;
  }

  static Evidence silence(const Case& run) {
    Evidence evidence;
    const Curve* dropped = run.seen.counter("dropped");
    const double drops = dropped == nullptr ? 0 : total(*dropped);
    evidence.text = fmt::format(
        "no packet of a refused attempt left its host; the balancer "
        "dropped {}",
        drops > 0 ? count_text(drops) : "nothing");
    return evidence;
  }

  static Finding nearly(const Fullest& fullest, Finding finding) {
    finding.title = "client ports nearly exhausted by TIME_WAIT";
    finding.standing = Standing::found;
    finding.confidence = Confidence::possible;
    finding.evidence.push_back(levels(fullest, fullest.host));
    return finding;
  }

  static std::string without(const Case& run, const Fullest& fullest) {
    const double refused = total(run.load.failures.refused);
    if (refused > 0) {
      return fmt::format("{} connects refused on the client, too few or held up by other causes",
                         count_text(refused));
    }
    if (fullest.ports > 0) {
      return fmt::format("none refused, peak {} of {} ports",
                         count_text(fullest.time_wait + fullest.open), count_text(fullest.ports));
    }
    return fmt::format("none refused, peak {} in TIME_WAIT", count_text(fullest.time_wait));
  }
};

}  // namespace

const Cause& client_ports() {
  static const ClientPorts kCause;
  return kCause;
}

}  // namespace elblab::diagnosis
