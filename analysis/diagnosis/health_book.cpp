#include "analysis/diagnosis/health_book.hpp"

#include "analysis/diagnosis/falsely_healthy.hpp"
#include "analysis/diagnosis/unhealthy_servers.hpp"

namespace elblab::diagnosis {
namespace {

using language::CauseId;

const Curve* curve_of_host(const std::map<std::string, Curve>& curves, const std::string& host) {
  const auto found = curves.find(host);
  return found == curves.end() ? nullptr : &found->second;
}

const ServerSigns* sessions_of(const SessionBook& sessions, const std::string& server) {
  const auto found = sessions.servers.find(server);
  return found == sessions.servers.end() ? nullptr : &found->second;
}

void append(std::vector<HealthVerdict> more, std::vector<HealthVerdict>& all) {
  for (HealthVerdict& verdict : more) all.push_back(std::move(verdict));
}

void blame_checks(const std::vector<HealthVerdict>& verdicts, std::vector<DeadServer>& dead) {
  for (DeadServer& one : dead) {
    if (one.how != Death::refuses && one.how != Death::closed_port) continue;
    for (const HealthVerdict& verdict : verdicts) {
      if (verdict.falsely_healthy && verdict.server == one.server) one.blamed = verdict.cause;
    }
  }
}

// Where no server of a group was to be had, and a check had taken out at least one of them. Moments
// of change lie within columns: those beside count too.
Curve deserted_columns(const Observations& seen, const HealthBook& book, const std::string& group) {
  Curve nobody(seen.grid().columns, 1.0);
  Curve taken_out(seen.grid().columns, 0.0);
  for (const CheckedServer& server : book.servers) {
    if (group_of(server.name) != group) continue;
    const Level* weight = seen.gauge("weight", MeasureScope::server, server.name);
    for (std::size_t i = 0; i < nobody.size(); ++i) {
      const bool healthy = server.healthy[i] > 0;
      if (!healthy) taken_out[i] = 1;
      if (healthy && (weight == nullptr || weight->high[i] > 0)) nobody[i] = 0;
    }
  }
  for (std::size_t i = 0; i < nobody.size(); ++i) nobody[i] *= taken_out[i];
  Curve wide = trailing(nobody, 1);
  for (double& value : wide) value = value > 0 ? 1 : 0;
  return wide;
}

void share_no_server(const Observations& seen, HealthBook& book) {
  std::map<std::string, std::map<CauseId, double>> causes;  // by group
  for (const HealthVerdict& verdict : book.verdicts) {
    if (!verdict.falsely_healthy) ++causes[group_of(verdict.server)][verdict.cause];
  }
  Curve groups(seen.grid().columns, 0.0);
  for (const auto& [group, of_group] : causes) {
    const Curve when = deserted_columns(seen, book, group);
    double all = 0;
    for (const auto& [cause, count] : of_group) all += count;
    for (const auto& [cause, count] : of_group) {
      Curve& share = book.of_no_server.try_emplace(cause, when.size(), 0.0).first->second;
      for (std::size_t i = 0; i < when.size(); ++i) share[i] += when[i] * count / all;
    }
    add(groups, when);
  }
  for (auto& [cause, share] : book.of_no_server) {
    for (std::size_t i = 0; i < share.size(); ++i) share[i] /= std::max(1.0, groups[i]);
  }
}

}  // namespace

const CheckedServer* HealthBook::server(const std::string& name) const {
  for (const CheckedServer& one : servers) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

bool HealthBook::is_abnormal(const CheckedServer& server) const {
  if (is_unhealthy(server) || is_flapping(server)) return true;
  return std::any_of(verdicts.begin(), verdicts.end(),
                     [&](const HealthVerdict& verdict) { return verdict.server == server.name; });
}

std::size_t HealthBook::abnormal() const {
  return static_cast<std::size_t>(
      std::count_if(servers.begin(), servers.end(),
                    [&](const CheckedServer& server) { return is_abnormal(server); }));
}

Curve HealthBook::away(const std::string& name) const {
  const CheckedServer* one = server(name);
  if (one == nullptr || one->record->spans.empty()) return {};
  Curve away = one->healthy;
  for (double& value : away) value = value > 0 ? 0 : 1;
  return away;
}

HealthBook read_health(const Observations& seen, const SessionBook& sessions,
                       std::vector<DeadServer>& dead, const std::map<std::string, Curve>& busy) {
  HealthBook book;
  if (seen.checks().empty()) return book;
  book.servers = checked_servers(seen);
  for (const CheckedServer& server : book.servers) {
    append(judge_unhealthy(seen, server, busy), book.verdicts);
    append(judge_healthy(seen, server, sessions_of(sessions, server.name), dead,
                         curve_of_host(busy, server.host)),
           book.verdicts);
  }
  blame_checks(book.verdicts, dead);
  share_no_server(seen, book);
  return book;
}

}  // namespace elblab::diagnosis
