#include "cli/printing/shell_announcement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "cli/text/terminal.hpp"

namespace elblab::cli {
namespace {

std::string address_text(const net::IpAddress& address) {
  return address.is_v4() ? address.to_string() : fmt::format("[{}]", address.to_string());
}

std::string listener_text(const config::LoadBalancer& balancer, const config::Listener& listener) {
  std::vector<std::string> servers;
  if (const config::BackendGroup* group = balancer.find_group(listener.group)) {
    for (const config::Server& server : group->servers) {
      servers.push_back(fmt::format("{}:{}", server.name, server.port));
    }
  }
  return fmt::format("  listener  {} port {} → {}\n",
                     listener.protocol == config::ListenerProtocol::udp ? "udp" : "tcp",
                     listener.port.first, fmt::join(servers, ", "));
}

std::string host_lines(const language::Scenario& scenario, const live::Topology& topology) {
  std::size_t name_columns = 0;
  for (const auto& host : scenario.hosts) {
    name_columns = std::max(name_columns, columns_of(host.name));
  }
  std::string text;
  for (std::size_t i = 0; i < scenario.hosts.size(); ++i) {
    const language::HostSpec& host = scenario.hosts[i];
    const std::string more =
        host.addresses.size() > 1 ? fmt::format(" … ({} addresses)", host.addresses.size()) : "";
    text +=
        fmt::format("  {}  {:<20}  ip netns exec {} sh\n", padded(host.name, name_columns),
                    host.addresses.front().to_string() + more, topology.hosts[i].network.name());
  }
  return text;
}

std::string hints(const language::Scenario& scenario, const ShellServers& servers) {
  const std::string address = address_text(scenario.balancers.front().address);
  std::string text =
      fmt::format("  try  ping -c 3 {}\n", scenario.balancers.front().address.to_string());
  for (const config::Listener& listener : scenario.balancers.front().listeners) {
    if (listener.protocol == config::ListenerProtocol::udp) continue;
    text += fmt::format("       curl -v http://{}:{}/\n", address, listener.port.first);
  }
  if (servers.served) return text;
  if (servers.responders) {
    return text +
           "  The servers are the scenario's own and answer its workload, not HTTP; for curl:\n"
           "       --serve 'python3 -m http.server {port}', or --no-servers and your own\n";
  }
  return text + "  Nobody serves yet: start something in the servers' namespaces\n";
}

}  // namespace

std::string shell_announcement(const language::Scenario& scenario, const live::Topology& topology,
                               const ShellServers& servers) {
  std::string text =
      fmt::format("{} {}: balancer {}, its ports in namespace {}\n", scenario.id, scenario.run,
                  scenario.balancers.front().address.to_string(), topology.balancer.name());
  for (const config::Listener& listener : scenario.balancers.front().listeners) {
    text += listener_text(scenario.balancers.front(), listener);
  }
  return text + host_lines(scenario, topology) + hints(scenario, servers) +
         "  Everything is taken down when this shell ends.\n";
}

}  // namespace elblab::cli
