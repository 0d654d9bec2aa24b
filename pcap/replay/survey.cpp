#include "pcap/replay/survey.hpp"

#include <algorithm>

namespace elblab::replay {

void Survey::add(const net::PacketView& packet) {
  ++packets_;
  const auto leg = static_cast<std::size_t>(plan_.leg_of(packet));
  ++legs_[leg];
  add_address(packet.destination());
  if (!packet.has_ports()) return;
  ++legs_with_ports_[leg];
  const net::FlowKey flow = packet.flow();
  if (flow.protocol == net::Protocol::tcp) {
    add_tcp(packet, flow);
  } else {
    add_datagram(flow);
  }
}

void Survey::add_address(const net::IpAddress& address) {
  if (const std::uint32_t* place = address_index_.find({address, 0})) {
    ++addresses_[*place].second;
  } else if (addresses_.size() < kMostServices) {
    address_index_.insert({address, 0}, static_cast<std::uint32_t>(addresses_.size()));
    addresses_.emplace_back(address, 1);
  }
}

void Survey::add_tcp(const net::PacketView& packet, const net::FlowKey& flow) {
  const auto flags = packet.tcp_flags() & (net::tcp_flag::syn | net::tcp_flag::ack);
  if ((flags & net::tcp_flag::syn) == 0) return;
  if (flags != net::tcp_flag::syn) {
    if (Service* from = service(flow.source, flow.protocol)) ++from->answered;
    return;
  }
  Service* to = service(flow.destination, flow.protocol);
  if (to == nullptr) return;
  ++to->asked;
  RecentSyn& recent = recent_syns_[packet.sequence() % kRecentSyns];
  if (recent.used && recent.sequence == packet.sequence() && recent.to != flow.destination) {
    ++to->relayed;
    to->relayed_from = recent.to;
    return;
  }
  recent = {packet.sequence(), true, flow.destination};
}

// The first datagram of a flow asks; the first back answers.
void Survey::add_datagram(const net::FlowKey& flow) {
  constexpr std::uint64_t kSeed = 0x5EED;
  if (datagram_flows_.size() >= kMostDatagramFlows) return;
  const std::uint64_t here = net::hash_of(flow, kSeed);
  const std::uint64_t back = net::hash_of(flow.reversed(), kSeed);
  const bool asked_back = datagram_flows_.contains(back);
  if (!datagram_flows_.insert(here).second) return;
  if (Service* s = service(asked_back ? flow.source : flow.destination, flow.protocol)) {
    ++(asked_back ? s->answered : s->asked);
  }
}

Service* Survey::service(const net::Endpoint& endpoint, net::Protocol protocol) {
  const auto found = index_.find({endpoint, protocol});
  if (found != index_.end()) return &services_[found->second];
  if (services_.size() >= kMostServices) return nullptr;
  index_[{endpoint, protocol}] = services_.size();
  services_.push_back({endpoint, protocol, 0, 0, 0, {}});
  return &services_.back();
}

std::vector<Service> Survey::services() const {
  std::vector<Service> sorted;
  std::copy_if(services_.begin(), services_.end(), std::back_inserter(sorted),
               [](const Service& s) { return s.asked > 0; });
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Service& a, const Service& b) { return a.asked > b.asked; });
  return sorted;
}

std::vector<std::pair<net::IpAddress, std::uint64_t>> Survey::busiest_addresses() const {
  auto sorted = addresses_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return sorted;
}

}  // namespace elblab::replay
