#include "analysis/diagnosis/symptoms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "analysis/diagnosis/evidence.hpp"
#include "analysis/diagnosis/open_connections.hpp"
#include "analysis/diagnosis/uneven_requests.hpp"

namespace elblab::diagnosis {
namespace {

// "28 refused locally, 3 without an answer to their SYN"
std::string split(const Failures& failures, bool of_sessions) {
  std::vector<std::string> parts;
  const auto say = [&](double amount, const char* words) {
    if (std::round(amount) >= 1) parts.push_back(count_text(amount) + " " + words);
  };
  say(total(failures.refused), "refused on the client (no free port)");
  say(total(failures.unanswered), "without an answer to their SYN");
  say(total(failures.rejected), "refused by RST");
  say(total(failures.unreachable), "answered by ICMP unreachable");
  say(total(failures.reset), "whose connection was reset");
  say(total(failures.disowned), "whose server did not know the QUIC connection and reset it");
  say(total(failures.broken),
      of_sessions ? "reset before an answer" : "without a whole answer in time");
  say(failures.left, "still waiting at the end");
  return fmt::format("{}", fmt::join(parts, ", "));
}

Curve all_of(const Failures& failures) {
  Curve all = failures.refused;
  add(all, failures.unanswered);
  add(all, failures.rejected);
  add(all, failures.unreachable);
  add(all, failures.reset);
  add(all, failures.disowned);
  add(all, failures.broken);
  return all;
}

std::string which_workloads(const Observations& seen) {
  std::vector<std::string> names;
  for (const std::string& workload : seen.objects(MeasureScope::workload)) {
    const Curve* failed = seen.counter("request_failures", MeasureScope::workload, workload);
    if (failed != nullptr && total(*failed) > 0) names.push_back(workload);
  }
  return names.empty() ? "" : fmt::format(" of {}", fmt::join(names, ", "));
}

void find_failures(const Case& run, std::vector<Symptom>& symptoms) {
  const Failures& failures = run.load.failures;
  const double wanted = total(run.load.wanted);
  const double all = failures.total();
  const double of = std::max(wanted, run.load.attempts);
  if (all < 1 || all < kFailureShare * of) return;
  Symptom symptom;
  symptom.name = "failed_requests";
  const bool replay = !run.seen.has_workloads();
  const double requests =
      total(run.seen.summed("request_failures", MeasureScope::workload).value_or(Curve{}));
  std::string what;
  if (replay) {
    what = fmt::format("{} of {} connections failed, as the balancer saw them", count_text(all),
                       count_text(wanted));
  } else if (requests > 0) {
    what = fmt::format("{} of {} requests{} failed", count_text(requests), count_text(wanted),
                       which_workloads(run.seen));
  } else if (failures.left >= all / 2) {
    what = fmt::format("{} of {} requests had no answer", count_text(failures.left),
                       count_text(wanted));
  } else {
    what = fmt::format("{} of {} attempts to connect failed", count_text(all - failures.left),
                       count_text(run.load.attempts));
  }
  symptom.text = what + ": " + split(failures, replay);
  const Span span = span_of(all_of(failures), run.seen.grid());
  symptom.from = span.from;
  symptom.to = failures.left > 0 ? run.seen.grid().end(run.seen.grid().columns - 1) : span.to;
  symptoms.push_back(std::move(symptom));
}

void find_slowness(const Case& run, std::vector<Symptom>& symptoms) {
  if (!answers_are_slow(run.load)) return;
  const double slow = total(run.load.slow);
  Symptom symptom;
  symptom.name = "slow_answers";
  symptom.text = fmt::format("{} of {} {}", count_text(slow), count_text(total(run.load.answered)),
                             run.load.sessions ? "connections had to send something again"
                                               : "answers were slower than their users accept");
  const Span span = span_of(run.load.slow, run.seen.grid());
  symptom.from = span.from;
  symptom.to = span.to;
  symptoms.push_back(std::move(symptom));
}

void find_lost_sessions(const Case& run, std::vector<Symptom>& symptoms) {
  if (!sessions_are_lost(run.users)) return;
  Curve all(run.seen.grid().columns, 0.0);
  for (const LostSessions& lost : run.users.by_cause) add(all, lost.when);
  Symptom symptom;
  symptom.name = "lost_sessions";
  symptom.text = fmt::format("users lost their session in {} of {} requests ({})",
                             count_text(run.users.lost()), count_text(run.users.requests),
                             percent_text(ratio(run.users.lost(), run.users.requests)));
  const Span span = span_of(all, run.seen.grid());
  symptom.from = span.from;
  symptom.to = span.to;
  symptoms.push_back(std::move(symptom));
}

std::vector<std::string> servers_that(const Case& run,
                                      const std::function<bool(const CheckedServer&)>& are,
                                      Span& when) {
  std::vector<std::string> names;
  when = {kNever, kStart};
  for (const CheckedServer& server : run.where.health.servers) {
    if (!are(server)) continue;
    names.push_back(server.name);
    const Span span = span_of(server.unhealthy, run.seen.grid());
    if (span.from == span.to) continue;
    when = {std::min(when.from, span.from), std::max(when.to, span.to)};
  }
  if (when.from == kNever) when = {};
  return names;
}

void add_health_symptom(const char* name, std::string text, Span when,
                        std::vector<Symptom>& symptoms) {
  Symptom symptom;
  symptom.name = name;
  symptom.text = std::move(text);
  symptom.from = when.from;
  if (when.to > when.from) symptom.to = when.to;
  symptoms.push_back(std::move(symptom));
}

// "on", or "to 18.0 s" where it was over before the end.
std::string until_text(const Case& run, Span when) {
  const bool to_the_end = when.to >= run.seen.grid().end(run.seen.grid().columns - 1);
  return to_the_end ? "on" : "to " + time_text(when.to);
}

void find_unhealthy(const Case& run, std::vector<Symptom>& symptoms) {
  Span when;
  const auto flapping = servers_that(run, is_flapping, when);
  if (!flapping.empty()) {
    add_health_symptom(
        "flapping_servers",
        fmt::format("{} went back and forth between Healthy and Unhealthy", list_text(flapping)),
        when, symptoms);
  }
  const auto unhealthy = servers_that(
      run, [](const CheckedServer& one) { return is_unhealthy(one) && !is_flapping(one); }, when);
  if (unhealthy.empty()) return;
  add_health_symptom("unhealthy_servers",
                     fmt::format("{} {} Unhealthy from {} {}", list_text(unhealthy),
                                 unhealthy.size() == 1 ? "was" : "were", time_text(when.from),
                                 until_text(run, when)),
                     when, symptoms);
}

void find_falsely_healthy(const Case& run, std::vector<Symptom>& symptoms) {
  std::vector<std::string> names;
  Curve when(run.seen.grid().columns, 0.0);
  for (const HealthVerdict& verdict : run.where.health.verdicts) {
    if (!verdict.falsely_healthy) continue;
    names.push_back(verdict.server);
    add(when, verdict.when);
  }
  if (names.empty()) return;
  add_health_symptom(
      "falsely_healthy",
      fmt::format("{} {} shown Healthy, and {} not serve", list_text(names),
                  names.size() == 1 ? "is" : "are", names.size() == 1 ? "does" : "do"),
      span_of(when, run.seen.grid()), symptoms);
}

}  // namespace

bool sessions_are_lost(const UserBook& users) {
  return users.lost() >= 1 && users.lost() >= kFailureShare * users.requests;
}

bool answers_are_slow(const Load& load) {
  const double slow = total(load.slow);
  return slow >= 1 && slow >= kSlowShare * total(load.answered);
}

namespace {

// Checks that never found it healthy kept it out: it is unhealthy, which is told as that, and no
// part of how traffic is shared out.
bool was_kept_out(const Observations& seen, const std::string& server, double connections) {
  const Level* healthy = seen.gauge("healthy", MeasureScope::checked_server, server);
  return healthy != nullptr && peak(healthy->high) <= 0 && connections == 0;
}

}  // namespace

std::vector<Unevenness> scheduled_groups(const Observations& seen) {
  std::vector<Unevenness> groups;
  std::map<std::string, std::size_t> index;
  for (const std::string& server : seen.objects(MeasureScope::server)) {
    const Curve* scheduled = seen.counter("scheduled", MeasureScope::server, server);
    if (scheduled == nullptr) continue;
    const double count = total(*scheduled);
    if (was_kept_out(seen, server, count)) continue;
    const auto [known, is_new] = index.try_emplace(group_of(server), groups.size());
    if (is_new) groups.push_back({known->first, {}, {}, 0, {}, {}, 0, 0});
    Unevenness& group = groups[known->second];
    if (group.servers.empty() || count > group.largest) {
      group.largest = count;
      group.most = server;
    }
    if (group.servers.empty() || count < group.smallest) {
      group.smallest = count;
      group.least = server;
    }
    group.servers.push_back(server);
    group.connections.push_back(count);
    group.all += count;
  }
  return groups;
}

bool is_level_by_open(const Observations& seen, const Unevenness& group) {
  const auto open = shared_out_open(seen, group.group, group.servers);
  if (!open) return false;
  const auto [least, most] = std::minmax_element(open->begin(), open->end());
  return *most < kUneven * *least;
}

std::vector<Unevenness> uneven_groups(const Observations& seen) {
  auto groups = scheduled_groups(seen);
  std::erase_if(groups, [&](const Unevenness& group) {
    // Four standard deviations of a fair share that chance alone would give.
    const double chance = 4 * std::sqrt(std::max(1.0, group.largest + group.smallest));
    return group.servers.size() < 2 || group.largest < kUneven * group.smallest ||
           group.largest - group.smallest <= chance || is_level_by_open(seen, group);
  });
  return groups;
}

double uneven_complaints(const Case& run) {
  return static_cast<double>(uneven_groups(run.seen).size() + unevenly_asked_groups(run).size());
}

std::vector<Symptom> find_symptoms(const Case& run) {
  std::vector<Symptom> symptoms;
  find_failures(run, symptoms);
  find_slowness(run, symptoms);
  find_lost_sessions(run, symptoms);
  find_unhealthy(run, symptoms);
  find_falsely_healthy(run, symptoms);
  for (const Unevenness& group : uneven_groups(run.seen)) {
    Symptom symptom;
    symptom.name = "uneven_traffic";
    symptom.text = fmt::format("{} got {} of {} new connections, {} only {}", group.most,
                               count_text(group.largest), count_text(group.all), group.least,
                               count_text(group.smallest));
    symptom.to = run.seen.grid().end(run.seen.grid().columns - 1);
    symptoms.push_back(std::move(symptom));
  }
  for (const UnevenRequests& group : unevenly_asked_groups(run)) {
    const auto [least, most] = std::minmax_element(group.requests.begin(), group.requests.end());
    const auto name = [&](auto at) {
      return group.servers[static_cast<std::size_t>(at - group.requests.begin())];
    };
    Symptom symptom;
    symptom.name = "uneven_requests";
    symptom.text = fmt::format("{} answered {} requests on its connections, {} only {}", name(most),
                               count_text(*most), name(least), count_text(*least));
    symptom.to = run.seen.grid().end(run.seen.grid().columns - 1);
    symptoms.push_back(std::move(symptom));
  }
  return symptoms;
}

}  // namespace elblab::diagnosis
