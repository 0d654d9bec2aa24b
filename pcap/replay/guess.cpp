#include "pcap/replay/guess.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace elblab::replay {
namespace {

using config::BackendGroup;
using config::Listener;
using config::LoadBalancer;

net::Protocol protocol_of(const Listener& listener) {
  return listener.protocol == config::ListenerProtocol::udp ? net::Protocol::udp
                                                            : net::Protocol::tcp;
}

std::uint64_t asked_in_all(const std::vector<Service>& services, net::Protocol protocol) {
  std::uint64_t sum = 0;
  for (const Service& s : services) sum += s.protocol == protocol ? s.asked : 0;
  return sum;
}

bool is_relayed(const Service& service) { return 2 * service.relayed > service.asked; }

class Guesser {
 public:
  Guesser(const Survey& survey, const LoadBalancer& balancer)
      : balancer_(balancer), services_(survey.services()) {}

  Guess run() {
    std::vector<Service> fronts;
    std::vector<Service> backs;
    for (const Service& s : services_) (is_relayed(s) ? backs : fronts).push_back(s);
    if (backs.empty()) {
      backs = alike();
      if (!backs.empty()) fronts.clear();
    }
    for (const Listener& listener : balancer_.listeners) take_listener(listener, fronts);
    take_servers(backs);
    return std::move(guess_);
  }

 private:
  // Endpoints of the port that is asked most, if there are several and they may be one group's.
  std::vector<Service> alike() const {
    if (services_.empty()) return {};
    const Service& most = services_.front();
    std::vector<Service> found;
    std::copy_if(services_.begin(), services_.end(), std::back_inserter(found),
                 [&](const Service& s) {
                   return s.protocol == most.protocol && s.endpoint.port == most.endpoint.port &&
                          s.endpoint.address.is_v4() == most.endpoint.address.is_v4() &&
                          20 * s.asked >= most.asked;
                 });
    const BackendGroup* group = group_for(most);
    const bool fits =
        group != nullptr && found.size() >= 2 && found.size() <= group->servers.size();
    return fits ? found : std::vector<Service>();
  }

  // The group of the first listener of the service's protocol.
  const BackendGroup* group_for(const Service& service) const {
    for (const Listener& listener : balancer_.listeners) {
      if (protocol_of(listener) == service.protocol) return balancer_.find_group(listener.group);
    }
    return nullptr;
  }

  // The service of the listener's own port, else the one asked most that is not taken yet.
  void take_listener(const Listener& listener, std::vector<Service>& fronts) {
    const auto fits = [&](const Service& s) {
      return s.protocol == protocol_of(listener) &&
             virtual_endpoint(balancer_, listener, s.endpoint.address).has_value();
    };
    auto found = std::find_if(fronts.begin(), fronts.end(), [&](const Service& s) {
      return fits(s) && listener.port.contains(s.endpoint.port);
    });
    if (found == fronts.end()) found = std::find_if(fronts.begin(), fronts.end(), fits);
    if (found == fronts.end()) return;
    const auto ours = virtual_endpoint(balancer_, listener, found->endpoint.address);
    add({EndpointRule::Part::listener, found->endpoint, *ours, listener.name},
        fmt::format("{}: taken as listener {} ({} {})", sentence_about(*found, services_),
                    listener.name, net::to_string(found->protocol), listener.port.first));
    fronts.erase(found);
  }

  void take_servers(std::vector<Service> backs) {
    std::sort(backs.begin(), backs.end(),
              [](const Service& a, const Service& b) { return a.endpoint < b.endpoint; });
    std::size_t next = 0;
    for (const Service& back : backs) {
      const BackendGroup* group = group_behind(back);
      if (group == nullptr || group->servers.empty()) continue;
      const config::Server& server = group->servers[next++ % group->servers.size()];
      if (server.address.is_v4() != back.endpoint.address.is_v4()) continue;
      const std::string name = group->name + "/" + server.name;
      const std::string why =
          back.relayed > 0
              ? fmt::format("{} receives {} SYNs that had been sent to {} before",
                            back.endpoint.to_string(), back.relayed, back.relayed_from.to_string())
              : sentence_about(back, services_) + ", as do others on its port";
      add({EndpointRule::Part::server, back.endpoint, {server.address, server.port}, name},
          fmt::format("{}: taken as server {}", why, name));
    }
  }

  const BackendGroup* group_behind(const Service& back) const {
    for (const EndpointRule& rule : guess_.rules) {
      if (rule.part != EndpointRule::Part::listener || rule.captured != back.relayed_from) continue;
      for (const Listener& listener : balancer_.listeners) {
        if (listener.name == rule.name) return balancer_.find_group(listener.group);
      }
    }
    return group_for(back);
  }

  void add(EndpointRule rule, std::string sentence) {
    guess_.rules.push_back(std::move(rule));
    guess_.sentences.push_back(std::move(sentence));
  }

  const LoadBalancer& balancer_;
  std::vector<Service> services_;
  Guess guess_;
};

}  // namespace

std::string sentence_about(const Service& service, const std::vector<Service>& all) {
  const bool tcp = service.protocol == net::Protocol::tcp;
  return fmt::format("{} receives {} of {} {} and answers {}", service.endpoint.to_string(),
                     service.asked, asked_in_all(all, service.protocol),
                     tcp ? "SYNs" : "first datagrams", service.answered);
}

Guess guess_roles(const Survey& survey, const LoadBalancer& balancer) {
  return Guesser(survey, balancer).run();
}

}  // namespace elblab::replay
