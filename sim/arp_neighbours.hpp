// One Ethernet station's view of its neighbours: address resolution for IPv4 (RFC 826).
//
// Unknown neighbours are asked for by broadcast, once a second, three times (Linux's
// mcast_solicit and retrans_time_ms); packets to them wait, at most kHeldPackets per neighbour, and
// are lost when nobody answers. What is learnt stays for the run: no host of a scenario changes its
// hardware address. IPv6 neighbours are entered from outside (add); there is no neighbour
// discovery.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "models/net/address.hpp"
#include "models/telemetry/recorder.hpp"
#include "sim/lazy_timer.hpp"

namespace elblab::sim {

using MacAddress = std::array<std::uint8_t, 6>;
inline constexpr MacAddress kBroadcastMac{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

class ArpOutput {
 public:
  virtual ~ArpOutput() = default;
  virtual void send_arp(std::span<const std::uint8_t> message, const MacAddress& to) = 0;
  // A held packet's neighbour was found, or not (with the reason the packet is lost for).
  virtual void resolved(std::span<const std::uint8_t> packet, const MacAddress& to) = 0;
  virtual void unresolved(std::span<const std::uint8_t> packet, telemetry::Reason reason) = 0;
};

class ArpNeighbours {
 public:
  static constexpr std::size_t kMessageBytes = 28;
  static constexpr std::size_t kHeldPackets = 64;
  static constexpr unsigned kRequests = 3;
  static constexpr Duration kRetryAfter = std::chrono::seconds(1);

  // own_addresses: what this station answers for; the first IPv4 one is the sender of requests.
  ArpNeighbours(const MacAddress& own_mac, std::vector<net::IpAddress> own_addresses,
                ArpOutput& output);

  void add(const net::IpAddress& address, const MacAddress& mac);
  std::optional<MacAddress> find(const net::IpAddress& address) const;
  // Keeps the packet until `neighbour` is resolved. An IPv6 neighbour that was never added is
  // unresolved at once.
  void hold(const net::IpAddress& neighbour, std::span<const std::uint8_t> packet);
  // A received ARP message; anything else than Ethernet and IPv4 is ignored.
  void receive(std::span<const std::uint8_t> message);

 private:
  struct Pending {
    std::vector<std::vector<std::uint8_t>> packets;
    unsigned requests_sent = 0;
    Instant retry_at;
  };

  bool owns(const net::IpAddress& address) const;
  void learn(const net::IpAddress& address, const MacAddress& mac);
  void request(const net::IpAddress& address, Pending& pending);
  void retry_due();
  void send_message(std::uint16_t operation, const net::IpAddress& sender,
                    const MacAddress& target_mac, const net::IpAddress& target);

  MacAddress own_mac_;
  std::vector<net::IpAddress> own_addresses_;
  ArpOutput& output_;
  LazyTimer timer_;
  std::map<net::IpAddress, MacAddress> known_;
  std::map<net::IpAddress, Pending> pending_;
};

}  // namespace elblab::sim
