#include "analysis/diagnosis/dead_servers.hpp"

#include <algorithm>
#include <numeric>

#include "analysis/diagnosis/evidence.hpp"

namespace elblab::diagnosis {
namespace {

// Of what it was given at the time, a server that is dead may have answered that much: the columns
// in which it died or came back are in part well.
constexpr double kNearlyNone = 0.1;
// So many connects, or packets of connections there are, must have come to nothing.
constexpr double kLeastGiven = 2;
constexpr double kLeastMissing = 3;
constexpr double kLeastUnanswered = 5;
// For so long at least: nobody is dead between two requests.
constexpr Duration kLeastSilence = std::chrono::seconds(2);

// take(begin, end) for each stretch of columns of which `holds` is true.
template <typename Holds, typename Take>
void each_stretch(std::size_t columns, Holds holds, Take take) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= columns; ++i) {
    if (i < columns && holds(i)) continue;
    if (i > begin) take(begin, i);
    begin = i + 1;
  }
}

double sum_of(const Curve* curve, std::size_t begin, std::size_t end) {
  if (curve == nullptr) return 0;
  const auto from = curve->begin() + static_cast<std::ptrdiff_t>(begin);
  return std::accumulate(from, from + static_cast<std::ptrdiff_t>(end - begin), 0.0);
}

class DeathSearch {
 public:
  DeathSearch(const Observations& seen, const SessionBook& sessions,
              const std::optional<Curve>& lost)
      : seen_(seen), sessions_(sessions), lost_(lost), columns_(seen.grid().columns) {
    from_clients_ = seen.summed("m5_in_pps", MeasureScope::balancer);
    to_clients_ = seen.summed("m6_out_pps", MeasureScope::balancer);
    at_address_ = seen.summed("eip_dropped", MeasureScope::balancer);
    // Answers to probes go back as well.
    if (const auto answers = seen.summed("probe_packets_received", MeasureScope::checked_balancer);
        answers && to_clients_) {
      add(*to_clients_, *answers);
    }
    halted_ = halted_columns();
    const std::vector<std::string> servers = server_hosts(seen);
    for (const std::string& host : seen.objects(MeasureScope::host)) {
      const Curve* out = counter("packets_out", host);
      if (out == nullptr) continue;
      const bool is_server = std::find(servers.begin(), servers.end(), host) != servers.end();
      Curve& sent = is_server ? sent_by_servers_ : sent_by_clients_;
      if (sent.empty()) sent = zeros();
      add(sent, *out);
    }
  }

  std::vector<DeadServer> search() {
    for (const std::string& server : seen_.objects(MeasureScope::server)) {
      find_refusal(server);
      find_closed_port(server);
      if (seen_.has_hosts()) {
        find_silence(server);
        find_muteness(server);
      } else {
        find_unanswered(server);
        find_unanswered_flows(server);
      }
    }
    return std::move(dead_);
  }

 private:
  Curve zeros() const { return Curve(columns_, 0.0); }

  // While the balancer takes part in nothing, silence of its servers says nothing about them.
  std::vector<bool> halted_columns() const {
    std::vector<bool> columns(columns_, false);
    for (const std::string_view reason : kHalted) {
      Curve dropped = seen_.drops(reason).tcp;
      add(dropped, seen_.drops(reason).datagrams);
      if (total(dropped) == 0) continue;
      const Span span = span_of(dropped, seen_.grid());
      const std::size_t end = seen_.grid().column_of(span.to - Duration(1)) + 1;
      for (std::size_t i = seen_.grid().column_of(span.from); i < end; ++i) columns[i] = true;
    }
    return columns;
  }

  const Curve* counter(std::string_view measure, const std::string& host) const {
    return seen_.counter(measure, MeasureScope::host, host);
  }

  const ServerSigns* signs_of(const std::string& server) const {
    const auto found = sessions_.servers.find(server);
    return found == sessions_.servers.end() ? nullptr : &found->second;
  }

  void add_dead(const std::string& server, Death how, Curve when, Curve amount, bool sure) {
    dead_.push_back({server, how, std::move(when), std::move(amount), sure});
  }

  void find_refusal(const std::string& server) {
    const ServerSigns* signs = signs_of(server);
    if (signs == nullptr || total(signs->refused) == 0) return;
    Curve when = zeros();
    double established = 0;
    for (std::size_t i = 0; i < columns_; ++i) {
      if (signs->refused[i] == 0) continue;
      when[i] = 1;
      established += signs->established[i];
    }
    const bool sure = established <= kNearlyNone * total(signs->refused);
    add_dead(server, Death::refuses, std::move(when), signs->refused, sure);
  }

  // Unreachables that the host sent or would have sent. Of several servers of one host those that
  // were given datagrams.
  void find_closed_port(const std::string& server) {
    const std::string host = host_of(server);
    const Curve* sent = counter("icmp_unreachable_sent", host);
    const Curve* limited = counter("icmp_rate_limited", host);
    const ServerSigns* signs = signs_of(server);
    if (sent == nullptr || signs == nullptr || signs->flows == 0) return;
    Curve amount = *sent;
    if (limited != nullptr) add(amount, *limited);
    leave_out_probes(server, amount);
    if (total(amount) < kLeastMissing) return;
    const Curve* delivered = counter("udp_received", host);
    Curve when = zeros();
    double received = 0;
    for (std::size_t i = 0; i < columns_; ++i) {
      if (amount[i] == 0) continue;
      when[i] = 1;
      if (delivered != nullptr) received += (*delivered)[i];
    }
    const bool sure = received <= kNearlyNone * total(amount);
    add_dead(server, Death::closed_port, std::move(when), std::move(amount), sure);
  }

  // Of datagrams that met a closed port those of health checks are nobody's requests: each probe of
  // the time may be one of them.
  void leave_out_probes(const std::string& server, Curve& amount) const {
    const Curve* probes = seen_.counter("probes", MeasureScope::checked_server, server);
    if (probes == nullptr || total(amount) == 0) return;
    const Span span = span_of(amount, seen_.grid());
    const std::size_t begin = seen_.grid().column_of(span.from);
    const std::size_t end = seen_.grid().column_of(span.to - Duration(1)) + 1;
    const double share = ratio(sum_of(probes, begin, end), total(amount));
    const double left = share >= 1 - kNearlyNone ? 0 : 1 - share;
    for (double& value : amount) value *= left;
  }

  void find_silence(const std::string& server) {
    const Curve* received = counter("packets_in", host_of(server));
    const Curve* scheduled = seen_.counter("scheduled", MeasureScope::server, server);
    const Level* active = seen_.gauge("active_connections", MeasureScope::server, server);
    if (received == nullptr || scheduled == nullptr) return;
    Curve when = zeros();
    each_stretch(
        columns_, [&](std::size_t i) { return (*received)[i] == 0 && !halted_[i]; },
        [&](std::size_t begin, std::size_t end) {
          if (end - begin < seen_.grid().covering(kLeastSilence)) return;
          const bool given = sum_of(scheduled, begin, end) >= kLeastGiven;
          if (given && rules_keep(sum_of(scheduled, begin, end), begin, end)) return;
          if (given || is_cut_off(active, begin, end)) mark(when, begin, end);
        });
    if (total(when) == 0) return;
    Curve amount = unanswered_syns(server, when);
    add_dead(server, Death::receives_nothing, std::move(when), std::move(amount), true);
  }

  // Rules in the network refused so many packets meanwhile that it may be all that it was given: a
  // server that they keep everything from is not dead.
  bool rules_keep(double given, std::size_t begin, std::size_t end) const {
    double refused = 0;
    for (const char* reason : {"network_acl", "security_group", "host_firewall"}) {
      const DropCurves& drops = seen_.drops(reason);
      refused += sum_of(&drops.tcp, begin, end) + sum_of(&drops.datagrams, begin, end);
    }
    return refused >= (1 - kNearlyNone) * given;
  }

  // It has connections, what is missing is missing on the way to servers alone, and nobody would
  // notice from the scheduler. (Connections that are merely idle miss nothing; plain loss hits
  // answers, too.)
  bool is_cut_off(const Level* active, std::size_t begin, std::size_t end) const {
    if (active == nullptr || !lost_ || !from_clients_ || !to_clients_) return false;
    double missing = 0;
    for (std::size_t i = begin; i < end; ++i) {
      if (active->high[i] == 0) return false;
      missing += (*lost_)[i];
    }
    if (missing < kLeastMissing) return false;
    const auto sum = [&](const Curve& curve) {
      return curve.empty() ? 0 : sum_of(&curve, begin, end);
    };
    const double at_address = at_address_ ? sum(*at_address_) : 0;
    const double before = sum(sent_by_clients_) - sum(*from_clients_) - at_address;
    const double back = sum(sent_by_servers_) - sum(*to_clients_);
    return before <= kNearlyNone * missing && back <= kNearlyNone * missing;
  }

  // Its host gets SYNs and sends nothing, although no queue is full and nothing is dropped.
  void find_muteness(const std::string& server) {
    const ServerSigns* signs = signs_of(server);
    const std::string host = host_of(server);
    const Curve* received = counter("packets_in", host);
    const Curve* sent = counter("packets_out", host);
    if (signs == nullptr || received == nullptr || sent == nullptr) return;
    Curve when = zeros();
    each_stretch(
        columns_, [&](std::size_t i) { return (*sent)[i] == 0; },
        [&](std::size_t begin, std::size_t end) {
          if (end - begin < seen_.grid().covering(kLeastSilence)) return;
          const bool asked = sum_of(&signs->unanswered, begin, end) >= kLeastGiven &&
                             sum_of(received, begin, end) >= kLeastMissing;
          const double dropped = sum_of(counter("dropped", host), begin, end) +
                                 sum_of(counter("listen_overflows", host), begin, end);
          if (asked && dropped == 0) mark(when, begin, end);
        });
    if (total(when) == 0) return;
    Curve amount = unanswered_syns(server, when);
    add_dead(server, Death::answers_nothing, std::move(when), std::move(amount), true);
  }

  // From the balancer alone: not one handshake completed while many were left alone. A program that
  // hangs behind a full accept queue looks the same.
  void find_unanswered(const std::string& server) {
    const ServerSigns* signs = signs_of(server);
    if (signs == nullptr) return;
    Curve when = zeros();
    each_stretch(
        columns_, [&](std::size_t i) { return signs->established[i] == 0; },
        [&](std::size_t begin, std::size_t end) {
          if (end - begin < seen_.grid().covering(kLeastSilence)) return;
          if (sum_of(&signs->unanswered, begin, end) >= kLeastUnanswered) mark(when, begin, end);
        });
    if (total(when) == 0) return;
    Curve amount = unanswered_syns(server, when);
    add_dead(server, Death::answers_nothing, std::move(when), std::move(amount), false);
  }

  // Datagrams need no answer: only one who is silent while the others of its group answer is dead.
  void find_unanswered_flows(const std::string& server) {
    const ServerSigns* signs = signs_of(server);
    if (signs == nullptr || signs->flows < kLeastUnanswered || signs->flows_answered > 0) return;
    double others = 0;
    double answered = 0;
    const std::string group = group_of(server) + '/';
    for (const auto& [name, other] : sessions_.servers) {
      if (!name.starts_with(group) || name == server) continue;
      others += other.flows;
      answered += other.flows_answered;
    }
    if (answered < kLeastUnanswered || answered < (1 - kNearlyNone) * others) return;
    Curve when = signs->flows_unanswered;
    for (double& value : when) value = value > 0 ? 1 : 0;
    add_dead(server, Death::answers_no_datagram, std::move(when), signs->flows_unanswered, false);
  }

  Curve unanswered_syns(const std::string& server, const Curve& when) const {
    const ServerSigns* signs = signs_of(server);
    Curve syns = signs == nullptr ? zeros() : signs->syns;
    for (std::size_t i = 0; i < columns_; ++i) syns[i] *= when[i];
    return syns;
  }

  static void mark(Curve& when, std::size_t begin, std::size_t end) {
    std::fill(when.begin() + static_cast<std::ptrdiff_t>(begin),
              when.begin() + static_cast<std::ptrdiff_t>(end), 1.0);
  }

  const Observations& seen_;
  const SessionBook& sessions_;
  const std::optional<Curve>& lost_;
  std::size_t columns_;
  std::optional<Curve> from_clients_;
  std::optional<Curve> to_clients_;
  std::optional<Curve> at_address_;
  Curve sent_by_clients_;
  Curve sent_by_servers_;
  std::vector<bool> halted_;  // by column
  std::vector<DeadServer> dead_;
};

}  // namespace

std::vector<DeadServer> find_dead_servers(const Observations& seen, const SessionBook& sessions,
                                          const std::optional<Curve>& lost) {
  return DeathSearch(seen, sessions, lost).search();
}

}  // namespace elblab::diagnosis
