// What lets packets through, or not, where they come from a port of a Fabric or go to one: the
// network ACL of a subnet, the security groups of a host, its own firewall.
#pragma once

#include <cstdint>

#include "models/net/packet_view.hpp"
#include "models/telemetry/ids.hpp"
#include "models/time/instant.hpp"

namespace elblab::network {

// As seen from what the filter stands before, its subnet or its host.
enum class Direction : std::uint8_t { in, out };

// Packets that vanished at a filter, and the bytes of them as IP counts.
struct BlockedTraffic {
  std::uint64_t packets = 0;
  std::uint64_t bytes = 0;

  void add(const net::PacketView& packet) {
    ++packets;
    bytes += packet.bytes().size();
  }
  BlockedTraffic& operator+=(const BlockedTraffic& other) {
    packets += other.packets;
    bytes += other.bytes;
    return *this;
  }
};

class Filter {
 public:
  virtual ~Filter() = default;
  // Calls come in the order of time. May note the packet, so that its answers are known: it is
  // asked once per packet and direction.
  virtual bool admits(const net::PacketView& packet, Direction direction, Instant now) = 0;

  // What drops name as their place: the subnet or host that it stands before. 0: nothing.
  void stands_before(telemetry::ObjectId object) { object_ = object; }
  telemetry::ObjectId object() const { return object_; }
  // What it did not admit and no node exempted (ACL-31): that packet is dropped.
  void block(const net::PacketView& packet) { blocked_.add(packet); }
  const BlockedTraffic& blocked() const { return blocked_; }

 private:
  telemetry::ObjectId object_ = 0;
  BlockedTraffic blocked_;
};

// What stands between a port and the Fabric. Not owned; nullptr: nothing.
//
//   host -> host_firewall -> security_groups -> network_acl -> Fabric, and back in reverse
struct PortFilters {
  // One for all ports of a subnet: a packet that comes from one of them and goes to another does
  // not leave the subnet, and is none of its business.
  Filter* network_acl = nullptr;
  Filter* security_groups = nullptr;
  Filter* host_firewall = nullptr;

  bool any() const {
    return network_acl != nullptr || security_groups != nullptr || host_firewall != nullptr;
  }
};

}  // namespace elblab::network
