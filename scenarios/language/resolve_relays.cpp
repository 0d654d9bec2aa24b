// CDN and WAF: what they send to, from where, and that it comes to an end.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "scenarios/language/goal.hpp"
#include "scenarios/language/resolver.hpp"

namespace elblab::language {
namespace {

class RelayResolver {
 public:
  explicit RelayResolver(Resolution& r) : r_(r) {}

  void resolve() {
    for (const HostEntry& host : r_.document.hosts) {
      if (host.relay() != nullptr) check_host(host);
    }
    if (!r_.diagnostics.empty()) return;
    for (const HostEntry& host : r_.document.hosts) {
      if (host.relay() != nullptr) find_next(host);
    }
    if (r_.diagnostics.empty()) check_loops();
    if (!r_.diagnostics.empty()) return;
    for (HostEntry& host : r_.document.hosts) {
      if (host.relay() != nullptr) complete(host);
    }
  }

 private:
  static std::string key_of(const HostEntry& host) { return host.cdn ? "cdn" : "waf"; }
  Place at(const HostEntry& host, const char* field) const {
    return r_.place({"hosts", host.name, key_of(host), field});
  }

  void check_host(const HostEntry& host) {
    const auto refuse = [&](const char* key, std::string message) {
      r_.diagnostics.error(r_.key_place({"hosts", host.name, key}), std::move(message));
    };
    const std::string name = relay_name(host);
    if (host.cdn && host.waf) return refuse("waf", "a host is a CDN or a WAF, not both");
    // Before its service, which every server has.
    if (host.role == HostRole::server) {
      return refuse("role", fmt::format("a {} stands in front of balancers: it has the role "
                                        "client, or none and a subnet",
                                        name));
    }
    if (host.service) {
      return refuse("service", fmt::format("a {} answers with what the balancer answers: it has no "
                                           "service of its own",
                                           name));
    }
    if (host.behind) {
      return refuse("behind", fmt::format("nobody can connect to a {} behind a NAT box", name));
    }
    if (host.spec.stack != HostStack::model) {
      refuse("stack", fmt::format("a {} runs on the Linux model alone", name));
    }
  }

  void find_next(const HostEntry& host) {
    const std::optional<Goal> goal = find_goal(r_, host.relay()->to, at(host, "to"));
    if (!goal) return;
    if (goal->host != nullptr && goal->host->relay() == nullptr) {
      r_.diagnostics.error(
          at(host, "to"), fmt::format("host '{}' is neither CDN nor WAF: a {} sends to a listener, "
                                      "or to one of those",
                                      goal->host->name, relay_name(host)));
      return;
    }
    if (goal->listener != nullptr && goal->listener->protocol == config::ListenerProtocol::udp) {
      r_.diagnostics.error(at(host, "to"), fmt::format("listener '{}' is udp: a {} relays TCP",
                                                       goal->listener->name, relay_name(host)));
      return;
    }
    goals_[host.name] = *goal;
  }

  // One message for each loop, at its first host in the file.
  void check_loops() {
    std::set<std::string> told;
    for (const HostEntry& first : r_.document.hosts) {
      if (first.relay() == nullptr) continue;
      std::vector<std::string> way;
      const HostEntry* next = &first;
      while (next != nullptr && std::find(way.begin(), way.end(), next->name) == way.end()) {
        way.push_back(next->name);
        next = goals_.at(next->name).host;
      }
      if (next != &first || told.contains(first.name)) continue;
      told.insert(way.begin(), way.end());
      r_.diagnostics.error(
          at(first, "to"),
          way.size() == 1 ? fmt::format("{} '{}' sends to itself", relay_name(first), first.name)
                          : fmt::format("requests would go round: {} -> {}", fmt::join(way, " -> "),
                                        first.name));
    }
  }

  // After what it sends to.
  void complete(HostEntry& host) {
    RelayEntry& relay = *host.relay();
    if (r_.scenario.hosts[r_.hosts.at(host.name)].relay) return;
    const Goal& goal = goals_.at(host.name);
    if (goal.host != nullptr) complete(r_.document.hosts[r_.hosts.at(goal.host->name)]);
    if (!r_.diagnostics.empty()) return;
    relay.values.egress.clear();
    if (!choose_destination(host, goal)) return;
    if (!choose_egress(host)) return;
    relay.port = relay.port.value_or(relay.values.destination.port);
    RelaySpec spec;
    spec.kind = host.cdn ? RelaySpec::Kind::cdn : RelaySpec::Kind::waf;
    spec.to = relay.to;
    spec.port = *relay.port;
    spec.parameters = relay.values;
    r_.scenario.hosts[r_.hosts.at(host.name)].relay = std::move(spec);
  }

  // The first address of either family that both have.
  bool choose_destination(HostEntry& host, const Goal& goal) {
    std::vector<net::IpAddress> addresses;
    std::uint16_t port = 0;
    if (goal.host != nullptr) {
      addresses = goal.host->spec.addresses;
      port = *goal.host->relay()->port;
    } else {
      addresses.push_back(goal.balancer->address);
      if (goal.balancer->address_v6) addresses.push_back(*goal.balancer->address_v6);
      port = goal.listener->port.first;
    }
    for (const net::IpAddress& address : addresses) {
      if (own(host, address.is_v4()).empty()) continue;
      host.relay()->values.destination = {address, port};
      return true;
    }
    r_.diagnostics.error(at(host, "to"),
                         fmt::format("{} '{}' has no address of the family of '{}'",
                                     relay_name(host), host.name, host.relay()->to));
    return false;
  }

  bool choose_egress(HostEntry& host) {
    RelayEntry& relay = *host.relay();
    std::vector<net::IpAddress> all = own(host, relay.values.destination.address.is_v4());
    const std::uint32_t wanted =
        relay.egress_addresses.value_or(static_cast<std::uint32_t>(all.size()));
    if (wanted > all.size()) {
      r_.diagnostics.error(at(host, "egress_addresses"),
                           fmt::format("host '{}' has {} addresses to connect from, not {}",
                                       host.name, all.size(), wanted));
      return false;
    }
    all.resize(wanted);
    relay.egress_addresses = wanted;
    relay.values.egress = std::move(all);
    return true;
  }

  static std::vector<net::IpAddress> own(const HostEntry& host, bool v4) {
    std::vector<net::IpAddress> found;
    for (const net::IpAddress& address : host.spec.addresses) {
      if (address.is_v4() == v4) found.push_back(address);
    }
    return found;
  }

  Resolution& r_;
  std::map<std::string, Goal> goals_;  // by host
};

}  // namespace

std::string relay_name(const HostEntry& host) { return host.cdn ? "CDN" : "WAF"; }

void resolve_relays(Resolution& r) { RelayResolver(r).resolve(); }

}  // namespace elblab::language
