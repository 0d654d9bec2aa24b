#include "analysis/diagnosis/unhealthy_servers.hpp"

#include <fmt/format.h>

#include <array>

#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

using language::CauseId;

// Less of the failures than that is another matter, or chance.
constexpr double kPartOfFailures = 0.2;
// What accounts for that much of something accounts for all of it.
constexpr double kAccountsForAll = 0.8;
constexpr double kQueueFull = 0.9;      // of an accept queue
constexpr double kPartOfTimeout = 0.6;  // answers that take that much of it are late at times

struct ProbeRules {
  CauseId cause;
  const char* reason;
  const char* whose;
};

constexpr std::array kProbeRules{
    ProbeRules{CauseId::probes_network_acl, "network_acl", "a network ACL"},
    ProbeRules{CauseId::probes_security_group, "security_group", "security groups"},
    ProbeRules{CauseId::probes_firewall, "host_firewall", "its own firewall"}};

class UnhealthyJudge {
 public:
  UnhealthyJudge(const Observations& seen, const CheckedServer& server, const Curve* busy)
      : seen_(seen), server_(server), busy_(busy), columns_(seen.grid().columns) {
    silent_ = told(server, {"timed_out", "no_answer", "echo_lost", "unreachable"});
    // A probe that fails at the end of a column began a timeout before.
    window_ = seen.grid().covering(server.check->timeout);
  }

  std::vector<HealthVerdict> judge() {
    if (!is_unhealthy(server_) && !is_flapping(server_)) return {};
    judge_answers();
    if (total(silent_) >= least()) judge_silence();
    return std::move(verdicts_);
  }

 private:
  static Curve told(const CheckedServer& server, std::initializer_list<const char*> reasons) {
    Curve sum(server.unhealthy.size(), 0.0);
    for (const char* reason : reasons) {
      const auto found = server.record->failures.find(reason);
      if (found != server.record->failures.end()) add(sum, found->second);
    }
    return sum;
  }

  double least() const { return std::max(1.0, kPartOfFailures * server_.record->failed()); }

  const Curve* counter(std::string_view measure) const {
    return seen_.counter(measure, MeasureScope::host, server_.host);
  }
  const Level* gauge(std::string_view measure) const {
    return seen_.gauge(measure, MeasureScope::host, server_.host);
  }
  bool knows_host() const { return counter("packets_out") != nullptr; }

  std::size_t window_begin(std::size_t column) const {
    return column > window_ ? column - window_ : 0;
  }
  double in_window(const Curve* curve, std::size_t column) const {
    double sum = 0;
    for (std::size_t i = window_begin(column); curve != nullptr && i <= column; ++i) {
      sum += (*curve)[i];
    }
    return sum;
  }

  // The query that gives the failures of this server.
  std::string failures_query() const {
    return fmt::format(
        "SELECT reason, count(*) FROM events_view WHERE kind = 'probe_failed' AND peer = '{}' "
        "GROUP BY reason",
        server_.name);
  }

  Evidence evidence(std::string text, const Curve& failures) const {
    Evidence evidence;
    const Span span = span_of(failures, seen_.grid());
    evidence.text = std::move(text);
    evidence.query = failures_query();
    evidence.measures = {measure_text("probes_failed", server_.name),
                         measure_text("healthy", server_.name)};
    evidence.from = span.from;
    evidence.to = span.to;
    return evidence;
  }

  HealthVerdict& add_verdict(CauseId cause, const Curve& failures, std::string text,
                             Confidence confidence = Confidence::certain) {
    HealthVerdict verdict;
    verdict.cause = cause;
    verdict.server = server_.name;
    verdict.probes = total(failures);
    verdict.when = server_.unhealthy;
    verdict.confidence = confidence;
    verdict.evidence.push_back(evidence(std::move(text), failures));
    verdicts_.push_back(std::move(verdict));
    return verdicts_.back();
  }

  std::string of_probes(double failed) const {
    return fmt::format("{} of {} probes of {}", count_text(failed), count_text(server_.probes),
                       server_.name);
  }

  void judge_answers() {
    const Curve refused = told(server_, {"refused_by_peer", "port_unreachable"});
    if (total(refused) >= least()) judge_refusal(refused);
    const Curve wrong = told(server_, {"wrong_code", "bad_answer", "reset_by_peer"});
    if (total(wrong) >= least()) judge_answer(wrong);
    const Curve no_listener = told(server_, {"no_listener"});
    if (total(no_listener) >= least()) {
      add_verdict(CauseId::group_without_listener, no_listener,
                  of_probes(total(no_listener)) + " failed because no listener leads to its group");
    }
    const Curve unsent = told(server_, {"could_not_send"});
    if (total(unsent) >= least()) {
      add_verdict(CauseId::probes_not_sent, unsent,
                  of_probes(total(unsent)) + " could not be sent: nothing left the node");
    }
  }

  void judge_refusal(const Curve& refused) {
    const std::string how =
        server_.is_udp() ? "answered by ICMP Port Unreachable" : "refused by RST";
    std::string text =
        fmt::format("{} to {} were {}", of_probes(total(refused)), server_.probed(), how);
    if (server_.has_own_probe_port()) {
      text += fmt::format("; the servers' own port is {}", server_.service_port);
      add_verdict(CauseId::check_port, refused, std::move(text)).detail =
          fmt::format("port {}, which is not its service's", server_.probe_port);
    } else {
      add_verdict(CauseId::port_not_listening, refused, std::move(text)).detail =
          fmt::format("port {}", server_.probe_port);
    }
  }

  void judge_answer(const Curve& wrong) {
    const double codes = server_.record->failed("wrong_code");
    std::string text = of_probes(total(wrong));
    std::string detail;
    if (codes >= kPartOfFailures * total(wrong)) {
      std::vector<std::string> seen;
      for (const auto& [status, count] : server_.record->statuses) {
        seen.push_back(std::to_string(status));
      }
      const std::string status = seen.empty() ? "other codes" : list_text(seen);
      text += fmt::format(" to {}{} were answered with {}; healthy is {}", server_.probed(),
                          server_.check->path, status, server_.check->codes);
      detail = "with " + status;
    } else {
      const bool reset = server_.record->failed("reset_by_peer") > 0;
      text += fmt::format(" to {} were taken and {} without an answer in HTTP", server_.probed(),
                          reset ? "reset" : "closed");
      detail = "with nothing that is HTTP";
    }
    HealthVerdict& verdict = add_verdict(CauseId::wrong_answer, wrong, std::move(text));
    verdict.detail = std::move(detail);
    verdict.evidence.back().query = fmt::format(
        "SELECT result, status, count(*) FROM probes_view WHERE server = '{}' GROUP BY "
        "result, status",
        server_.name);
  }

  void judge_silence() {
    for (const ProbeRules& rules : kProbeRules) judge_rules(rules);
    judge_ignored_echoes();
    judge_late_answers();
    if (!server_.is_udp()) judge_load();
    judge_absence();
    if (!server_.is_udp()) judge_slowness();
  }

  // Takes from what is left the columns that `holds`.
  template <typename Holds>
  Curve take(Holds holds) {
    Curve taken(columns_, 0.0);
    for (std::size_t i = 0; i < columns_; ++i) {
      if (silent_[i] > 0 && holds(i)) taken[i] = silent_[i];
    }
    if (total(taken) < least()) return Curve(columns_, 0.0);
    for (std::size_t i = 0; i < columns_; ++i) silent_[i] -= taken[i];
    return taken;
  }

  void judge_rules(const ProbeRules& rules) {
    const ProbeDrops& drops = seen_.probe_drops(rules.reason, server_.address);
    if (drops.to_server.empty()) return;
    const Curve taken = take([&](std::size_t i) {
      return in_window(&drops.to_server, i) + in_window(&drops.from_server, i) > 0;
    });
    if (total(taken) == 0) return;
    const double in = total(drops.to_server);
    const double out = total(drops.from_server);
    const std::string what =
        in >= out ? fmt::format("{} packets of probes on their way to it", count_text(in))
                  : fmt::format("{} of its answers to probes", count_text(out));
    const bool enough = in + out >= kAccountsForAll * total(taken);
    HealthVerdict& verdict = add_verdict(
        rules.cause, taken,
        fmt::format("{} met silence, and {} dropped {}{}", of_probes(total(taken)), rules.whose,
                    what, in >= out && drops.icmp_to_server >= in ? " (ICMP)" : ""),
        enough ? Confidence::certain : Confidence::likely);
    verdict.evidence.back().query = fmt::format(
        "SELECT source, destination, count(*) FROM events_view WHERE kind = 'packet_dropped' AND "
        "reason = '{}' GROUP BY source, destination ORDER BY 3 DESC",
        rules.reason);
  }

  void judge_ignored_echoes() {
    const auto ignored = static_cast<double>(seen_.dropped_by_host(server_.host, "echo_ignored"));
    const Curve lost = told(server_, {"echo_lost"});
    if (ignored < kPartOfFailures * total(lost) || total(lost) == 0) return;
    const Curve* dropped = counter("dropped");
    const Curve taken = take([&](std::size_t i) {
      return lost[i] > 0 && (dropped == nullptr || in_window(dropped, i) > 0);
    });
    if (total(taken) == 0) return;
    HealthVerdict& verdict = add_verdict(
        CauseId::echo_ignored, taken,
        fmt::format("{} got no echo reply; {} received {} echo requests and ignored them",
                    of_probes(total(taken)), server_.host, count_text(ignored)),
        ignored >= kAccountsForAll * total(taken) ? Confidence::certain : Confidence::likely);
    verdict.evidence.back().query = fmt::format(
        "SELECT n FROM reason_counts_view WHERE object = '{}' AND reason = 'echo_ignored'",
        server_.host);
  }

  const Level* answer_time() const {
    return seen_.gauge("probe_answer_time", MeasureScope::checked_server, server_.name);
  }

  // Answers that were seen to come after the deadline, while the host goes on sending.
  void judge_late_answers() {
    const Level* time = answer_time();
    if (time == nullptr || server_.check->changed) return;
    const double timeout_ms = 1000 * to_seconds(server_.check->timeout);
    const std::size_t until = seen_.grid().covering(server_.check->interval);
    const Curve* out = counter("packets_out");
    const Curve taken = take([&](std::size_t i) {
      const bool sends = out == nullptr || in_window(out, i) > 0;
      const std::size_t last = std::min(columns_ - 1, i + until);
      for (std::size_t k = window_begin(i); sends && k <= last; ++k) {
        if (time->high[k] > timeout_ms) return true;
      }
      return false;
    });
    if (total(taken) > 0) add_short_timeout(taken, peak(time->high), Confidence::certain);
  }

  void add_short_timeout(const Curve& taken, double slowest_ms, Confidence confidence) {
    const double timeout_s = to_seconds(server_.check->timeout);
    HealthVerdict& verdict = add_verdict(
        CauseId::short_timeout, taken,
        fmt::format("{} were given up after {:g} s; answers to probes took up to {:.2f} s",
                    of_probes(total(taken)), timeout_s, slowest_ms / 1000),
        confidence);
    verdict.evidence.back().measures = {measure_text("probe_answer_time", server_.name),
                                        measure_text("healthy", server_.name)};
    verdict.evidence.back().query = max_query(measure_text("probe_answer_time", server_.name));
    verdict.detail = fmt::format("{:g} s", timeout_s);
  }

  bool is_overloaded(std::size_t column) const {
    if (in_window(busy_, column) > 0) return true;
    if (in_window(counter("listen_overflows"), column) > 0) return true;
    const Level* queue = gauge("accept_queue");
    const Level* limit = gauge("accept_queue_limit");
    for (std::size_t i = window_begin(column); queue != nullptr && limit != nullptr && i <= column;
         ++i) {
      if (limit->high[i] > 0 && queue->high[i] >= kQueueFull * limit->high[i]) return true;
    }
    return false;
  }

  void judge_load() {
    const Curve taken = take([&](std::size_t i) { return is_overloaded(i); });
    if (total(taken) == 0) return;
    const Curve* overflows = counter("listen_overflows");
    const double overflowed = overflows == nullptr ? 0 : total(*overflows);
    const bool busy = busy_ != nullptr && total(*busy_) > 0;
    std::string why = busy ? fmt::format("the CPUs of {} were fully busy", server_.host)
                           : fmt::format("the accept queue of {} was full", server_.host);
    if (busy && overflowed > 0) {
      why += fmt::format(" and its accept queue overflowed {} times", count_text(overflowed));
    }
    HealthVerdict& verdict =
        add_verdict(CauseId::overloaded_server, taken,
                    fmt::format("{} timed out while {}", of_probes(total(taken)), why));
    verdict.evidence.back().measures = {measure_text(busy ? "cpu" : "accept_queue", server_.host),
                                        measure_text("healthy", server_.name)};
  }

  void judge_absence() {
    const Curve* out = counter("packets_out");
    const Curve* in = counter("packets_in");
    if (out == nullptr || in == nullptr) return;
    const Curve taken = take([&](std::size_t i) { return in_window(out, i) == 0; });
    if (total(taken) == 0) return;
    double received = 0;
    for (std::size_t i = 0; i < columns_; ++i) received += taken[i] > 0 ? in_window(in, i) : 0;
    HealthVerdict& verdict =
        add_verdict(CauseId::host_gone, taken,
                    fmt::format("{} met silence; meanwhile {} sent no packet at all, and {}",
                                of_probes(total(taken)), server_.host,
                                received == 0 ? "none reached it"
                                              : fmt::format("got {}", count_text(received))),
                    received == 0 ? Confidence::certain : Confidence::likely);
    verdict.evidence.back().measures = {measure_text("packets_out", server_.host),
                                        measure_text("packets_in", server_.host)};
    // Also while its first probes were lost.
    for (std::size_t i = 0; i < columns_; ++i) {
      for (std::size_t k = window_begin(i); taken[i] > 0 && k <= i; ++k) verdict.when[k] = 1;
    }
  }

  // The host goes on, and so does the service or not: what it answers comes too late, or never.
  void judge_slowness() {
    const Level* time = answer_time();
    const double timeout_ms = 1000 * to_seconds(server_.check->timeout);
    const double slowest = time == nullptr ? 0 : peak(time->high);
    const bool late_at_times = !server_.check->changed && slowest >= kPartOfTimeout * timeout_ms;
    const Curve no_answer = told(server_, {"no_answer"});
    const Curve* served = counter("served");
    const auto all = [](std::size_t) { return true; };
    if (late_at_times) {
      const Curve taken = take(all);
      if (total(taken) > 0) add_short_timeout(taken, slowest, Confidence::likely);
    } else if (served != nullptr && total(no_answer) >= least()) {
      const Curve taken = take([&](std::size_t i) { return no_answer[i] > 0; });
      if (total(taken) == 0) return;
      double answered = 0;
      for (std::size_t i = 0; i < columns_; ++i) answered += server_.unhealthy[i] * (*served)[i];
      tell_no_answer(taken, answered);
    }
  }

  void tell_no_answer(const Curve& taken, double answered) {
    const double timeout_s = to_seconds(server_.check->timeout);
    const std::string probes = of_probes(total(taken));
    if (answered > 0) {
      add_verdict(CauseId::short_timeout, taken,
                  fmt::format("{} got no answer within {:g} s, while its service answered {} "
                              "requests, all of them later",
                              probes, timeout_s, count_text(answered)),
                  Confidence::likely)
          .detail = fmt::format("{:g} s", timeout_s);
      return;
    }
    add_verdict(
        CauseId::silent_service, taken,
        fmt::format("{} were taken and got no answer; its service answered nobody meanwhile, "
                    "with CPU to spare",
                    probes),
        Confidence::likely);
  }

  const Observations& seen_;
  const CheckedServer& server_;
  const Curve* busy_;
  std::size_t columns_;
  std::size_t window_ = 1;
  Curve silent_;  // failures that met silence and are not told yet
  std::vector<HealthVerdict> verdicts_;
};

}  // namespace

std::vector<HealthVerdict> judge_unhealthy(const Observations& seen, const CheckedServer& server,
                                           const std::map<std::string, Curve>& busy) {
  const auto of_host = busy.find(server.host);
  return UnhealthyJudge(seen, server, of_host == busy.end() ? nullptr : &of_host->second).judge();
}

}  // namespace elblab::diagnosis
