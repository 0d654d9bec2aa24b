#include "analysis/diagnosis/causes/health_cause.hpp"

#include <fmt/format.h>

#include <set>

#include "analysis/diagnosis/causes/causes.hpp"
#include "analysis/diagnosis/evidence.hpp"
#include "analysis/diagnosis/health_tree.hpp"

namespace elblab::diagnosis {
namespace {

constexpr std::size_t kServersShown = 2;

// Protocols of checks that a cause may trouble; empty: all.
std::string_view protocol_of(CauseId cause) {
  switch (cause) {
    case CauseId::wrong_answer:
      return "http";
    case CauseId::echo_ignored:
    case CauseId::icmp_rate_limit:
    case CauseId::silent_udp:
      return "udp";
    default:
      return {};
  }
}

std::string health_title(CauseId cause, const std::string& who, const std::string& detail) {
  switch (cause) {
    case CauseId::port_not_listening:
      return fmt::format("nobody listens on {} of {}, which is probed", detail, who);
    case CauseId::check_port:
      return fmt::format("the health check of {} asks {}, and nobody listens there", who, detail);
    case CauseId::wrong_answer:
      return fmt::format("probes of {} are answered {}", who, detail);
    case CauseId::echo_ignored:
      return fmt::format("{} ignores the ICMP echo requests that its check begins with", who);
    case CauseId::probes_security_group:
      return fmt::format("security groups keep probes of {} back", who);
    case CauseId::probes_network_acl:
      return fmt::format("a network ACL keeps probes of {} back", who);
    case CauseId::probes_firewall:
      return fmt::format("the firewall of {} keeps probes back", who);
    case CauseId::short_timeout:
      return fmt::format("the timeout of {} is shorter than answers of {} take", detail, who);
    case CauseId::overloaded_server:
      return fmt::format("{} is overloaded and lets probes time out", who);
    case CauseId::host_gone:
      return fmt::format("nothing comes back from the host of {}", who);
    case CauseId::group_without_listener:
      return fmt::format("no listener leads to the group of {}", who);
    case CauseId::probes_not_sent:
      return fmt::format("probes of {} could not be sent", who);
    case CauseId::service_port:
      return fmt::format("{} of {} is closed, while the port that is probed is open", detail, who);
    case CauseId::icmp_rate_limit:
      return fmt::format(
          "the UDP port of {} is closed and shown Healthy: Port Unreachables are held "
          "back by its ICMP rate limit",
          who);
    case CauseId::silent_udp:
      return fmt::format("the UDP port of {} is dead and shown Healthy: {}", who,
                         detail.empty() ? "no Port Unreachable reaches the probes"
                                        : "what would tell is " + detail);
    case CauseId::silent_service:
      return fmt::format("the service of {} answers nobody behind its open port", who);
    default:
      break;
  }
  return std::string(language::known_cause(cause).title);
}

std::vector<const HealthVerdict*> verdicts_with(const Case& run, CauseId cause) {
  std::vector<const HealthVerdict*> found;
  for (const HealthVerdict& verdict : run.where.health.verdicts) {
    if (verdict.cause == cause) found.push_back(&verdict);
  }
  return found;
}

std::vector<std::string> servers_in(const std::vector<const HealthVerdict*>& verdicts) {
  std::vector<std::string> names;
  for (const HealthVerdict* verdict : verdicts) {
    if (std::find(names.begin(), names.end(), verdict->server) == names.end()) {
      names.push_back(verdict->server);
    }
  }
  return names;
}

// Where nothing failed, the complaint is the state of servers: each abnormal one counts alike, and
// of one with several causes each of these.
double share_of_servers(const Case& run, const std::vector<const HealthVerdict*>& verdicts) {
  double share = 0;
  for (const HealthVerdict* verdict : verdicts) {
    const auto& all = run.where.health.verdicts;
    const auto of_server = std::count_if(all.begin(), all.end(), [&](const HealthVerdict& other) {
      return other.server == verdict->server;
    });
    share += 1 / static_cast<double>(of_server);
  }
  return ratio(share, static_cast<double>(run.where.health.abnormal()));
}

}  // namespace

bool HealthCause::applies(const Case& run) const {
  const HealthBook& health = run.where.health;
  if (!verdicts_with(run, id_).empty()) return true;
  const std::string_view protocol = protocol_of(id_);
  return std::any_of(health.servers.begin(), health.servers.end(), [&](const CheckedServer& one) {
    return health.is_abnormal(one) && (protocol.empty() || one.check->protocol == protocol);
  });
}

Claims HealthCause::claims(const Case& run) const {
  Claims claims;
  if (verdicts_with(run, id_).empty()) return claims;
  claims = claims_on_the_network(run, id_);
  claim_refusals(run, id_, claims);
  const auto share = run.where.health.of_no_server.find(id_);
  if (share == run.where.health.of_no_server.end()) return claims;
  const Curve& refused = run.seen.drops("no_server").tcp;
  for (std::size_t i = 0; i < refused.size(); ++i) {
    claims.rejected[i] += refused[i] * share->second[i];
  }
  return claims;
}

Finding HealthCause::finding(const Case& run, const Granted& granted, Finding finding) const {
  const auto verdicts = verdicts_with(run, id_);
  if (verdicts.empty()) return ruled_out(std::move(finding), "no probe and no counter tells of it");
  finding.standing = Standing::found;
  finding.title = health_title(id_, list_text(servers_in(verdicts)), verdicts.front()->detail);
  finding.confidence = Confidence::certain;
  for (const HealthVerdict* verdict : verdicts) {
    finding.confidence = std::min(finding.confidence, verdict->confidence);
  }
  finding.explains = run.harmed          ? granted.share
                     : run.sessions_lost ? 0
                                         : share_of_servers(run, verdicts);
  for (std::size_t i = 0; i < verdicts.size() && i < kServersShown; ++i) {
    for (const Evidence& evidence : verdicts[i]->evidence) finding.evidence.push_back(evidence);
  }
  const CheckedServer* server = run.where.health.server(verdicts.front()->server);
  finding.steps = steps_to(run.seen, *server, *verdicts.front());
  for (std::string& remedy : finding.remedies) remedy = filled_in(std::move(remedy), *server);
  return finding;
}

const Cause& port_not_listening() {
  static const HealthCause kCause(CauseId::port_not_listening);
  return kCause;
}

const Cause& check_port() {
  static const HealthCause kCause(CauseId::check_port);
  return kCause;
}

const Cause& wrong_answer() {
  static const HealthCause kCause(CauseId::wrong_answer);
  return kCause;
}

const Cause& echo_ignored() {
  static const HealthCause kCause(CauseId::echo_ignored);
  return kCause;
}

const Cause& probes_security_group() {
  static const HealthCause kCause(CauseId::probes_security_group);
  return kCause;
}

const Cause& probes_network_acl() {
  static const HealthCause kCause(CauseId::probes_network_acl);
  return kCause;
}

const Cause& probes_firewall() {
  static const HealthCause kCause(CauseId::probes_firewall);
  return kCause;
}

const Cause& short_timeout() {
  static const HealthCause kCause(CauseId::short_timeout);
  return kCause;
}

const Cause& overloaded_server() {
  static const HealthCause kCause(CauseId::overloaded_server);
  return kCause;
}

const Cause& host_gone() {
  static const HealthCause kCause(CauseId::host_gone);
  return kCause;
}

const Cause& group_without_listener() {
  static const HealthCause kCause(CauseId::group_without_listener);
  return kCause;
}

const Cause& probes_not_sent() {
  static const HealthCause kCause(CauseId::probes_not_sent);
  return kCause;
}

const Cause& service_port() {
  static const HealthCause kCause(CauseId::service_port);
  return kCause;
}

const Cause& icmp_rate_limit() {
  static const HealthCause kCause(CauseId::icmp_rate_limit);
  return kCause;
}

const Cause& silent_udp() {
  static const HealthCause kCause(CauseId::silent_udp);
  return kCause;
}

const Cause& silent_service() {
  static const HealthCause kCause(CauseId::silent_service);
  return kCause;
}

}  // namespace elblab::diagnosis
