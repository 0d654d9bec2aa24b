#include "worlds/health/check_text.hpp"

#include <fmt/format.h>

#include "models/health/check.hpp"

namespace elblab::worlds {

std::string health_check_text(const config::LoadBalancer& balancer,
                              const config::BackendGroup& group) {
  const health::Check check = *health::check_of(balancer, group, config::Server{});
  const config::HealthCheck& settings = *group.health_check;
  std::string text =
      fmt::format("first={} protocol={} interval_s={:g} timeout_s={:g} retries={} nodes={}",
                  balancer.profile->check_settings_first ? "settings" : "rules",
                  config::to_string(check.protocol), to_seconds(check.interval),
                  to_seconds(check.timeout), check.retries, config::probe_nodes(balancer).size());
  if (settings.port) text += fmt::format(" port={}", *settings.port);
  if (check.protocol != config::ProbeProtocol::http) return text;
  text += fmt::format(" codes={}", fmt::join(check.success_codes, ","));
  if (!settings.path.empty()) text += " path=" + settings.path;
  if (!settings.domain_name.empty()) text += " host=" + settings.domain_name;
  return text;
}

std::string probe_source_text(const config::ProbeNode& node) {
  return fmt::format("{} {}-{}", node.address.to_string(), node.ports.first, node.ports.last);
}

}  // namespace elblab::worlds
