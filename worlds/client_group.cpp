#include "worlds/client_group.hpp"

#include <cmath>
#include <limits>
#include <map>
#include <utility>

namespace elblab::worlds {
namespace {

using workload::ClientCounters;
using workload::ClientParameters;

// The index-th of `parts` near-equal shares of a whole number, larger shares first.
std::uint32_t share_of(std::uint32_t whole, std::size_t index, std::size_t parts) {
  return static_cast<std::uint32_t>(whole / parts + (index < whole % parts ? 1 : 0));
}

std::uint64_t counter(const ClientCounters& counters, std::string_view measure) {
  if (measure == "requests") return counters.requests;
  if (measure == "responses") return counters.responses;
  if (measure == "request_failures") return counters.failures();
  if (measure == "slow_responses") return counters.slow_responses;
  return 0;
}

// One application per host plays the conversations of all its addresses: a capture may have
// thousands of clients, and every application of a host is asked for its deadline at every event.
std::vector<ClientPart> split_script(const ClientParameters& whole,
                                     const std::vector<std::vector<net::IpAddress>>& sources,
                                     std::size_t total) {
  std::vector<ClientPart> parts;
  std::uint32_t first = 0;
  for (std::size_t host = 0; host < sources.size(); ++host) {
    ClientPart part{host, sources[host].front(), whole};
    part.parameters.script_share = {sources[host], first, static_cast<std::uint32_t>(total)};
    first += static_cast<std::uint32_t>(sources[host].size());
    parts.push_back(std::move(part));
  }
  return parts;
}

}  // namespace

std::vector<ClientPart> split_workload(const ClientParameters& whole,
                                       const std::vector<std::vector<net::IpAddress>>& sources) {
  std::size_t total = 0;
  for (const auto& addresses : sources) total += addresses.size();
  if (whole.kind == workload::Kind::conversations) return split_script(whole, sources, total);
  std::vector<ClientPart> parts;
  std::size_t index = 0;
  for (std::size_t host = 0; host < sources.size(); ++host) {
    const auto& addresses = sources[host];
    const std::uint32_t of_host = share_of(whole.connections, host, sources.size());
    for (std::size_t i = 0; i < addresses.size(); ++i, ++index) {
      ClientPart part{host, addresses[i], whole};
      ClientParameters& p = part.parameters;
      p.connections = share_of(of_host, i, addresses.size());
      if (whole.connections > 0 && p.connections == 0) continue;
      p.rate_per_second =
          whole.rate_per_second / static_cast<double>(sources.size() * addresses.size());
      if (whole.rate_per_second > 0 && whole.arrivals == workload::Arrivals::uniform) {
        const double gap = 1 / p.rate_per_second;
        p.begin += from_seconds(gap * static_cast<double>(index) / static_cast<double>(total));
      }
      parts.push_back(std::move(part));
    }
  }
  return parts;
}

std::vector<net::IpAddress> sources_for(const language::HostSpec& host,
                                        const net::IpAddress& destination) {
  std::vector<net::IpAddress> sources;
  for (const net::IpAddress& address : host.addresses) {
    if (address.is_v4() == destination.is_v4()) sources.push_back(address);
  }
  return sources;
}

void ClientGroup::add(Host& host, const ClientPart& part, random::Stream stream) {
  clients_.push_back(workload::make_client(part.parameters, host.sockets(), part.source, stream));
  host.add(*clients_.back());
}

double ClientGroup::value(std::string_view measure) {
  if (measure == "response_time") return mean_response_milliseconds();
  std::uint64_t sum = 0;
  for (const auto& client : clients_) sum += counter(client->counters(), measure);
  return static_cast<double>(sum);
}

workload::LatencyHistogram ClientGroup::latencies() const {
  workload::LatencyHistogram all;
  for (const auto& client : clients_) {
    const workload::LatencyHistogram& latency = client->counters().latency;
    if (latency.count() > 0) all.merge(latency);
  }
  return all;
}

double ClientGroup::mean_response_milliseconds() {
  workload::ResponseTimes all;
  for (const auto& client : clients_) {
    const workload::ResponseTimes times = client->take_response_times();
    all.sum += times.sum;
    all.count += times.count;
  }
  if (all.count == 0) return std::numeric_limits<double>::quiet_NaN();
  return to_seconds(all.sum) * 1e3 / static_cast<double>(all.count);
}

std::vector<std::unique_ptr<ClientGroup>> make_client_groups(const language::Scenario& scenario,
                                                             const std::vector<Host*>& hosts,
                                                             std::uint64_t seed) {
  std::map<std::string, std::size_t> by_name;
  for (std::size_t i = 0; i < scenario.hosts.size(); ++i) by_name[scenario.hosts[i].name] = i;
  std::vector<std::unique_ptr<ClientGroup>> groups;
  for (const language::WorkloadSpec& spec : scenario.workloads) {
    std::vector<std::vector<net::IpAddress>> sources;
    for (const std::string& name : spec.from) {
      sources.push_back(
          sources_for(scenario.hosts[by_name.at(name)], spec.parameters.destination.address));
    }
    groups.push_back(std::make_unique<ClientGroup>());
    for (const ClientPart& part : split_workload(spec.parameters, sources)) {
      const std::string& host = spec.from[part.host];
      const std::string stream =
          "workload/" + spec.parameters.name + "/" + host + "/" + part.source.to_string();
      groups.back()->add(*hosts[by_name.at(host)], part, random::Stream(seed, stream));
    }
  }
  return groups;
}

}  // namespace elblab::worlds
