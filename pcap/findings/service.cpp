#include "pcap/findings/service.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace elblab::findings {
namespace {

// A client is a scanner that tried so many endpoints, nine tenths of them in vain or without a
// word.
constexpr std::size_t kScannedEndpoints = 10;
constexpr double kScanShare = 0.9;
// From this share of its connections on a side is not in the capture.
constexpr double kUnseenShare = 0.5;
constexpr double kAlike = 0.05;
constexpr std::size_t kLeastAlike = 3;

bool in_vain(Handshake handshake) {
  return handshake == Handshake::unanswered || handshake == Handshake::refused ||
         handshake == Handshake::unreachable || handshake == Handshake::client_reset ||
         handshake == Handshake::not_judged;
}

struct Tried {
  std::set<net::Endpoint> endpoints;
  std::uint64_t all = 0;
  std::uint64_t vain = 0;
};

bool fails(Handshake handshake) {
  return handshake == Handshake::unanswered || handshake == Handshake::refused ||
         handshake == Handshake::unreachable || handshake == Handshake::met_another ||
         handshake == Handshake::client_silent;
}

bool fails(Ending ending) {
  return ending == Ending::server_reset || ending == Ending::client_reset ||
         ending == Ending::client_left || ending == Ending::server_left ||
         ending == Ending::forgotten;
}

class Bookkeeper {
 public:
  explicit Bookkeeper(const streams::Streams& streams) : streams_(streams) {
    books_.streams = &streams;
  }

  Books keep() {
    books_.hops = find_hops(streams_.list);
    find_scanners();
    for (std::uint32_t i = 0; i < streams_.list.size(); ++i) take(i);
    for (auto& [key, service] : services_) {
      look_at_sides(service);
      look_for_one_way(service);
      find_silent_probes(service);
      judge(service);
    }
    for (auto& [key, service] : services_) {
      leave_to_those_behind(service);
      books_.services.push_back(std::move(service));
    }
    std::ranges::stable_sort(books_.services, [](const Service& a, const Service& b) {
      return a.connections.size() > b.connections.size();
    });
    return std::move(books_);
  }

 private:
  using Key = std::pair<net::Endpoint, net::Protocol>;

  void find_scanners() {
    std::map<net::IpAddress, Tried> clients;
    for (const Connection& c : streams_.list) {
      if (!c.is_tcp() || c.syn_at == kNotSeen) continue;
      Tried& tried = clients[c.client.address];
      ++tried.all;
      const bool vain = in_vain(streams::handshake_of(c, books_.end()));
      if (vain) ++tried.vain;
      if (vain && tried.endpoints.size() < kScannedEndpoints) tried.endpoints.insert(c.server);
    }
    for (const auto& [address, tried] : clients) {
      if (tried.endpoints.size() < kScannedEndpoints) continue;
      if (double(tried.vain) < kScanShare * double(tried.all)) continue;
      books_.scanners.push_back(address);
    }
  }

  void take(std::uint32_t index) {
    const Connection& c = streams_.list[index];
    if (std::ranges::binary_search(books_.scanners, c.client.address) && c.is_tcp()) {
      ++books_.scanned;
      return;
    }
    Judged judged;
    judged.index = index;
    judged.handshake = streams::handshake_of(c, books_.end());
    judged.ending = streams::ending_of(c);
    judged.first_hop = books_.hops.before[index] == kNoHop;
    Service& service = services_[{c.server, c.protocol}];
    service.endpoint = c.server;
    service.protocol = c.protocol;
    service.questions += c.questions;
    service.answers += c.answers;
    service.asked_again += c.asked_again;
    service.is_behind = service.is_behind || !judged.first_hop;
    for (const Side side : {Side::client, Side::server}) {
      service.segments += c.counts(side).segments;
      service.retransmissions += c.counts(side).retransmissions;
    }
    if (c.last_packet.server != kNotSeen) {
      const bool first = service.first_from_server == kNotSeen;
      service.first_from_server = first ? c.begin : std::min(service.first_from_server, c.begin);
      service.last_from_server = std::max(service.last_from_server, c.last_packet.server);
    }
    service.connections.push_back(judged);
  }

  void look_at_sides(Service& service) const {
    if (service.protocol == net::Protocol::udp) return;
    std::uint64_t open = 0;
    std::uint64_t no_server = 0;
    std::uint64_t no_client = 0;
    for (const Judged& one : service.connections) {
      const Connection& c = books_.at(one);
      if (streams::was_established(one.handshake)) ++open;
      Side missing{};
      if (!streams::lacks_direction(c, &missing)) continue;
      ++(missing == Side::server ? no_server : no_client);
    }
    const double least = std::max(1.0, kUnseenShare * double(open));
    service.server_unseen = double(no_server) >= least;
    service.client_unseen = double(no_client) >= least;
  }

  // A client that waits gives up after a time of its own, each time the same.
  bool clients_waited(const Service& service) const {
    std::vector<double> waits;
    for (const Judged& one : service.connections) {
      if (one.ending != Ending::client_left && one.ending != Ending::client_reset) continue;
      const Connection& c = books_.at(one);
      const Duration gone = one.ending == Ending::client_left ? c.closed_at : c.reset_at;
      waits.push_back(to_seconds(gone - c.asked_at));
    }
    if (waits.size() < kLeastAlike) return false;
    const auto [least, most] = std::ranges::minmax(waits);
    return most - least <= kAlike * most;
  }

  void look_for_one_way(Service& service) const {
    if (service.answers > 0 || service.questions == 0) return;
    if (service.protocol == net::Protocol::udp) {
      const bool refused = std::ranges::any_of(
          service.connections, [&](const Judged& one) { return books_.at(one).unreachable; });
      service.one_way = service.asked_again == 0 && !refused;
    } else {
      service.one_way = !clients_waited(service);
    }
  }

  // Of one client address.
  struct Asked {
    std::vector<std::uint32_t> flows;
    bool answered = false;
    bool alike = true;
  };

  void find_silent_probes(const Service& service) {
    if (service.protocol != net::Protocol::udp || service.answers == 0) return;
    std::map<net::IpAddress, Asked> clients;
    for (const Judged& one : service.connections) {
      const Connection& c = books_.at(one);
      Asked& asked = clients[c.client.address];
      if (!asked.flows.empty()) {
        const Connection& first = streams_.list[asked.flows.front()];
        asked.alike = asked.alike && first.first_payload.client == c.first_payload.client;
      }
      asked.answered = asked.answered || c.answers > 0 || c.unreachable;
      asked.flows.push_back(one.index);
    }
    for (const auto& [address, asked] : clients) {
      if (asked.answered || !asked.alike || !is_rhythm(asked.flows)) continue;
      books_.silent_probes += asked.flows.size();
      for (const std::uint32_t flow : asked.flows) is_probe_[flow] = true;
    }
  }

  // Of several nodes with one address each asks in a rhythm of its own: the flow after as many as
  // there are nodes is one period later.
  bool is_rhythm(const std::vector<std::uint32_t>& flows) const {
    constexpr std::size_t kMostNodes = 16;
    for (std::size_t nodes = 1; nodes <= kMostNodes; ++nodes) {
      if (is_rhythm(flows, nodes)) return true;
    }
    return false;
  }

  bool is_rhythm(const std::vector<std::uint32_t>& flows, std::size_t nodes) const {
    constexpr std::size_t kLeastRounds = 3;
    constexpr double kJitter = 0.05;
    constexpr double kLeastOnTime = 0.8;  // one that is missing shifts as many as there are nodes
    if (flows.size() < nodes + kLeastRounds) return false;
    std::vector<double> pauses;
    for (std::size_t i = nodes; i < flows.size(); ++i) {
      pauses.push_back(
          to_seconds(streams_.list[flows[i]].begin - streams_.list[flows[i - nodes]].begin));
    }
    std::vector<double> sorted = pauses;
    std::ranges::sort(sorted);
    const double period = sorted[sorted.size() / 2];
    const auto on_time = std::ranges::count_if(
        pauses, [&](double pause) { return std::abs(pause - period) <= kJitter * period; });
    return double(on_time) >= kLeastOnTime * double(pauses.size());
  }

  void judge(Service& service) {
    for (Judged& one : service.connections) {
      const Connection& c = books_.at(one);
      if (!c.is_tcp()) {
        const std::uint32_t questions =
            c.server.address.is_multicast() ? 0 : streams::unanswered_questions(c, books_.end());
        if (service.one_way || is_probe_[one.index] || (questions == 0 && !c.unreachable)) continue;
        one.failed = failed_[one.index] = true;
        continue;
      }
      if (service.server_unseen || service.client_unseen) continue;
      const bool opened = streams::was_established(one.handshake);
      const bool ended_badly = opened && fails(one.ending) && !excused(service, one.ending);
      one.failed = failed_[one.index] = fails(one.handshake) || ended_badly;
    }
  }

  void leave_to_those_behind(Service& service) const {
    for (Judged& one : service.connections) {
      const std::uint32_t behind = books_.hops.behind[one.index];
      if (behind != kNoHop && failed_[behind]) one.failed = false;
      const Connection& c = books_.at(one);
      if (!one.failed || c.is_tcp()) continue;
      service.unanswered +=
          std::max<std::uint32_t>(streams::unanswered_questions(c, books_.end()), 1);
    }
  }

  // Of a service that answers nobody only a reset is bad.
  static bool excused(const Service& service, Ending ending) {
    return service.one_way && ending != Ending::server_reset && ending != Ending::forgotten;
  }

  const streams::Streams& streams_;
  Books books_;
  std::vector<bool> failed_ = std::vector<bool>(streams_.list.size(), false);
  std::vector<bool> is_probe_ = std::vector<bool>(streams_.list.size(), false);
  std::map<Key, Service> services_;
};

}  // namespace

std::uint64_t Service::count(Handshake handshake) const {
  return static_cast<std::uint64_t>(std::ranges::count_if(
      connections, [&](const Judged& one) { return one.handshake == handshake; }));
}

std::uint64_t Service::established() const {
  return static_cast<std::uint64_t>(std::ranges::count_if(
      connections, [](const Judged& one) { return streams::was_established(one.handshake); }));
}

std::uint64_t Service::judged() const {
  return static_cast<std::uint64_t>(std::ranges::count_if(connections, [](const Judged& one) {
    return one.handshake != Handshake::not_judged && one.handshake != Handshake::stray;
  }));
}

std::vector<const Judged*> Service::failed(Handshake handshake) const {
  std::vector<const Judged*> found;
  for (const Judged& one : connections) {
    if (one.failed && one.handshake == handshake) found.push_back(&one);
  }
  return found;
}

std::vector<const Judged*> Service::failed(Ending ending) const {
  std::vector<const Judged*> found;
  for (const Judged& one : connections) {
    if (one.failed && streams::was_established(one.handshake) && one.ending == ending) {
      found.push_back(&one);
    }
  }
  return found;
}

Books keep_books(const streams::Streams& streams) { return Bookkeeper(streams).keep(); }

}  // namespace elblab::findings
