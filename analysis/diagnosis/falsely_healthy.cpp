#include "analysis/diagnosis/falsely_healthy.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

using language::CauseId;

constexpr double kHardlyAny = 0.1;
constexpr double kNearlyEvery = 0.9;
constexpr double kPartHeldBack = 0.2;
constexpr double kFewest = 5;  // datagrams or connections, so that it is no chance
constexpr Duration kShortestSilence = std::chrono::seconds(2);

double sum_where(const Curve* curve, const Curve& where) {
  double sum = 0;
  for (std::size_t i = 0; curve != nullptr && i < where.size(); ++i) {
    if (where[i] > 0) sum += (*curve)[i];
  }
  return sum;
}

Curve from_first_to_last(const Curve& where) {
  const auto is_set = [](double value) { return value > 0; };
  const auto first = std::find_if(where.begin(), where.end(), is_set);
  const auto last = std::find_if(where.rbegin(), where.rend(), is_set).base();
  Curve whole(where.size(), 0.0);
  for (auto at = first; at < last; ++at) whole[static_cast<std::size_t>(at - where.begin())] = 1;
  return whole;
}

class HealthyJudge {
 public:
  HealthyJudge(const Observations& seen, const CheckedServer& server, const ServerSigns* sessions,
               const std::vector<DeadServer>& dead, const Curve* busy)
      : seen_(seen),
        server_(server),
        sessions_(sessions),
        dead_(dead),
        busy_(busy),
        columns_(seen.grid().columns) {}

  std::vector<HealthVerdict> judge() {
    if (total(server_.healthy) == 0) return {};
    const bool found =
        server_.is_udp() ? judge_closed_udp() || judge_filtered_udp() || judge_silent_udp_service()
                         : judge_refusals() || judge_mute_service();
    if (!found) return {};
    return std::move(verdicts_);
  }

 private:
  const Curve* counter(std::string_view measure) const {
    return seen_.counter(measure, MeasureScope::host, server_.host);
  }

  // Where `sick` held and the server was found healthy, from so long after it began to on that a
  // check would have found it.
  Curve overdue(const Curve& sick, Duration detection) const {
    Curve late(columns_, 0.0);
    const std::size_t needed = seen_.grid().covering(detection);
    std::size_t since = columns_;  // of this stretch of health; columns_: not yet
    for (std::size_t i = 0; i < columns_; ++i) {
      if (server_.healthy[i] == 0) since = columns_;
      if (server_.healthy[i] == 0 || sick[i] == 0) continue;
      if (since == columns_) since = i;
      if (i >= since + needed) late[i] = 1;
    }
    return late;
  }

  bool lasts(const Curve& late) const {
    const double seconds = total(late) * seen_.grid().width_seconds();
    return total(late) >= 2 && seconds >= to_seconds(kShortestSilence);
  }

  HealthVerdict& add_verdict(CauseId cause, const Curve& when, std::string text,
                             Confidence confidence) {
    HealthVerdict verdict;
    verdict.cause = cause;
    verdict.server = server_.name;
    verdict.when = when;
    verdict.confidence = confidence;
    verdict.falsely_healthy = true;
    Evidence evidence;
    const Span span = span_of(when, seen_.grid());
    evidence.text = std::move(text);
    evidence.from = span.from;
    evidence.to = span.to;
    verdict.evidence.push_back(std::move(evidence));
    verdicts_.push_back(std::move(verdict));
    return verdicts_.back();
  }

  const DeadServer* death(Death how) const {
    for (const DeadServer& dead : dead_) {
      if (dead.server == server_.name && dead.how == how) return &dead;
    }
    return nullptr;
  }

  // Datagrams that met a closed port of the host, told to their senders or not.
  Curve unreachables() const {
    Curve sum(columns_, 0.0);
    for (const char* measure : {"icmp_unreachable_sent", "icmp_rate_limited"}) {
      if (const Curve* curve = counter(measure)) add(sum, *curve);
    }
    return sum;
  }

  // From a capture, without the host's own counters: some probes were told that the port is closed,
  // and those between them met silence, which is health.
  bool judge_told_probes() {
    const auto failures = server_.record->failures.find("port_unreachable");
    if (failures == server_.record->failures.end() || total(failures->second) < 2) return false;
    const Curve& told = failures->second;
    const Span span = span_of(told, seen_.grid());
    const Curve late = overdue(from_first_to_last(told), server_.check->longest_detection());
    if (!lasts(late)) return false;
    add_verdict(CauseId::silent_udp, late,
                fmt::format("{} probes of {} were answered by Port Unreachable, from {} to {}, and "
                            "those between them met silence, which counts as health",
                            count_text(total(told)), server_.name, time_text(span.from),
                            time_text(span.to)),
                Confidence::likely);
    return true;
  }

  bool judge_closed_udp() {
    if (!seen_.has_hosts()) return judge_told_probes();
    const Curve met = unreachables();
    const bool own_port = server_.has_own_probe_port();
    const Curve late = overdue(met, own_port ? Duration{0} : server_.check->longest_detection());
    if (!lasts(late)) return false;
    const double closed = sum_where(&met, late);
    if (sum_where(counter("udp_received"), late) > kHardlyAny * closed && !own_port) return false;
    if (own_port) return death(Death::closed_port) != nullptr && tell_service_port(late, closed);
    const double limited = sum_where(counter("icmp_rate_limited"), late);
    if (limited >= kPartHeldBack * closed) {
      tell_rate_limit(late, closed, limited);
    } else {
      tell_unheard(late, closed);
    }
    return true;
  }

  void tell_rate_limit(const Curve& late, double closed, double limited) {
    HealthVerdict& verdict = add_verdict(
        CauseId::icmp_rate_limit, late,
        fmt::format("{} datagrams met a closed port of {} while it was found Healthy; of its Port "
                    "Unreachables {} were held back by its ICMP rate limit",
                    count_text(closed), server_.name, count_text(limited)),
        limited >= closed / 2 ? Confidence::certain : Confidence::likely);
    Evidence& evidence = verdict.evidence.back();
    evidence.measures = {measure_text("icmp_rate_limited", server_.host),
                         measure_text("healthy", server_.name)};
    evidence.query = sum_query(evidence.measures.front());
    add_budget(verdict);
  }

  // Whether the probes alone ask for more than one message per second and address (HC-53).
  void add_budget(HealthVerdict& verdict) const {
    const CheckSettings& check = *server_.check;
    if (check.changed) return;
    Evidence budget;
    budget.text = fmt::format(
        "{} nodes probe once in {:g} s: {:.2g} probes per second ask for a Port Unreachable each; "
        "Linux sends about one per second to an address",
        check.nodes, to_seconds(check.interval), check.probes_per_second());
    verdict.evidence.push_back(std::move(budget));
  }

  void tell_unheard(const Curve& late, double closed) {
    const std::string met =
        fmt::format("{} datagrams met a closed port of {} while it was found Healthy",
                    count_text(closed), server_.name);
    for (const auto& [reason, whose] :
         {std::pair{"network_acl", "a network ACL"}, std::pair{"security_group", "security groups"},
          std::pair{"host_firewall", "its own firewall"}}) {
      const double dropped = seen_.probe_drops(reason, server_.address).icmp_from_server;
      if (dropped == 0) continue;
      add_verdict(
          CauseId::silent_udp, late,
          fmt::format("{}; {} dropped {} ICMP messages that it sent to the addresses that probe it",
                      met, whose, count_text(dropped)),
          Confidence::certain)
          .detail = fmt::format("dropped by {}", whose);
      return;
    }
    const Level* time =
        seen_.gauge("probe_answer_time", MeasureScope::checked_server, server_.name);
    const double timeout_ms = 1000 * to_seconds(server_.check->timeout);
    if (time != nullptr && !server_.check->changed && 2 * peak(time->high) >= timeout_ms) {
      add_verdict(
          CauseId::short_timeout, late,
          fmt::format("{}: its Port Unreachables come after two round trips of up to {:.2f} s, "
                      "and probes wait for {:g} s in all",
                      met, peak(time->high) / 1000, timeout_ms / 1000),
          Confidence::certain)
          .detail = fmt::format("{:g} s", timeout_ms / 1000);
      return;
    }
    add_verdict(CauseId::silent_udp, late,
                met + "; what became of its Port Unreachables is not seen", Confidence::likely);
  }

  // Rules drop the datagrams of probes, and let the echo pass (CON-30).
  bool judge_filtered_udp() {
    for (const auto& [reason, whose] :
         {std::pair{"network_acl", "a network ACL"}, std::pair{"security_group", "security groups"},
          std::pair{"host_firewall", "its own firewall"}}) {
      const ProbeDrops& drops = seen_.probe_drops(reason, server_.address);
      const double datagrams =
          drops.to_server.empty() ? 0 : total(drops.to_server) - drops.icmp_to_server;
      if (datagrams < 1) continue;
      const Curve late = overdue(drops.to_server, server_.check->longest_detection());
      if (total(late) == 0) continue;
      add_verdict(
          CauseId::silent_udp, late,
          fmt::format("{} dropped {} datagrams of probes to {}; the echo passes, and silence "
                      "is taken for health",
                      whose, count_text(datagrams), server_.name),
          Confidence::certain)
          .detail = fmt::format("dropped by {}", whose);
      return true;
    }
    return false;
  }

  // Datagrams are delivered, and nothing is sent.
  bool judge_silent_udp_service() {
    const Curve* delivered = counter("udp_received");
    const Curve* sent = counter("udp_sent");
    if (delivered == nullptr || sent == nullptr || sessions_ == nullptr) return false;
    Curve mute(columns_, 0.0);
    double since = 0;
    for (std::size_t i = 0; i < columns_; ++i) {
      since = (*sent)[i] > 0 ? 0 : since + (*delivered)[i];
      if ((*sent)[i] == 0 && (*delivered)[i] > 0 && since >= kFewest) mute[i] = 1;
    }
    const Curve late = overdue(mute, kShortestSilence);
    if (!lasts(late)) return false;
    // The datagrams of probes are answered by nobody, and come when their probes are not over yet:
    // what counts is the whole time, and that the balancer sent somebody there.
    Curve whole = from_first_to_last(late);
    for (std::size_t i = 0; i < columns_; ++i) {
      if ((*sent)[i] > 0) whole[i] = 0;  // it answered
    }
    const Curve* probes = seen_.counter("probes", MeasureScope::checked_server, server_.name);
    const Curve* given = seen_.counter("scheduled", MeasureScope::server, server_.name);
    const double all = sum_where(delivered, whole);
    const double taken = all - sum_where(probes, whole);
    if (sum_where(given, whole) < kFewest) return false;
    if (taken < std::max(kFewest, all / 2)) return false;
    HealthVerdict& verdict = add_verdict(
        CauseId::silent_service, late,
        fmt::format("the service of {} took {} datagrams and answered none, while probes, "
                    "to which silence is health, passed",
                    server_.name, count_text(taken)),
        Confidence::certain);
    verdict.evidence.back().measures = {measure_text("udp_received", server_.host),
                                        measure_text("udp_sent", server_.host)};
    verdict.evidence.back().query = sum_query(measure_text("udp_received", server_.host));
    return true;
  }

  bool judge_refusals() {
    const DeadServer* dead = death(Death::refuses);
    if (dead == nullptr || !dead->sure || !server_.has_own_probe_port()) return false;
    const Curve late = overdue(dead->amount, Duration{0});
    if (total(late) == 0 || total(dead->amount) < kFewest) return false;
    return tell_service_port(late, sum_where(&dead->amount, late));
  }

  bool tell_service_port(const Curve& late, double refused) {
    HealthVerdict& verdict = add_verdict(
        CauseId::service_port, late,
        fmt::format("{} refused {} {} on port {}, while its probes passed on port {}", server_.name,
                    count_text(refused), server_.is_udp() ? "datagrams" : "connects",
                    server_.service_port, server_.probe_port),
        Confidence::certain);
    verdict.detail = fmt::format("port {}", server_.service_port);
    verdict.evidence.back().measures = {measure_text("healthy", server_.name),
                                        measure_text("scheduled", server_.name)};
    return true;
  }

  // Connections are taken, and nothing is said on them.
  bool judge_mute_service() {
    if (sessions_ == nullptr || sessions_->mute.empty()) return false;
    Curve silent(columns_, 0.0);
    for (std::size_t i = 0; i < columns_; ++i) {
      const double established = sessions_->established[i];
      const bool busy = busy_ != nullptr && (*busy_)[i] > 0;
      if (established > 0 && !busy && sessions_->mute[i] >= kNearlyEvery * established)
        silent[i] = 1;
    }
    const Curve late = overdue(silent, kShortestSilence);
    const double mute = sum_where(&sessions_->mute, late);
    if (!lasts(late) || mute < kFewest || queue_overflows(late)) return false;
    HealthVerdict& verdict = add_verdict(
        CauseId::silent_service, late,
        fmt::format("{} took {} connections and answered nothing on them, with CPU to spare, while "
                    "its probes passed",
                    server_.name, count_text(mute)),
        Confidence::likely);
    verdict.evidence.back().query = fmt::format(
        "SELECT count(*) FROM connections_view WHERE role = 'session' AND peer = '{}' AND "
        "established_s IS NOT NULL AND bytes_received = 0",
        server_.name);
    return true;
  }

  bool queue_overflows(const Curve& when) const {
    return sum_where(counter("listen_overflows"), when) > 0;
  }

  const Observations& seen_;
  const CheckedServer& server_;
  const ServerSigns* sessions_;
  const std::vector<DeadServer>& dead_;
  const Curve* busy_;
  std::size_t columns_;
  std::vector<HealthVerdict> verdicts_;
};

}  // namespace

std::vector<HealthVerdict> judge_healthy(const Observations& seen, const CheckedServer& server,
                                         const ServerSigns* sessions,
                                         const std::vector<DeadServer>& dead, const Curve* busy) {
  return HealthyJudge(seen, server, sessions, dead, busy).judge();
}

}  // namespace elblab::diagnosis
