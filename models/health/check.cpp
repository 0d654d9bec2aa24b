#include "models/health/check.hpp"

#include <algorithm>

namespace elblab::health {
namespace {

using config::ListenerProtocol;
using config::ProbeProtocol;

std::string host_of(const config::HealthCheck& settings, const net::Endpoint& target) {
  if (!settings.domain_name.empty()) return settings.domain_name;  // HC-09
  return target.to_string();                                       // HC-30
}

// HTTP/1.1 keeps a connection unless it is told not to.
std::string request_of(const config::HealthCheck& settings, const net::Endpoint& target) {
  const std::string path = settings.path.empty() ? "/" : settings.path;
  const bool newer = settings.http_version == config::HttpVersion::http_1_1;
  std::string text = "GET " + path + (newer ? " HTTP/1.1\r\n" : " HTTP/1.0\r\n");
  text += "Host: " + host_of(settings, target) + "\r\n";
  text += "User-Agent: elblab-health-check\r\n";
  if (newer) text += "Connection: close\r\n";
  return text + "\r\n";
}

bool under_tcp_listener(const config::LoadBalancer& balancer, const config::BackendGroup& group) {
  return std::any_of(
      balancer.listeners.begin(), balancer.listeners.end(), [&](const config::Listener& listener) {
        return listener.group == group.name && listener.protocol == ListenerProtocol::tcp;
      });
}

bool has_listener(const config::LoadBalancer& balancer, const config::BackendGroup& group) {
  return std::any_of(
      balancer.listeners.begin(), balancer.listeners.end(),
      [&](const config::Listener& listener) { return listener.group == group.name; });
}

}  // namespace

telemetry::Verdict initial_verdict(const config::BackendGroup& group) {
  using AtStart = config::HealthCheck::AtStart;
  const bool known = group.health_check && group.health_check->at_start == AtStart::healthy;
  return known ? telemetry::Verdict::healthy : telemetry::Verdict::unknown;
}

std::optional<Check> check_of(const config::LoadBalancer& balancer,
                              const config::BackendGroup& group, const config::Server& server) {
  if (!group.health_check) return std::nullopt;
  const config::HealthCheck& settings = *group.health_check;
  Check check;
  check.protocol = settings.protocol;
  check.target = {server.address, settings.port.value_or(server.port)};  // HC-07
  check.interval = settings.interval;
  check.timeout = std::min(settings.timeout, settings.interval);  // HC-05, CON-23
  check.retries = settings.retries;
  if (settings.protocol == ProbeProtocol::http) {
    check.request = request_of(settings, check.target);
    check.success_codes = under_tcp_listener(balancer, group)
                              ? std::vector<int>{200}  // HC-33
                              : balancer.profile->http_health_success_codes;
  }
  if (!balancer.address_bound) check.impossible = telemetry::Reason::could_not_send;  // HC-19
  if (!has_listener(balancer, group)) check.impossible = telemetry::Reason::no_listener;
  return check;
}

}  // namespace elblab::health
