#include "live/fabric_ports.hpp"

#include <utility>

namespace elblab::live {

FabricPorts::FabricPorts(network::Fabric& fabric, std::vector<LinkEnd*> ends)
    : fabric_(fabric), ends_(std::move(ends)) {
  for (std::size_t i = 0; i < ends_.size(); ++i) {
    ends_[i]->deliver_to(entrances_.emplace_back(*this, static_cast<network::PortIndex>(i)));
  }
}

void FabricPorts::advance(Instant now) {
  now_ = now;
  fabric_.advance(now, *this);
}

void FabricPorts::receive(network::PortIndex from, const PacketBatch& batch, Instant now) {
  now_ = now;
  moved();
  fabric_.receive_batch(from, batch, now, *this);
}

void FabricPorts::send(network::PortIndex port, std::span<const std::uint8_t> packet) {
  ends_[port]->send(packet, now_);
}

worlds::PortTraffic FabricPorts::traffic() const {
  worlds::PortTraffic sum;
  for (const LinkEnd* end : ends_) {
    const worlds::PortTraffic one = end->traffic();
    sum.delivered += one.delivered;
    sum.taken += one.taken;
  }
  return sum;
}

}  // namespace elblab::live
