#include "pcap/replay/captured_health.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "models/config/probe_nodes.hpp"

namespace elblab::replay {

using telemetry::Reason;

// The servers whose health is checked.
struct CheckedServers {
  std::vector<health::Check> checks;
  std::vector<worlds::CheckedServer> places;  // as checks
};

namespace {

std::vector<net::IpAddress> addresses_of(const std::vector<config::ProbeNode>& nodes) {
  std::vector<net::IpAddress> addresses;
  for (const config::ProbeNode& node : nodes) addresses.push_back(node.address);
  return addresses;
}

CheckedServers checked_in(const config::LoadBalancer& balancer) {
  CheckedServers all;
  for (std::size_t group = 0; group < balancer.groups.size(); ++group) {
    const auto& servers = balancer.groups[group].servers;
    for (std::size_t i = 0; i < servers.size(); ++i) {
      auto check = health::check_of(balancer, balancer.groups[group], servers[i]);
      if (!servers[i].member || !check || check->impossible != Reason::none) continue;
      all.checks.push_back(std::move(*check));
      all.places.push_back({group, i});
    }
  }
  return all;
}

}  // namespace

// The probes of one balancer, and what they say.
class CapturedHealth::OfBalancer final : private probes::ProbeReceiver {
 public:
  OfBalancer(language::Balancers all, std::size_t index, const std::vector<net::Subnet>& sources,
             worlds::Network& network, const worlds::BalancerObjects& objects,
             worlds::Recording& recording)
      : all_(all),
        index_(index),
        servers_(checked_in(all[index])),
        known_(servers_.places.size(), false),
        failures_(servers_.places.size()),
        board_(all[index], network.balancer(index), objects, objects.probing_nodes(),
               recording.keeping(), recording.recorder()),
        sources_(probes::ProbeSources::of(all[index], sources)),
        reader_(sources_, servers_.checks, addresses_of(config::probe_nodes(all[index])), *this) {
    for (std::size_t i = 0; i < servers_.places.size(); ++i) {
      number_of_[{servers_.places[i].group, servers_.places[i].server}] = i;
    }
    for (std::size_t node = 0; node < objects.probing_nodes().size(); ++node) {
      board_.count_node(node, false);
    }
  }

  bool take(const net::PacketView& packet, std::size_t captured, Instant at) {
    if (!reader_.take(packet, captured, at)) return false;
    ++(sources_.contains(packet.source()) ? sent_ : received_);
    bytes_ += packet.bytes().size();
    return true;
  }
  Instant next_deadline() const { return reader_.next_deadline(); }
  void advance(Instant now) { reader_.advance(now); }
  const worlds::HealthBoard& board() const { return board_; }
  bool knows(worlds::CheckedServer which) const {
    const auto number = number_of_.find({which.group, which.server});
    return number != number_of_.end() && known_[number->second];
  }
  bool knows_all() const {
    return !known_.empty() && std::find(known_.begin(), known_.end(), false) == known_.end();
  }
  std::uint64_t bytes() const { return bytes_; }
  std::uint64_t sent() const { return sent_; }
  std::uint64_t received() const { return received_; }
  void add_to(HealthReport& report) const;

 private:
  const config::LoadBalancer& balancer() const { return all_[index_]; }
  const config::BackendGroup& group_of(std::size_t server) const {
    return balancer().groups[servers_.places[server].group];
  }
  void probed(std::size_t node, std::size_t server, Instant at) override {
    known_[server] = true;
    board_.count_node(node, true);
    const telemetry::Verdict initial = health::initial_verdict(group_of(server));
    board_.begin(node, servers_.places[server], initial, at);
    judgements_.emplace(std::pair{node, server},
                        health::Judgement(servers_.checks[server].retries, initial));
  }
  void probe_ended(const probes::CapturedProbe& probe) override {
    health::Judgement& judgement = judgements_.at({probe.node, probe.server});
    health::ProbeResult result;
    result.started = probe.started;
    result.ended = probe.ended;
    result.reason = probe.reason;
    result.status = probe.status;
    result.before = judgement.verdict();
    judgement.note(result.passed());
    result.after = judgement.verdict();
    if (!result.passed()) ++failures_[probe.server][probe.reason];
    board_.probe_ended(probe.node, servers_.places[probe.server], result);
  }
  void probe_answered(std::size_t server, Duration took) override {
    board_.probe_answered(servers_.places[server], took);
  }

  language::Balancers all_;
  std::size_t index_;
  CheckedServers servers_;
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> number_of_;  // by group and server
  std::vector<bool> known_;                                               // as servers_
  std::vector<std::map<Reason, std::uint64_t>> failures_;                 // as servers_
  std::map<std::pair<std::size_t, std::size_t>, health::Judgement> judgements_;  // node, server
  worlds::HealthBoard board_;
  probes::ProbeSources sources_;
  probes::ProbeReader reader_;
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t bytes_ = 0;
};

void CapturedHealth::OfBalancer::add_to(HealthReport& report) const {
  const probes::ProbeCounts& counts = reader_.counts();
  report.counts.packets += counts.packets;
  report.counts.probes += counts.probes;
  report.counts.judged += counts.judged;
  report.counts.cut_short += counts.cut_short;
  report.counts.without_node += counts.without_node;
  report.counts.too_many += counts.too_many;
  report.under_way += reader_.under_way();
  for (std::size_t i = 0; i < servers_.places.size(); ++i) {
    if (!known_[i]) continue;
    const worlds::CheckedServer& place = servers_.places[i];
    ServerHealth server;
    server.name =
        language::server_object(all_, language::ServerPlace{index_, place.group, place.server});
    server.nodes = static_cast<std::size_t>(
        std::count_if(judgements_.begin(), judgements_.end(),
                      [&](const auto& entry) { return entry.first.second == i; }));
    server.probes = board_.probes(place).ended;
    server.failures.assign(failures_[i].begin(), failures_[i].end());
    std::stable_sort(server.failures.begin(), server.failures.end(),
                     [](const auto& x, const auto& y) { return x.second > y.second; });
    server.displayed = board_.displayed(place);
    server.changes = board_.changes(place);
    report.servers.push_back(std::move(server));
  }
}

CapturedHealth::CapturedHealth(language::Balancers balancers,
                               const std::vector<net::Subnet>& sources, worlds::Network& network,
                               const worlds::Objects& objects, worlds::Recording& recording) {
  for (std::size_t i = 0; i < balancers.size(); ++i) {
    const bool checks =
        !checked_in(balancers[i]).checks.empty() && !config::probe_nodes(balancers[i]).empty();
    balancers_.push_back(checks ? std::make_unique<OfBalancer>(balancers, i, sources, network,
                                                               objects.balancers[i], recording)
                                : nullptr);
  }
}

CapturedHealth::~CapturedHealth() = default;

bool CapturedHealth::any() const {
  return std::any_of(balancers_.begin(), balancers_.end(),
                     [](const auto& each) { return each != nullptr; });
}

bool CapturedHealth::take(const net::PacketView& packet, std::size_t captured, Instant at) {
  return std::any_of(balancers_.begin(), balancers_.end(), [&](const auto& each) {
    return each != nullptr && each->take(packet, captured, at);
  });
}

Instant CapturedHealth::next_deadline() const {
  Instant next = kNever;
  for (const auto& each : balancers_) {
    if (each) next = std::min(next, each->next_deadline());
  }
  return next;
}

void CapturedHealth::advance(Instant now) {
  for (const auto& each : balancers_) {
    if (each) each->advance(now);
  }
}

HealthReport CapturedHealth::report() const {
  HealthReport report;
  for (const auto& each : balancers_) {
    if (each) each->add_to(report);
  }
  return report;
}

const worlds::HealthBoard* CapturedHealth::board(std::size_t balancer) const {
  return balancers_[balancer] ? &balancers_[balancer]->board() : nullptr;
}

bool CapturedHealth::knows(std::size_t balancer, worlds::CheckedServer which) const {
  return balancers_[balancer]->knows(which);
}

bool CapturedHealth::knows_all(std::size_t balancer) const {
  return balancers_[balancer]->knows_all();
}

std::uint64_t CapturedHealth::probe_bytes(std::size_t balancer) const {
  return balancers_[balancer]->bytes();
}

std::uint64_t CapturedHealth::probe_packets_sent(std::size_t balancer) const {
  return balancers_[balancer]->sent();
}

std::uint64_t CapturedHealth::probe_packets_received(std::size_t balancer) const {
  return balancers_[balancer]->received();
}

}  // namespace elblab::replay
