// Packets of hand-made TCP connections and UDP flows, as records of a capture.
#pragma once

#include <deque>
#include <vector>

#include "models/net/packet_builder.hpp"
#include "models/net/packet_view.hpp"
#include "pcap/conversations/extractor.hpp"
#include "pcap/link_layer.hpp"

namespace elblab::pcap::testing {

namespace flag = net::tcp_flag;

inline net::Endpoint endpoint(std::uint32_t last_byte, std::uint16_t port) {
  return {net::IpAddress::v4(0x0A000000U + last_byte), port};
}

// One packet of a capture, with room for a test to change it.
struct Captured {
  std::int64_t at_ns = 0;
  std::vector<std::uint8_t> bytes;
  std::uint32_t original_length = 0;

  Record record() const { return {at_ns, bytes, original_length, link_type::raw}; }
  void cut(std::size_t to) {
    if (bytes.size() > to) bytes.resize(to);
  }
};

class Packets {
 public:
  std::vector<Captured> list;

  void tcp(double at_ms, const net::Endpoint& from, const net::Endpoint& to, std::uint8_t flags,
           std::uint32_t sequence, std::uint32_t acknowledgment, std::size_t payload = 0,
           std::uint16_t identification = 0) {
    net::TcpFields tcp;
    tcp.source_port = from.port;
    tcp.destination_port = to.port;
    tcp.sequence = sequence;
    tcp.acknowledgment = acknowledgment;
    tcp.flags = flags;
    const std::vector<std::uint8_t> body(payload, 'x');
    std::vector<std::uint8_t> bytes(payload + 100);
    net::IpFields fields = ip(from, to);
    fields.identification = identification;
    bytes.resize(net::build_tcp(bytes, fields, tcp, body));
    add(at_ms, std::move(bytes));
  }
  void udp(double at_ms, const net::Endpoint& from, const net::Endpoint& to, std::size_t payload,
           std::uint8_t filling = 'x', std::uint16_t identification = 0) {
    const std::vector<std::uint8_t> body(payload, filling);
    std::vector<std::uint8_t> bytes(payload + 100);
    net::IpFields fields = ip(from, to);
    fields.identification = identification;
    bytes.resize(net::build_udp(bytes, fields, from.port, to.port, body));
    add(at_ms, std::move(bytes));
  }
  void add(double at_ms, std::vector<std::uint8_t> bytes) {
    const auto length = static_cast<std::uint32_t>(bytes.size());
    list.push_back({static_cast<std::int64_t>(at_ms * 1e6), std::move(bytes), length});
  }

  Conversations extract() const {
    Extractor extractor;
    for (const Captured& packet : list) extractor.add(packet.record());
    return extractor.finish();
  }

 private:
  static net::IpFields ip(const net::Endpoint& from, const net::Endpoint& to) {
    net::IpFields fields;
    fields.source = from.address;
    fields.destination = to.address;
    return fields;
  }
};

// A whole short connection as seen at a place `to_client` ms from the client and `to_server` ms
// from the server (one way): request of 100 B after 3 ms, answer of 5,000 B in two segments after
// 20 ms, the client closes after 7 ms.
inline void short_connection(Packets& packets, double at_ms, const net::Endpoint& client,
                             const net::Endpoint& server, std::uint32_t client_isn,
                             std::uint32_t server_isn, double to_client = 0, double to_server = 1) {
  const std::uint32_t c = client_isn;
  const std::uint32_t s = server_isn;
  double t = at_ms + to_client;
  packets.tcp(t, client, server, flag::syn, c, 0);
  t += 2 * to_server;
  packets.tcp(t, server, client, flag::syn | flag::ack, s, c + 1);
  t += 2 * to_client;
  packets.tcp(t, client, server, flag::ack, c + 1, s + 1);
  t += 3;
  packets.tcp(t, client, server, flag::ack | flag::psh, c + 1, s + 1, 100);
  t += 2 * to_server + 20;
  packets.tcp(t, server, client, flag::ack, s + 1, c + 101, 1400);
  packets.tcp(t, server, client, flag::ack | flag::psh, s + 1401, c + 101, 3600);
  t += 2 * to_client;
  packets.tcp(t, client, server, flag::ack, c + 101, s + 5001);
  t += 7;
  packets.tcp(t, client, server, flag::fin | flag::ack, c + 101, s + 5001);
  t += 2 * to_server;
  packets.tcp(t, server, client, flag::fin | flag::ack, s + 5001, c + 102);
  t += 2 * to_client;
  packets.tcp(t, client, server, flag::ack, c + 102, s + 5002);
}

}  // namespace elblab::pcap::testing
