#include "worlds/client_group.hpp"

#include <algorithm>
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
// thousands of clients.
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

// Lets the arrivals begin so many gaps of the whole later, of which one of this part has `of`.
void stagger(ClientParameters& part, std::size_t gaps, std::size_t of) {
  if (!(part.rate_per_second > 0) || part.arrivals != workload::Arrivals::uniform) return;
  const double gap = 1 / part.rate_per_second;
  const Duration later = from_seconds(gap * static_cast<double>(gaps) / static_cast<double>(of));
  part.begin += part.on_off.with_pauses(later);
  part.on_off.elapsed += later;
}

// One application per host has the connections of all its addresses, as each moves among them.
std::vector<ClientPart> split_quic(const ClientParameters& whole,
                                   const std::vector<std::vector<net::IpAddress>>& sources) {
  const std::size_t hosts = std::min<std::size_t>(sources.size(), whole.connections);
  std::vector<ClientPart> parts;
  for (std::size_t host = 0; host < hosts; ++host) {
    ClientPart part{host, sources[host].front(), whole};
    part.parameters.addresses = sources[host];
    part.parameters.connections = share_of(whole.connections, host, hosts);
    part.parameters.rate_per_second = whole.rate_per_second / static_cast<double>(hosts);
    stagger(part.parameters, host, hosts);
    parts.push_back(std::move(part));
  }
  return parts;
}

// What one host gets of a workload: that many of its addresses take part, the first ones.
struct HostShare {
  std::uint32_t connections = 0;
  std::size_t addresses = 0;
};

// Of the hosts that take part, which are the first ones.
std::vector<HostShare> shares_of_hosts(std::uint32_t connections,
                                       const std::vector<std::vector<net::IpAddress>>& sources) {
  std::vector<HostShare> shares;
  for (std::size_t host = 0; host < sources.size(); ++host) {
    HostShare share{share_of(connections, host, sources.size()), sources[host].size()};
    if (connections > 0) {
      if (share.connections == 0) break;
      share.addresses = std::min<std::size_t>(share.addresses, share.connections);
    }
    shares.push_back(share);
  }
  return shares;
}

// Evenly spaced arrivals go to the hosts in turn, and each host's to its addresses in turn: address
// i of host h has its first after (h + hosts * i) gaps of the whole, and then every
// (hosts * addresses of h) gaps. Where all hosts have as many addresses, any order of them is even;
// then it is that of the hosts with all their addresses.
std::size_t gaps_before(const std::vector<HostShare>& shares, std::size_t host,
                        std::size_t address) {
  const std::size_t addresses = shares.front().addresses;
  const bool alike = std::all_of(shares.begin(), shares.end(), [&](const HostShare& share) {
    return share.addresses == addresses;
  });
  return alike ? host * addresses + address : host + shares.size() * address;
}

// Users who roam have addresses of their own: the i-th of n users of a host has every n-th of them
// from the i-th on. They leave for the next one in turn, each once in every `every`.
void let_roam(std::vector<ClientPart>& parts,
              const std::vector<std::vector<net::IpAddress>>& sources,
              const std::vector<HostShare>& shares) {
  std::vector<std::size_t> met(shares.size(), 0);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    workload::Roaming& roaming = parts[i].parameters.roaming;
    const std::size_t host = parts[i].host;
    roaming.first = roaming.every / static_cast<Duration::rep>(parts.size()) *
                    static_cast<Duration::rep>(i + 1);
    for (std::size_t n = met[host]++; n < sources[host].size(); n += shares[host].addresses) {
      roaming.addresses.push_back(sources[host][n]);
    }
  }
}

}  // namespace

std::vector<ClientPart> split_workload(const ClientParameters& whole,
                                       const std::vector<std::vector<net::IpAddress>>& sources) {
  std::size_t total = 0;
  for (const auto& addresses : sources) total += addresses.size();
  if (whole.kind == workload::Kind::conversations) return split_script(whole, sources, total);
  if (whole.kind == workload::Kind::quic) return split_quic(whole, sources);
  const std::vector<HostShare> shares = shares_of_hosts(whole.connections, sources);
  std::vector<ClientPart> parts;
  for (std::size_t host = 0; host < shares.size(); ++host) {
    const HostShare& share = shares[host];
    const std::size_t in_turn = shares.size() * share.addresses;
    for (std::size_t i = 0; i < share.addresses; ++i) {
      ClientPart part{host, sources[host][i], whole};
      part.parameters.connections = share_of(share.connections, i, share.addresses);
      part.parameters.rate_per_second = whole.rate_per_second / static_cast<double>(in_turn);
      stagger(part.parameters, gaps_before(shares, host, i), in_turn);
      parts.push_back(std::move(part));
    }
  }
  if (whole.roaming.every > Duration{0}) let_roam(parts, sources, shares);
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
  clients_.back()->count_in(counters_);
  host.add(*clients_.back());
}

double ClientGroup::value(std::string_view measure) {
  if (measure == "response_time") return mean_response_milliseconds();
  return static_cast<double>(counter(*counters_, measure));
}

double ClientGroup::mean_response_milliseconds() {
  const workload::ResponseTimes all = counters_->take_interval();
  if (all.count == 0) return std::numeric_limits<double>::quiet_NaN();
  return to_seconds(all.sum) * 1e3 / static_cast<double>(all.count);
}

std::vector<std::unique_ptr<ClientGroup>> make_client_groups(const language::Scenario& scenario,
                                                             const std::vector<Host*>& hosts,
                                                             std::uint64_t seed) {
  std::map<std::string, std::size_t> by_name;
  for (std::size_t i = 0; i < scenario.hosts.size(); ++i) by_name[scenario.hosts[i].name] = i;
  std::vector<std::unique_ptr<ClientGroup>> groups;
  std::uint32_t users = 0;
  for (const language::WorkloadSpec& spec : scenario.workloads) {
    std::vector<std::vector<net::IpAddress>> sources;
    for (const std::string& name : spec.from) {
      sources.push_back(
          sources_for(scenario.hosts[by_name.at(name)], spec.parameters.destination.address));
    }
    groups.push_back(std::make_unique<ClientGroup>());
    for (ClientPart& part : split_workload(spec.parameters, sources)) {
      part.parameters.first_user = users;
      users += part.parameters.connections;
      const std::string& host = spec.from[part.host];
      const std::string stream =
          "workload/" + spec.parameters.name + "/" + host + "/" + part.source.to_string();
      groups.back()->add(*hosts[by_name.at(host)], part, random::Stream(seed, stream));
    }
  }
  return groups;
}

}  // namespace elblab::worlds
