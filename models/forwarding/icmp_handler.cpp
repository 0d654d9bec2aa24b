#include "models/forwarding/icmp_handler.hpp"

#include "models/net/icmp.hpp"
#include "models/net/packet_builder.hpp"

namespace elblab::forwarding {

using telemetry::Reason;

namespace {

bool is_echo_request(const net::PacketView& packet) {
  return packet.icmp_type() ==
         (packet.is_v4() ? net::icmp_type::echo_request : net::icmp_type::v6_echo_request);
}

}  // namespace

IcmpHandler::IcmpHandler(const AddressBook& book, const ConnectionTable& table, Ledger& ledger)
    : book_(book), table_(table), ledger_(ledger), reply_(net::kLargestPacket) {}

void IcmpHandler::receive(net::PacketView& packet, Instant now, network::NodeOutput& out) {
  const net::FlowKey flow = packet.flow();
  if (book_.is_virtual(flow.destination.address)) {
    ledger_.arrived_from_client(packet.bytes().size());
  }
  if (!packet.transport_checksum_ok()) return ledger_.dropped(Reason::bad_checksum, flow, now);
  if (is_own(flow.destination.address) && is_echo_request(packet)) {
    return answer_echo(packet, now, out);
  }
  if (const auto quoted = net::quoted_flow(packet)) return translate(packet, *quoted, now, out);
  ledger_.dropped(
      is_own(flow.destination.address) ? Reason::unsupported_protocol : Reason::not_for_us, flow,
      now);
}

bool IcmpHandler::is_own(const net::IpAddress& address) const {
  return book_.is_virtual(address) || book_.sources->owns(address);
}

void IcmpHandler::answer_echo(const net::PacketView& request, Instant now, network::NodeOutput& out) {
  const net::IpAddress from = request.source();
  if (from.is_unspecified() || from.is_multicast() || is_own(from)) {
    return ledger_.dropped(Reason::martian_source, request.flow(), now);
  }
  net::IpFields ip;
  ip.source = request.destination();
  ip.destination = from;
  const std::uint8_t type =
      request.is_v4() ? net::icmp_type::echo_reply : net::icmp_type::v6_echo_reply;
  const std::size_t size = net::build_icmp(
      reply_, ip, type, 0, net::load32(request.transport().data() + 4), request.payload());
  ledger_.absorbed();
  if (size == 0) return;
  const std::span<const std::uint8_t> reply(reply_.data(), size);
  if (book_.is_virtual(ip.source)) {
    ledger_.originate_to_client(reply, out);
  } else {
    ledger_.originate(reply, out);
  }
}

// A quoted packet stood as its sender's side saw it: one that the node sent to a client comes from
// a virtual address, one that it sent to a server goes to a server's endpoint.
void IcmpHandler::translate(net::PacketView& error, const net::FlowKey& quoted, Instant now,
                            network::NodeOutput& out) {
  const bool from_client = book_.is_virtual(quoted.source.address);
  const ConnectionId id = from_client ? table_.find_by_client(quoted.reversed())
                                      : table_.find_by_answer(quoted.reversed());
  if (id == kNoConnection) return ledger_.dropped(Reason::no_connection, error.flow(), now);
  if (!error.decrement_time_to_live()) {
    return ledger_.dropped(Reason::time_to_live_expired, error.flow(), now);
  }
  if (from_client) {
    translate_from_client(error, table_[id], now, out);
  } else {
    translate_from_server(error, table_[id], now, out);
  }
}

void IcmpHandler::translate_from_client(net::PacketView& error, const Connection& c, Instant now,
                                        network::NodeOutput& out) {
  if (!net::rewrite_quoted(error, table_.server(c), table_.source(c))) {
    return ledger_.dropped(Reason::malformed, error.flow(), now);
  }
  // Whoever met the error is beyond the balancer: with fullNAT a server knows only its addresses.
  if (c.full_nat) error.set_source({table_.source(c).address, 0});
  error.set_destination({table_.server(c).address, 0});
  ledger_.forward_to_server(error.bytes(), out);
}

void IcmpHandler::translate_from_server(net::PacketView& error, const Connection& c, Instant now,
                                        network::NodeOutput& out) {
  if (!net::rewrite_quoted(error, table_.client(c), table_.virtual_endpoint(c))) {
    return ledger_.dropped(Reason::malformed, error.flow(), now);
  }
  error.set_source({table_.virtual_endpoint(c).address, 0});
  error.set_destination({table_.client(c).address, 0});
  ledger_.forward_to_client(error.bytes(), out);
}

}  // namespace elblab::forwarding
