#include "cli/captures/stateful_scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace elblab::cli {
namespace {

using language::HostRole;
using language::HostSpec;

// IPv4 and IPv6 carry 1500 bytes a packet on every link; the smaller room counts.
constexpr std::uint64_t kLargestDatagram = 1500 - 40 - 8;
// How long the run goes on after the last record of the capture.
constexpr Duration kAfterTheCapture = std::chrono::seconds(5);
// A longer run is sampled more coarsely, so that its series stay this long.
constexpr std::int64_t kMostReplayedSamples = 20'000;
constexpr Duration kReplyPatience = std::chrono::seconds(5);  // as resolvers have

// ---- addresses of the clients

std::set<net::IpAddress> addresses_in_use(const language::Scenario& scenario) {
  std::set<net::IpAddress> used{scenario.balancers.front().address};
  if (scenario.balancers.front().address_v6) used.insert(*scenario.balancers.front().address_v6);
  for (const auto& address : config::source_addresses(scenario.balancers.front()))
    used.insert(address);
  for (const HostSpec& host : scenario.hosts) {
    used.insert(host.addresses.begin(), host.addresses.end());
  }
  return used;
}

// Of the networks that RFC 2544 and RFC 3849 keep for such purposes; those the setting has first.
void set_client_addresses(HostSpec& client, bool v4, std::uint32_t count,
                          const std::set<net::IpAddress>& used) {
  std::erase_if(client.addresses, [v4](const net::IpAddress& a) { return a.is_v4() != v4; });
  if (client.addresses.size() > count) client.addresses.resize(count);
  const net::IpAddress base =
      v4 ? net::IpAddress::v4(198, 18, 0, 0) : *net::IpAddress::parse("2001:db8:1::");
  const std::set<net::IpAddress> own(client.addresses.begin(), client.addresses.end());
  for (std::uint64_t n = 1; client.addresses.size() < count; ++n) {
    const net::IpAddress address = base.plus(n);
    if (!used.contains(address) && !own.contains(address)) client.addresses.push_back(address);
  }
}

std::string name_of(const ServerMapper::Target& target,
                    const std::vector<ServerMapper::Target>& all) {
  const auto of_listener =
      std::count_if(all.begin(), all.end(),
                    [&](const ServerMapper::Target& t) { return t.listener == target.listener; });
  return of_listener == 1 ? target.listener->name
                          : fmt::format("{}-{}", target.listener->name, target.port);
}

void set_length(language::Scenario& scenario, Duration captured) {
  using std::chrono::seconds;
  scenario.duration = std::chrono::ceil<seconds>(captured + kAfterTheCapture);
  const std::int64_t coarser =
      std::chrono::ceil<seconds>(scenario.duration).count() / kMostReplayedSamples;
  scenario.sample_interval = seconds(std::max<std::int64_t>(1, coarser));
}

}  // namespace

StatefulScenario build_stateful_scenario(const BalancerSetting& setting,
                                         const pcap::Conversations& conversations,
                                         const std::map<net::Endpoint, std::string>& rules) {
  StatefulScenario built;
  built.scenario = setting.scenario;
  language::Scenario& scenario = built.scenario;
  ServerMapper mapper(scenario.balancers.front(), conversations, rules);
  std::vector<std::uint32_t> targets;
  targets.reserve(conversations.list.size());
  for (const auto& c : conversations.list) targets.push_back(mapper.target_of(c));
  auto set = pcap::make_scripts(
      conversations,
      [&](const pcap::Conversation& c) {
        return targets[static_cast<std::size_t>(&c - conversations.list.data())];
      },
      static_cast<std::uint32_t>(mapper.targets().size()), kLargestDatagram);
  built.mappings = mapper.mappings();
  built.adaptations = set.adaptations;
  built.not_mapped = set.without_target;

  HostSpec client = setting.client;
  client.role = HostRole::client;
  built.client_host = client.name;
  const auto addresses = std::clamp<std::uint32_t>(
      static_cast<std::uint32_t>(conversations.clients.size()), 1, kMostClients);
  set_client_addresses(client, scenario.balancers.front().address.is_v4(), addresses,
                       addresses_in_use(scenario));
  scenario.hosts.insert(scenario.hosts.begin(), std::move(client));

  for (std::size_t i = 0; i < mapper.targets().size(); ++i) {
    const ServerMapper::Target& target = mapper.targets()[i];
    language::WorkloadSpec spec;
    spec.from = {built.client_host};
    spec.listener = target.listener->name;
    spec.parameters.name = name_of(target, mapper.targets());
    spec.parameters.kind = workload::Kind::conversations;
    spec.parameters.destination = {scenario.balancers.front().address, target.port};
    if (set.scripts[i].udp) spec.parameters.request_timeout = kReplyPatience;
    for (const auto& c : set.scripts[i].conversations) {
      if (!set.scripts[i].udp) ++built.ends[c.end];
    }
    spec.parameters.script =
        std::make_shared<const workload::ConversationScript>(std::move(set.scripts[i]));
    spec.parameters.tally = std::make_shared<workload::ConversationTally>();
    built.tallies.push_back(spec.parameters.tally);
    scenario.workloads.push_back(std::move(spec));
  }
  set_length(scenario, conversations.length);
  return built;
}

}  // namespace elblab::cli
