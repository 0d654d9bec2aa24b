#include "sim/arp_neighbours.hpp"

#include <algorithm>
#include <utility>

#include "models/net/packet_view.hpp"
#include "sim/clock.hpp"

namespace elblab::sim {
namespace {

using net::IpAddress;
using telemetry::Reason;

constexpr std::uint16_t kRequest = 1;
constexpr std::uint16_t kReply = 2;
// Hardware type Ethernet, protocol type IPv4, their address lengths (RFC 826).
constexpr std::array<std::uint8_t, 6> kPreamble{0, 1, 0x08, 0x00, 6, 4};

MacAddress mac_at(std::span<const std::uint8_t> message, std::size_t offset) {
  MacAddress mac;
  std::copy_n(message.begin() + static_cast<std::ptrdiff_t>(offset), mac.size(), mac.begin());
  return mac;
}

}  // namespace

ArpNeighbours::ArpNeighbours(const MacAddress& own_mac, std::vector<IpAddress> own_addresses,
                             ArpOutput& output)
    : own_mac_(own_mac),
      own_addresses_(std::move(own_addresses)),
      output_(output),
      timer_(this, &LazyTimer::call<&ArpNeighbours::retry_due>) {}

void ArpNeighbours::add(const IpAddress& address, const MacAddress& mac) { known_[address] = mac; }

std::optional<MacAddress> ArpNeighbours::find(const IpAddress& address) const {
  const auto it = known_.find(address);
  return it == known_.end() ? std::nullopt : std::optional(it->second);
}

bool ArpNeighbours::owns(const IpAddress& address) const {
  return std::find(own_addresses_.begin(), own_addresses_.end(), address) != own_addresses_.end();
}

void ArpNeighbours::hold(const IpAddress& neighbour, std::span<const std::uint8_t> packet) {
  if (!neighbour.is_v4()) return output_.unresolved(packet, Reason::no_route);
  Pending& pending = pending_[neighbour];
  if (pending.packets.size() >= kHeldPackets) {
    return output_.unresolved(packet, Reason::link_queue_full);
  }
  pending.packets.emplace_back(packet.begin(), packet.end());
  if (pending.requests_sent == 0) request(neighbour, pending);
}

void ArpNeighbours::request(const IpAddress& address, Pending& pending) {
  ++pending.requests_sent;
  pending.retry_at = now() + kRetryAfter;
  timer_.arm(pending.retry_at);
  const auto sender = std::find_if(own_addresses_.begin(), own_addresses_.end(),
                                   [](const IpAddress& a) { return a.is_v4(); });
  send_message(kRequest, sender == own_addresses_.end() ? IpAddress::v4(0) : *sender, MacAddress{},
               address);
}

void ArpNeighbours::retry_due() {
  Instant next = kNever;
  for (auto it = pending_.begin(); it != pending_.end();) {
    Pending& pending = it->second;
    if (pending.retry_at <= now()) {
      if (pending.requests_sent >= kRequests) {
        for (const auto& packet : pending.packets) output_.unresolved(packet, Reason::no_route);
        it = pending_.erase(it);
        continue;
      }
      request(it->first, pending);
    }
    next = std::min(next, pending.retry_at);
    ++it;
  }
  timer_.arm(next);
}

void ArpNeighbours::receive(std::span<const std::uint8_t> message) {
  if (message.size() < kMessageBytes) return;
  if (!std::equal(kPreamble.begin(), kPreamble.end(), message.begin())) return;
  const std::uint16_t operation = net::load16(message.data() + 6);
  const MacAddress sender_mac = mac_at(message, 8);
  const IpAddress sender = IpAddress::from_v4_bytes(message.data() + 14);
  const IpAddress target = IpAddress::from_v4_bytes(message.data() + 24);
  // RFC 826: learn from whoever asks for or answers us, then answer.
  if (!owns(target)) return;
  if (!sender.is_unspecified()) learn(sender, sender_mac);
  if (operation == kRequest) send_message(kReply, target, sender_mac, sender);
}

void ArpNeighbours::learn(const IpAddress& address, const MacAddress& mac) {
  known_[address] = mac;
  const auto it = pending_.find(address);
  if (it == pending_.end()) return;
  const Pending pending = std::move(it->second);
  pending_.erase(it);
  for (const auto& packet : pending.packets) output_.resolved(packet, mac);
}

void ArpNeighbours::send_message(std::uint16_t operation, const IpAddress& sender,
                                 const MacAddress& target_mac, const IpAddress& target) {
  std::array<std::uint8_t, kMessageBytes> message{};
  std::copy(kPreamble.begin(), kPreamble.end(), message.begin());
  net::store16(message.data() + 6, operation);
  std::copy(own_mac_.begin(), own_mac_.end(), message.begin() + 8);
  std::copy_n(sender.wire_bytes(), 4, message.begin() + 14);
  std::copy(target_mac.begin(), target_mac.end(), message.begin() + 18);
  std::copy_n(target.wire_bytes(), 4, message.begin() + 24);
  output_.send_arp(message, operation == kRequest ? kBroadcastMac : target_mac);
}

}  // namespace elblab::sim
