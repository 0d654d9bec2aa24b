#include "cli/stateful_scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "scenarios/language/balancer_file.hpp"
#include "scenarios/language/scenario_file.hpp"

namespace elblab::cli {
namespace {

using language::HostRole;
using language::HostSpec;

// IPv4 and IPv6 carry 1500 bytes a packet on every link; the smaller room counts.
constexpr std::uint64_t kLargestDatagram = 1500 - 40 - 8;
// How long the run goes on after the last record of the capture.
constexpr Duration kAfterTheCapture = std::chrono::seconds(5);
// A longer run is sampled more coarsely, so that its series stay this long.
constexpr std::int64_t kMostSamples = 20'000;
constexpr Duration kReplyPatience = std::chrono::seconds(5);  // as resolvers have

bool is_udp(config::ListenerProtocol protocol) { return protocol == config::ListenerProtocol::udp; }

// ---- the balancer and its hosts

void add_service(HostSpec& host, std::uint16_t port, bool udp) {
  const auto same = [&](const workload::ServerParameters& s) {
    return s.port == port && s.udp == udp;
  };
  if (std::any_of(host.services.begin(), host.services.end(), same)) return;
  workload::ServerParameters service;
  service.port = port;
  service.udp = udp;
  host.services.push_back(service);
}

HostSpec& host_of(language::Scenario& scenario, const config::Server& server) {
  for (HostSpec& host : scenario.hosts) {
    if (host.addresses.front() == server.address) return host;
  }
  HostSpec host;
  host.name = server.name;
  host.role = HostRole::server;
  host.addresses = {server.address};
  host.link.kind = language::LinkKind::pooled;
  host.link.rate_bits_per_second = 10e9;
  scenario.hosts.push_back(host);
  return scenario.hosts.back();
}

// A host for each server address, with a service for each port that a listener leads to.
void add_server_hosts(language::Scenario& scenario) {
  for (const config::Listener& listener : scenario.balancer.listeners) {
    const config::BackendGroup* const group = scenario.balancer.find_group(listener.group);
    if (group == nullptr) continue;
    for (const config::Server& server : group->servers) {
      add_service(host_of(scenario, server), server.port, is_udp(listener.protocol));
    }
  }
}

BalancerSetting from_balancer_file(const std::filesystem::path& path) {
  BalancerSetting setting;
  auto loaded = language::load_balancer_file(path);
  for (const auto& error : loaded.errors) setting.errors.push_back(error.to_string());
  if (!loaded.balancer) return setting;
  setting.scenario.balancer = std::move(*loaded.balancer);
  setting.scenario.source_text = std::move(loaded.source_text);
  setting.scenario.profile = std::string(setting.scenario.balancer.profile->name);
  add_server_hosts(setting.scenario);
  setting.client.name = "clients";
  setting.client.link.kind = language::LinkKind::pooled;
  setting.client.link.rate_bits_per_second = 10e9;
  return setting;
}

std::vector<language::Override> overrides_of(const std::vector<std::string>& settings,
                                             std::vector<std::string>& errors) {
  std::vector<language::Override> overrides;
  for (const std::string& text : settings) {
    const auto equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      errors.push_back(
          fmt::format("--set {}: expected path=value, for example hosts.c1.time_wait=10s", text));
    } else {
      overrides.push_back({text.substr(0, equals), text.substr(equals + 1)});
    }
  }
  return overrides;
}

BalancerSetting from_scenario_file(const std::filesystem::path& path,
                                   const std::vector<std::string>& settings) {
  BalancerSetting setting;
  const auto overrides = overrides_of(settings, setting.errors);
  const auto loaded = language::ScenarioFile::load(path);
  for (const auto& error : loaded.errors) setting.errors.push_back(error.to_string());
  if (!setting.errors.empty()) return setting;
  auto decoded = loaded.file->decode(loaded.file->runs().front(), overrides);
  for (const auto& error : decoded.errors) setting.errors.push_back(error.to_string());
  if (!decoded.scenario) return setting;
  setting.scenario = std::move(*decoded.scenario);
  setting.scenario.workloads.clear();
  setting.scenario.timeline.clear();
  setting.scenario.expectations.clear();
  setting.scenario.curves.clear();
  auto& hosts = setting.scenario.hosts;
  const auto is_client = [](const HostSpec& host) { return host.role == HostRole::client; };
  const auto client = std::find_if(hosts.begin(), hosts.end(), is_client);
  setting.client.name = "clients";
  if (client != hosts.end()) setting.client = *client;
  hosts.erase(std::remove_if(hosts.begin(), hosts.end(), is_client), hosts.end());
  return setting;
}

// ---- addresses of the clients

std::set<net::IpAddress> addresses_in_use(const language::Scenario& scenario) {
  std::set<net::IpAddress> used{scenario.balancer.address};
  if (scenario.balancer.address_v6) used.insert(*scenario.balancer.address_v6);
  for (const auto& address : config::source_addresses(scenario.balancer)) used.insert(address);
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

// ---- captured servers onto listeners

class Mapper {
 public:
  Mapper(const config::LoadBalancer& balancer, const pcap::Conversations& conversations,
         const std::map<net::Endpoint, std::string>& rules)
      : balancer_(balancer), conversations_(conversations), rules_(rules) {}

  struct Target {
    const config::Listener* listener = nullptr;
    std::uint16_t port = 0;
    auto key() const { return std::tuple(listener->name, port); }
  };

  // The number of the workload that plays it, pcap::kNoTarget: none.
  std::uint32_t target_of(const pcap::Conversation& c) {
    const auto [known, added] = mappings_.try_emplace({c.server, c.protocol}, ServerMapping{});
    ServerMapping& mapping = known->second;
    if (added) decide(c, mapping);
    ++mapping.conversations;
    return mapping.workload.value_or(pcap::kNoTarget);
  }

  const std::vector<Target>& targets() const { return targets_; }
  std::vector<ServerMapping> mappings() const {
    std::vector<ServerMapping> all;
    for (const auto& [server, mapping] : mappings_) all.push_back(mapping);
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
      return a.conversations > b.conversations;
    });
    return all;
  }

 private:
  void decide(const pcap::Conversation& c, ServerMapping& mapping) {
    mapping.captured = conversations_.servers[c.server];
    mapping.protocol = c.protocol;
    const config::Listener* const listener = choose(mapping);
    if (listener == nullptr) return;
    const std::uint16_t port = mapping.captured.port;
    const Target target{listener, listener->port.contains(port) ? port : listener->port.first};
    const auto known = std::find_if(targets_.begin(), targets_.end(),
                                    [&](const Target& t) { return t.key() == target.key(); });
    mapping.workload = static_cast<std::uint32_t>(known - targets_.begin());
    if (known == targets_.end()) targets_.push_back(target);
  }

  const config::Listener* choose(ServerMapping& mapping) const {
    const bool udp = mapping.protocol == net::Protocol::udp;
    std::vector<const config::Listener*> fitting;
    for (const config::Listener& listener : balancer_.listeners) {
      if (is_udp(listener.protocol) == udp) fitting.push_back(&listener);
    }
    if (!rules_.empty()) {
      const auto rule = rules_.find(mapping.captured);
      mapping.reason = rule == rules_.end() ? "no rule" : "by rule";
      if (rule == rules_.end()) return nullptr;
      for (const auto* listener : fitting) {
        if (listener->name == rule->second) return listener;
      }
      mapping.reason = fmt::format("listener {} is not {}", rule->second, udp ? "udp" : "tcp");
      return nullptr;
    }
    for (const auto* listener : fitting) {
      mapping.reason = "by port";
      if (listener->port.contains(mapping.captured.port)) return listener;
    }
    mapping.reason =
        fmt::format("{} {} listener", fitting.empty() ? "no" : "the only", udp ? "udp" : "tcp");
    if (fitting.size() == 1) return fitting.front();
    if (fitting.size() > 1) mapping.reason = "none of the listeners has this port";
    return nullptr;
  }

  const config::LoadBalancer& balancer_;
  const pcap::Conversations& conversations_;
  const std::map<net::Endpoint, std::string>& rules_;
  std::map<std::pair<std::uint32_t, net::Protocol>, ServerMapping> mappings_;
  std::vector<Target> targets_;
};

std::string name_of(const Mapper::Target& target, const std::vector<Mapper::Target>& all) {
  const auto of_listener = std::count_if(all.begin(), all.end(), [&](const Mapper::Target& t) {
    return t.listener == target.listener;
  });
  return of_listener == 1 ? target.listener->name
                          : fmt::format("{}-{}", target.listener->name, target.port);
}

void set_length(language::Scenario& scenario, Duration captured) {
  using std::chrono::seconds;
  scenario.duration = std::chrono::ceil<seconds>(captured + kAfterTheCapture);
  const std::int64_t coarser = std::chrono::ceil<seconds>(scenario.duration).count() / kMostSamples;
  scenario.sample_interval = seconds(std::max<std::int64_t>(1, coarser));
}

}  // namespace

BalancerSetting load_balancer_setting(const std::filesystem::path& path,
                                      const std::vector<std::string>& settings) {
  if (!language::is_balancer_file(path)) return from_scenario_file(path, settings);
  BalancerSetting setting = from_balancer_file(path);
  if (!settings.empty()) {
    setting.errors.push_back(
        fmt::format("--set changes scenario files; {} is a balancer file: edit it", path.string()));
  }
  return setting;
}

StatefulScenario build_stateful_scenario(const BalancerSetting& setting,
                                         const pcap::Conversations& conversations,
                                         const std::map<net::Endpoint, std::string>& rules) {
  StatefulScenario built;
  built.scenario = setting.scenario;
  language::Scenario& scenario = built.scenario;
  Mapper mapper(scenario.balancer, conversations, rules);
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
  set_client_addresses(client, scenario.balancer.address.is_v4(), addresses,
                       addresses_in_use(scenario));
  scenario.hosts.insert(scenario.hosts.begin(), std::move(client));

  for (std::size_t i = 0; i < mapper.targets().size(); ++i) {
    const Mapper::Target& target = mapper.targets()[i];
    language::WorkloadSpec spec;
    spec.from = {built.client_host};
    spec.listener = target.listener->name;
    spec.parameters.name = name_of(target, mapper.targets());
    spec.parameters.kind = workload::Kind::conversations;
    spec.parameters.destination = {scenario.balancer.address, target.port};
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
