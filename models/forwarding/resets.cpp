#include "models/forwarding/resets.hpp"

#include "models/net/packet_builder.hpp"

namespace elblab::forwarding {

std::span<const std::uint8_t> ResetBuilder::refuse(const net::PacketView& syn) {
  const net::FlowKey flow = syn.flow();
  const auto length = static_cast<std::uint32_t>(syn.payload().size()) + 1;
  return build(flow.destination, flow.source, 0, syn.sequence() + length);
}

std::span<const std::uint8_t> ResetBuilder::to_client(const ConnectionTable& table,
                                                      const Connection& c) {
  const std::uint32_t expected = (c.seen & seen::client_acked) != 0 ? c.client_ack : c.server_next;
  return build(table.virtual_endpoint(c), table.client(c), expected, c.client_next);
}

std::span<const std::uint8_t> ResetBuilder::to_server(const ConnectionTable& table,
                                                      const Connection& c) {
  const std::uint32_t expected = (c.seen & seen::server_acked) != 0 ? c.server_ack : c.client_next;
  return build(table.source(c), table.server(c), expected, c.server_next);
}

std::span<const std::uint8_t> ResetBuilder::build(const net::Endpoint& from,
                                                  const net::Endpoint& to, std::uint32_t sequence,
                                                  std::uint32_t acknowledgment) {
  net::TcpFields tcp;
  tcp.source_port = from.port;
  tcp.destination_port = to.port;
  tcp.sequence = sequence;
  tcp.acknowledgment = acknowledgment;
  tcp.flags = net::tcp_flag::rst | net::tcp_flag::ack;
  net::IpFields ip;
  ip.source = from.address;
  ip.destination = to.address;
  return {buffer_.data(), net::build_tcp(buffer_, ip, tcp, {})};
}

}  // namespace elblab::forwarding
