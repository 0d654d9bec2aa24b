#include "scenarios/language/balancer_file.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/language/file_kind.hpp"
#include "scenarios/language/resolver.hpp"
#include "scenarios/language/sections.hpp"
#include "scenarios/language/source_reader.hpp"

namespace elblab::language {
namespace {

constexpr std::string_view kBalancerBeginning =
    "a balancer file has 'profile' and 'balancer' as in a scenario, and its servers carry an "
    "'address'";

bool same_place(const Place& a, const Place& b) {
  return a.source == b.source && a.line == b.line && a.column == b.column;
}

std::vector<net::IpAddress> addresses_of(const AddressPlan& plan) {
  std::vector<net::IpAddress> all;
  for (const AddressRange& range : plan.given) {
    for (std::uint32_t n = 0; n < range.count; ++n) all.push_back(range.first.plus(n));
  }
  return all;
}

// Stands in for the hosts that a scenario would have: one for each name of a server, with its
// address. The resolver then treats both kinds of file alike.
class ServerHosts {
 public:
  explicit ServerHosts(Resolution& r) : r_(r) {}

  void add_all() {
    for (const BalancerEntry& balancer : r_.document.all_balancers()) {
      balancer_ = &balancer;
      for (const GroupEntry& group : balancer.groups) {
        for (std::size_t i = 0; i < group.servers.size();) i = add_pattern(group, i);
      }
    }
  }

 private:
  Place name_place(const GroupEntry& group, const ServerEntry& server) const {
    return r_.key_place(
        r_.document.path_of(*balancer_, {"groups", group.name, "servers", server.name}));
  }
  void error(const GroupEntry& group, const ServerEntry& server, std::string message) {
    r_.diagnostics.error(r_.place(r_.document.path_of(*balancer_, {"groups", group.name, "servers",
                                                                   server.name, "address"})),
                         std::move(message));
  }

  // The servers that one pattern stands for, which are neighbours and share its place, get one
  // address each. Returns the index behind them.
  std::size_t add_pattern(const GroupEntry& group, std::size_t first) {
    const Place place = name_place(group, group.servers[first]);
    std::size_t end = first + 1;
    while (end < group.servers.size() && same_place(name_place(group, group.servers[end]), place)) {
      ++end;
    }
    const auto addresses = addresses_of(group.servers[first].address);
    if (addresses.size() != end - first) {
      error(
          group, group.servers[first],
          fmt::format("{} address{} for {} server{}: each needs one", addresses.size(),
                      addresses.size() == 1 ? "" : "es", end - first, end - first == 1 ? "" : "s"));
      return end;
    }
    for (std::size_t i = first; i < end; ++i) add(group, group.servers[i], addresses[i - first]);
    return end;
  }

  void add(const GroupEntry& group, const ServerEntry& server, const net::IpAddress& address) {
    for (const BalancerEntry& each : r_.document.all_balancers()) {
      if (address != each.values.address && address != each.values.address_v6) continue;
      return error(group, server,
                   fmt::format("{} is the virtual address of a balancer", address.to_string()));
    }
    const auto [known, is_new] = r_.hosts.emplace(server.name, r_.document.hosts.size());
    if (!is_new) {
      const net::IpAddress& earlier = r_.document.hosts[known->second].spec.addresses.front();
      if (earlier != address) {
        error(group, server,
              fmt::format("server {} has the address {} already: a name stands for one host",
                          server.name, earlier.to_string()));
      }
      return;
    }
    HostEntry host;
    host.name = host.spec.name = server.name;
    host.spec.role = HostRole::server;
    host.spec.addresses = {address};
    host.service.emplace();
    r_.scenario.hosts.push_back(host.spec);
    r_.document.hosts.push_back(std::move(host));
  }

  Resolution& r_;
  const BalancerEntry* balancer_ = nullptr;  // being worked on
};

// Groups that no listener uses and that do not say themselves what they are for.
std::vector<std::string> forgotten_groups(const BalancerEntry& balancer) {
  std::vector<std::string> names;
  for (const GroupEntry& group : balancer.groups) {
    const auto& listeners = balancer.values.listeners;
    const bool used = std::any_of(listeners.begin(), listeners.end(),
                                  [&](const auto& each) { return each.group == group.name; });
    if (!used && !group.protocol) names.push_back(group.name);
  }
  return names;
}

// None after an error.
std::vector<config::LoadBalancer> resolve_alone(BalancerDocument read, const Node& tree,
                                                Diagnostics& diagnostics) {
  Document document;
  document.profile = std::move(read.profile);
  document.balancer = std::move(read.balancer);
  document.balancers = std::move(read.balancers);
  Scenario scenario;
  Resolution r{document, tree, diagnostics, scenario, {}, nullptr};
  std::vector<std::vector<std::string>> forgotten;
  for (const BalancerEntry& balancer : document.all_balancers()) {
    forgotten.push_back(forgotten_groups(balancer));
  }
  ServerHosts(r).add_all();
  if (diagnostics.empty()) resolve_balancers(r);
  for (std::size_t i = 0; diagnostics.empty() && i < forgotten.size(); ++i) {
    for (const std::string& name : forgotten[i]) {
      diagnostics.error(
          r.key_place(document.path_of(document.all_balancers()[i], {"groups", name})),
          fmt::format("no listener uses group '{}', and it names no 'protocol'", name));
    }
  }
  if (!diagnostics.empty()) return {};
  return std::move(scenario.balancers);
}

BalancerLoaded of_scenario(std::string_view text, const std::string& file_name,
                           const std::optional<std::string>& profile) {
  BalancerLoaded loaded;
  auto scenario = ScenarioFile::parse(text, file_name);
  loaded.errors = std::move(scenario.errors);
  if (!scenario.file) return loaded;
  std::vector<Override> overrides;
  if (profile) overrides.push_back({"profile", *profile});
  auto decoded = scenario.file->decode(scenario.file->runs().front(), overrides);
  loaded.errors = std::move(decoded.errors);
  if (decoded.scenario) {
    loaded.balancers = decoded.scenario->balancers;
    loaded.surroundings = std::move(decoded.scenario);
  }
  return loaded;
}

// As written after --profile.
void check_profile(const std::string& name, Diagnostics& diagnostics) {
  if (config::find_profile(name)) return;
  std::vector<std::string> known;
  for (const config::Profile& each : config::profiles()) known.emplace_back(each.name);
  error_about_file("--profile", fmt::format("'{}' is not one of: {}", name, fmt::join(known, ", ")),
                   diagnostics, did_you_mean(nearest(name, known)));
}

}  // namespace

BalancerLoaded parse_balancer(std::string_view text, const std::string& file_name,
                              const std::optional<std::string>& profile) {
  Diagnostics diagnostics;
  if (profile) check_profile(*profile, diagnostics);
  const ReadSource read = read_source(text, file_name, kBalancerBeginning, diagnostics);
  BalancerLoaded loaded;
  if (read.tree && kind_of(*read.tree) == FileKind::scenario) {
    if (diagnostics.empty()) loaded = of_scenario(text, file_name, profile);
  } else if (read.tree) {
    BalancerDocument document;
    balancer_document_section().read(*read.tree, read.tree->place, diagnostics, document);
    if (profile) document.profile = *profile;
    if (diagnostics.empty()) {
      loaded.balancers = resolve_alone(std::move(document), *read.tree, diagnostics);
    }
  }
  if (!diagnostics.empty()) loaded.errors = diagnostics.take();
  if (!loaded.balancers.empty()) loaded.source_text = read.source->text();
  return loaded;
}

BalancerLoaded load_balancer_file(const std::filesystem::path& path,
                                  const std::optional<std::string>& profile) {
  Diagnostics diagnostics;
  const auto text = read_text(path, diagnostics);
  if (text) return parse_balancer(*text, path.string(), profile);
  BalancerLoaded loaded;
  loaded.errors = diagnostics.take();
  return loaded;
}

bool is_balancer_file(const std::filesystem::path& path) {
  Diagnostics diagnostics;
  const auto text = read_text(path, diagnostics);
  if (!text) return false;
  const ReadSource read = read_source(*text, path.string(), kBalancerBeginning, diagnostics);
  return read.tree && kind_of(*read.tree) == FileKind::balancer;
}

}  // namespace elblab::language
