#include "models/middlebox/sequence_randomizer.hpp"

#include <algorithm>

#include "models/net/bytes.hpp"
#include "models/net/checksum.hpp"
#include "models/net/header_sizes.hpp"
#include "models/net/icmp.hpp"
#include "models/net/tcp_options.hpp"

namespace elblab::middlebox {
namespace {

// Offsets in a TCP and in an ICMP header (RFC 9293 §3.1, RFC 792).
constexpr std::size_t kSequence = 4;
constexpr std::size_t kAcknowledgment = 8;
constexpr std::size_t kTcpChecksum = 16;
constexpr std::size_t kIcmpChecksum = 2;
constexpr std::size_t kIcmpHeader = 8;
constexpr std::size_t kV6NextHeader = 6;

std::uint16_t swapped(std::uint32_t half) {
  return static_cast<std::uint16_t>(((half & 0xFF) << 8) | ((half >> 8) & 0xFF));
}

// Adds to 32-bit numbers of a message and keeps its checksum true.
class Rewrite {
 public:
  Rewrite(std::span<std::uint8_t> message, std::size_t checksum)
      : message_(message), checksum_(message.data() + checksum) {}
  ~Rewrite() { net::store16(checksum_, delta_.apply(net::load16(checksum_))); }
  Rewrite(const Rewrite&) = delete;
  Rewrite& operator=(const Rewrite&) = delete;

  void add(std::size_t at, std::uint32_t difference) {
    std::uint8_t* const place = message_.data() + at;
    const std::uint32_t before = net::load32(place);
    const std::uint32_t after = before + difference;
    net::store32(place, after);
    if (at % 2 == 0) {
      delta_.replace32(before, after);
      return;
    }
    // At an odd place each byte counts in the other half of its word (RFC 1071 §2 B).
    delta_.replace16(swapped(before >> 16), swapped(after >> 16));
    delta_.replace16(swapped(before), swapped(after));
  }

 private:
  std::span<std::uint8_t> message_;
  std::uint8_t* checksum_;
  net::ChecksumDelta delta_;
};

void add_to_sack(const net::PacketView& view, Rewrite& rewrite, std::uint32_t difference) {
  const auto options = view.tcp_options();
  const std::uint8_t* const transport = view.transport().data();
  net::walk_tcp_options(options, [&](std::uint8_t kind, std::span<const std::uint8_t> value) {
    if (kind != net::tcp_option::sack) return;
    const auto from = static_cast<std::size_t>(value.data() - transport);
    for (std::size_t at = 0; at + 4 <= value.size(); at += 4) rewrite.add(from + at, difference);
  });
}

}  // namespace

SequenceRandomizer::SequenceRandomizer(random::Stream stream, std::size_t most_flows)
    : stream_(stream),
      most_flows_(std::max<std::size_t>(most_flows, 1)),
      by_flow_(0, Hash{stream_.next()}) {}

void SequenceRandomizer::unlink(std::uint32_t slot) {
  const Flow& flow = slots_[slot];
  (flow.newer == kNone ? newest_ : slots_[flow.newer].older) = flow.older;
  (flow.older == kNone ? oldest_ : slots_[flow.older].newer) = flow.newer;
}

void SequenceRandomizer::link_newest(std::uint32_t slot) {
  slots_[slot].newer = kNone;
  slots_[slot].older = newest_;
  (newest_ == kNone ? oldest_ : slots_[newest_].newer) = slot;
  newest_ = slot;
}

SequenceRandomizer::Flow* SequenceRandomizer::find(const net::FlowKey& key) {
  const auto at = by_flow_.find(key);
  if (at == by_flow_.end()) return nullptr;
  if (at->second != newest_) {
    unlink(at->second);
    link_newest(at->second);
  }
  return &slots_[at->second];
}

SequenceRandomizer::Flow& SequenceRandomizer::add(const net::FlowKey& key) {
  auto slot = static_cast<std::uint32_t>(slots_.size());
  if (slots_.size() < most_flows_) {
    slots_.emplace_back();
  } else {
    slot = oldest_;
    unlink(slot);
    by_flow_.erase(slots_[slot].key);
  }
  slots_[slot] = {};
  slots_[slot].key = key;
  link_newest(slot);
  by_flow_.emplace(key, slot);
  return slots_[slot];
}

void SequenceRandomizer::outbound(std::span<std::uint8_t> packet) {
  net::PacketView view;
  if (net::PacketView::parse(packet, view) != net::ParseError::none) return;
  if (view.protocol() != net::Protocol::tcp) return;
  const net::FlowKey key = view.flow();
  Flow* flow = find(key);
  if (view.tcp_flags() & net::tcp_flag::syn) {
    const bool known = flow != nullptr;
    if (!known) flow = &add(key);
    if (!known || flow->initial_sequence != view.sequence()) {
      flow->initial_sequence = view.sequence();
      flow->offset = static_cast<std::uint32_t>(stream_.next());
    }
  }
  if (flow != nullptr) Rewrite(view.transport(), kTcpChecksum).add(kSequence, flow->offset);
}

void SequenceRandomizer::inbound(std::span<std::uint8_t> packet) {
  net::PacketView view;
  if (net::PacketView::parse(packet, view) != net::ParseError::none) return;
  if (view.protocol() == net::Protocol::icmp || view.protocol() == net::Protocol::icmpv6) {
    inbound_error(view);
    return;
  }
  if (view.protocol() != net::Protocol::tcp || !(view.tcp_flags() & net::tcp_flag::ack)) return;
  const Flow* const flow = find(view.flow().reversed());
  if (flow == nullptr) return;
  Rewrite rewrite(view.transport(), kTcpChecksum);
  rewrite.add(kAcknowledgment, 0 - flow->offset);
  add_to_sack(view, rewrite, 0 - flow->offset);
}

// A host takes an error for its own only if the number it quotes is in flight (tcp_v4_err()).
void SequenceRandomizer::inbound_error(net::PacketView& view) {
  const auto quoted = net::quoted_flow(view);
  if (!quoted || quoted->protocol != net::Protocol::tcp) return;
  const Flow* const flow = find(*quoted);
  const auto message = view.transport();
  if (flow == nullptr || message.size() <= kIcmpHeader) return;
  const auto body = message.subspan(kIcmpHeader);
  const std::size_t header = view.is_v4() ? std::size_t{body[0] & 0x0FU} * 4 : net::kV6Header;
  if (body.size() < header + kSequence + 4) return;
  if (!view.is_v4() && body[kV6NextHeader] != static_cast<std::uint8_t>(net::Protocol::tcp)) {
    return;  // extension headers, which no host here sends
  }
  Rewrite(message, kIcmpChecksum).add(kIcmpHeader + header + kSequence, 0 - flow->offset);
}

}  // namespace elblab::middlebox
