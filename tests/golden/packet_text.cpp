#include "tests/golden/packet_text.hpp"

#include <vector>

#include "models/net/packet_view.hpp"
#include "models/net/tcp_options.hpp"

namespace elblab::golden {
namespace {

std::string flags_text(std::uint8_t flags) {
  using namespace net::tcp_flag;
  std::string text;
  if (flags & syn) text += 'S';
  if (flags & fin) text += 'F';
  if (flags & rst) text += 'R';
  if (flags & ack) text += '.';
  return text.empty() ? "none" : text;
}

std::string options_text(const net::PacketView& packet) {
  const net::TcpOptions options = net::TcpOptions::parse(packet.tcp_options());
  std::string text;
  if (options.mss) text += " mss " + std::to_string(*options.mss);
  if (options.sack_permitted) text += " sackOK";
  if (options.timestamps) text += " ts";
  if (options.window_scale) text += " ws " + std::to_string(*options.window_scale);
  if (options.sack_count > 0) text += " sack " + std::to_string(options.sack_count);
  return text;
}

// A reset that answers a segment without ACK carries 0 itself (RFC 9293 §3.10.7.1), not a number
// of the connection.
std::string sequence_text(const net::PacketView& packet, const SequenceOrigin& origin) {
  if ((packet.tcp_flags() & net::tcp_flag::rst) && packet.sequence() == 0) return " seq wire-0";
  return " seq " + std::to_string(packet.sequence() - origin.sender);
}

std::string tcp_text(const net::PacketView& packet, const SequenceOrigin& origin) {
  const std::uint8_t flags = packet.tcp_flags();
  std::string text = flags_text(flags) + sequence_text(packet, origin);
  if (flags & net::tcp_flag::ack) {
    text += " ack " + std::to_string(packet.acknowledgment() - origin.receiver);
  }
  if (!packet.payload().empty()) text += " len " + std::to_string(packet.payload().size());
  if (flags & net::tcp_flag::rst) text += " win " + std::to_string(packet.window());
  return text + options_text(packet);
}

}  // namespace

std::string packet_text(std::span<const std::uint8_t> bytes, const SequenceOrigin& origin) {
  std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
  net::PacketView packet;
  const net::ParseError error = net::PacketView::parse(copy, packet);
  if (error != net::ParseError::none) return std::string("unparsable: ") + net::to_string(error);
  std::string text;
  if (packet.protocol() == net::Protocol::tcp) {
    text = tcp_text(packet, origin);
  } else if (packet.protocol() == net::Protocol::udp) {
    text = "udp len " + std::to_string(packet.payload().size());
  } else {
    text = "icmp " + std::to_string(packet.icmp_type()) + "/" + std::to_string(packet.icmp_code());
  }
  if (!packet.ip_checksum_ok() || !packet.transport_checksum_ok()) text += " bad checksum";
  return text;
}

}  // namespace elblab::golden
