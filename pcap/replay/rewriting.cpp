#include "pcap/replay/rewriting.hpp"

#include "models/net/icmp.hpp"

namespace elblab::replay {

std::optional<net::FlowKey> flow_of(const net::PacketView& packet) {
  if (packet.has_ports()) return packet.flow();
  const std::optional<net::FlowKey> quoted = net::quoted_flow(packet);
  if (!quoted) return std::nullopt;
  return quoted->reversed();
}

bool move_to_flow(net::PacketView& packet, const net::FlowKey& flow) {
  if (packet.has_ports()) {
    packet.set_source(flow.source);
    packet.set_destination(flow.destination);
    return true;
  }
  if (!net::rewrite_quoted(packet, flow.destination, flow.source)) return false;
  packet.set_source({flow.source.address, 0});
  packet.set_destination({flow.destination.address, 0});
  return true;
}

Renaming::Renaming(const std::vector<EndpointRule>& rules) {
  for (const EndpointRule& rule : rules) {
    const auto place = static_cast<std::uint32_t>(ours_.size());
    ours_.push_back(rule.ours);
    met_.push_back(0);
    index_.insert(rule.captured, place);
    index_.insert({rule.captured.address, 0}, place);  // for ICMP
  }
}

std::optional<net::Endpoint> Renaming::find(const net::Endpoint& captured) {
  const std::uint32_t* place = index_.find(captured);
  if (place == nullptr) return std::nullopt;
  ++met_[*place];
  return ours_[*place];
}

void Renaming::apply(net::PacketView& packet) {
  if (empty()) return;
  if (packet.has_ports()) {
    if (const auto source = find({packet.source(), packet.source_port()})) {
      packet.set_source(*source);
    }
    if (const auto destination = find({packet.destination(), packet.destination_port()})) {
      packet.set_destination(*destination);
    }
    return;
  }
  if (const auto quoted = net::quoted_flow(packet)) {
    net::rewrite_quoted(packet, renamed(quoted->source), renamed(quoted->destination));
  }
  if (const auto source = find({packet.source(), 0})) packet.set_source({source->address, 0});
  if (const auto destination = find({packet.destination(), 0})) {
    packet.set_destination({destination->address, 0});
  }
}

}  // namespace elblab::replay
