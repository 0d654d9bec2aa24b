#include "tests/fuzz/packet_sequence.hpp"

#include <algorithm>

#include "models/net/checksum.hpp"
#include "models/net/header_sizes.hpp"
#include "models/net/packet_view.hpp"

namespace elblab::fuzz {
namespace {

constexpr std::size_t kHeader = 4;
constexpr std::uint16_t kLengthBits = 0x0FFF;

std::size_t checksum_offset(net::Protocol protocol) {
  if (protocol == net::Protocol::tcp) return 16;
  return protocol == net::Protocol::udp ? 6 : 2;
}

}  // namespace

bool PacketSequence::next(FuzzedPacket& packet) {
  if (rest_.size() < kHeader) return false;
  packet.options = rest_[0];
  const int pause = rest_[1];
  packet.pause = (packet.options & 0x02) != 0 ? Duration(std::chrono::seconds(pause))
                                              : Duration(std::chrono::milliseconds(pause));
  const std::size_t length =
      std::min<std::size_t>(net::load16(rest_.data() + 2) & kLengthBits, rest_.size() - kHeader);
  const auto bytes = rest_.subspan(kHeader, length);
  packet.bytes.assign(bytes.begin(), bytes.end());
  packet.bytes.shrink_to_fit();
  if ((packet.options & 0x01) == 0) repair_checksums(packet.bytes);
  rest_ = rest_.subspan(kHeader + length);
  return true;
}

void answer(std::span<std::uint8_t> packet, std::span<const std::uint8_t> sent) {
  std::vector<std::uint8_t> copy(sent.begin(), sent.end());
  net::PacketView from;
  net::PacketView to;
  if (net::PacketView::parse(copy, from) != net::ParseError::none ||
      net::PacketView::parse(packet, to) != net::ParseError::none || from.is_v4() != to.is_v4() ||
      from.protocol() != to.protocol()) {
    return;
  }
  const net::FlowKey flow = from.flow().reversed();
  to.set_source(flow.source);
  to.set_destination(flow.destination);
  if (to.protocol() == net::Protocol::tcp) {
    const std::uint8_t flags = from.tcp_flags();
    const std::uint32_t next = from.sequence() + static_cast<std::uint32_t>(from.payload().size()) +
                               ((flags & net::tcp_flag::syn) != 0 ? 1 : 0) +
                               ((flags & net::tcp_flag::fin) != 0 ? 1 : 0);
    net::store32(to.transport().data() + 4, from.acknowledgment());
    net::store32(to.transport().data() + 8, next);
  }
  repair_checksums(packet);
}

void repair_checksums(std::span<std::uint8_t> packet) {
  net::PacketView view;
  if (net::PacketView::parse(packet, view) != net::ParseError::none) return;
  const std::span<std::uint8_t> bytes = view.bytes();
  if (view.is_v4()) {
    const std::span<std::uint8_t> header = bytes.first(std::size_t{bytes[0] & 0x0FU} * 4);
    net::store16(header.data() + 10, 0);
    net::store16(header.data() + 10, net::checksum(header));
  }
  const std::size_t header =
      view.payload().empty()
          ? view.transport().size()
          : static_cast<std::size_t>(view.payload().data() - view.transport().data());
  const std::size_t covered = view.protocol() == net::Protocol::udp
                                  ? net::kUdpHeader + view.payload().size()
                                  : header + view.payload().size();
  const std::span<std::uint8_t> segment = view.transport().first(covered);
  std::uint8_t* const field = segment.data() + checksum_offset(view.protocol());
  net::store16(field, 0);
  const std::uint64_t pseudo =
      view.protocol() == net::Protocol::icmp
          ? 0
          : net::pseudo_header_sum(view.source(), view.destination(), view.protocol(),
                                   static_cast<std::uint32_t>(segment.size()));
  net::store16(field, static_cast<std::uint16_t>(~net::fold(net::sum_bytes(segment, pseudo))));
}

}  // namespace elblab::fuzz
