#include <deque>
#include <set>
#include <utility>

#include "worlds/network.hpp"

namespace elblab::worlds {
namespace {

using language::Scenario;
using network::PortIndex;

constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

net::Subnet alone(const net::IpAddress& address) {
  return net::Subnet(address, address.is_v4() ? 32 : 128);
}

// From every place the link to take towards `goal`, on a way of fewest links; of several the first
// of the file. kNowhere at the goal itself.
std::vector<std::size_t> links_towards(const Scenario& scenario, std::size_t goal) {
  std::vector<std::size_t> first_link(scenario.places.size(), kNowhere);
  std::vector<bool> reached(scenario.places.size(), false);
  std::deque<std::size_t> next{goal};
  reached[goal] = true;
  while (!next.empty()) {
    const std::size_t at = next.front();
    next.pop_front();
    for (std::size_t i = 0; i < scenario.place_links.size(); ++i) {
      const auto& link = scenario.place_links[i];
      if (link.from != at && link.to != at) continue;
      const std::size_t other = link.from == at ? link.to : link.from;
      if (reached[other]) continue;
      reached[other] = true;
      first_link[other] = i;
      next.push_back(other);
    }
  }
  return first_link;
}

void number_ports(const Scenario& scenario, Wiring& wiring) {
  std::vector<PortIndex> ports(scenario.places.size(), 0);
  for (const language::HostSpec& host : scenario.hosts) {
    wiring.hosts.push_back({host.place, ports[host.place]++});
  }
  for (const language::PlaceLinkSpec& link : scenario.place_links) {
    const NetworkPort from{link.from, ports[link.from]++};
    const NetworkPort to{link.to, ports[link.to]++};
    wiring.links.push_back({from, to});
    wiring.mtu_bytes[link.from].emplace_back(from.port, link.mtu_bytes);
    wiring.mtu_bytes[link.to].emplace_back(to.port, link.mtu_bytes);
  }
}

PortIndex port_at(const Wiring& wiring, std::size_t link, std::size_t place) {
  const auto& ends = wiring.links[link];
  return ends[0].place == place ? ends[0].port : ends[1].port;
}

// To the outer addresses of a NAT box, from everywhere but behind it; from there, whatever is not
// behind it is outside.
void add_routes(const language::MiddleboxSpec& box, Wiring& wiring) {
  for (const net::IpAddress& address : box.nat.addresses) {
    for (std::size_t place = 0; place < wiring.routes.size(); ++place) {
      if (place == box.inside_place) continue;
      wiring.routes[place].push_back({alone(address), wiring.towards[place][box.inside_place]});
    }
  }
  wiring.routes[box.inside_place].push_back({net::Subnet(net::IpAddress::v4(0, 0, 0, 0), 0),
                                             wiring.towards[box.inside_place][box.outside_place]});
}

}  // namespace

Wiring Wiring::of(const Scenario& scenario) {
  const std::size_t places = scenario.places.size();
  Wiring wiring;
  wiring.return_path = scenario.return_path;
  wiring.routes.resize(places);
  wiring.mtu_bytes.resize(places);
  wiring.towards.assign(places, std::vector<PortIndex>(places, 0));
  for (const language::PlaceSpec& place : scenario.places) {
    wiring.behind_box.push_back(place.kind == language::PlaceSpec::Kind::inside);
  }
  number_ports(scenario, wiring);
  for (std::size_t goal = 0; goal < places; ++goal) {
    const std::vector<std::size_t> links = links_towards(scenario, goal);
    for (std::size_t place = 0; place < places; ++place) {
      if (links[place] != kNowhere)
        wiring.towards[place][goal] = port_at(wiring, links[place], place);
    }
  }
  for (std::size_t i = 0; i < scenario.hosts.size(); ++i) {
    for (const net::IpAddress& address : scenario.hosts[i].addresses) {
      for (std::size_t place = 0; place < places; ++place) {
        const NetworkPort& home = wiring.hosts[i];
        // What stands behind a NAT box is known behind it alone, and knows nobody else.
        const bool hidden = !scenario.hosts[i].behind.empty() || wiring.behind_box[place];
        if (place != home.place && hidden) continue;
        const PortIndex port = place == home.place ? home.port : wiring.towards[place][home.place];
        wiring.routes[place].push_back({alone(address), port});
      }
    }
  }
  for (const language::MiddleboxSpec& box : scenario.middleboxes) add_routes(box, wiring);
  return wiring;
}

Wiring Wiring::single(std::vector<network::Route> routes) {
  Wiring wiring;
  wiring.routes.push_back(std::move(routes));
  wiring.towards.emplace_back(1, 0);
  wiring.mtu_bytes.emplace_back();
  wiring.behind_box.push_back(false);
  return wiring;
}

Wiring Wiring::single_around(std::vector<network::Route> routes, const Scenario& scenario) {
  std::vector<network::Route> to_hosts;
  std::set<net::IpAddress> of_hosts;
  std::vector<NetworkPort> hosts;
  for (std::size_t i = 0; i < scenario.hosts.size(); ++i) {
    hosts.push_back({0, static_cast<PortIndex>(i + 1)});
    for (const net::IpAddress& address : scenario.hosts[i].addresses) {
      of_hosts.insert(address);
      to_hosts.push_back({alone(address), hosts.back().port});
    }
  }
  std::erase_if(routes, [&](const network::Route& route) {
    return of_hosts.contains(route.destination.base()) &&
           route.destination == alone(route.destination.base());
  });
  routes.insert(routes.end(), to_hosts.begin(), to_hosts.end());
  Wiring wiring = single(std::move(routes));
  wiring.hosts = std::move(hosts);
  return wiring;
}

}  // namespace elblab::worlds
