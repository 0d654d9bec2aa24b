#include "worlds/link_drop.hpp"

#include <vector>

#include "models/net/packet_view.hpp"

namespace elblab::worlds {

telemetry::Event link_drop(telemetry::ObjectId link, std::span<const std::uint8_t> packet,
                           telemetry::Reason reason, Instant now) {
  telemetry::Event event;
  event.at = now;
  event.kind = telemetry::EventKind::packet_dropped;
  event.reason = reason;
  event.object = link;
  event.value = static_cast<std::int64_t>(packet.size());
  std::vector<std::uint8_t> copy(packet.begin(), packet.end());
  net::PacketView view;
  if (net::PacketView::parse(copy, view) == net::ParseError::none) event.flow = view.flow();
  return event;
}

}  // namespace elblab::worlds
