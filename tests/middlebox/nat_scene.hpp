// What the tests of the NAT box share: a box, packets through it in both directions.
#pragma once

#include <optional>

#include "models/middlebox/network_address_translator.hpp"
#include "tests/forwarding/scene.hpp"

namespace elblab::middlebox {

using forwarding::at;
using forwarding::Basket;
using forwarding::Bytes;
using forwarding::icmp;
using forwarding::ip;
using forwarding::Notebook;
using forwarding::Parsed;
using forwarding::tcp;
using forwarding::udp;
namespace flag = forwarding::flag;

inline constexpr std::uint8_t kFin = flag::fin;  // with ACK, as every FIN has it
inline const net::Endpoint kAlice = at("10.1.0.1", 5000);
inline const net::Endpoint kBob = at("10.1.0.2", 5000);
inline const net::Endpoint kWeb = at("203.0.113.80", 80);
inline const net::Endpoint kShop = at("203.0.113.81", 443);
inline const char* const kOuter = "198.51.100.1";

// One outer address, 10.1.0.0/24 inside, ports 1024-1031 in sequence.
config::Nat small_nat();

class NatScene {
 public:
  explicit NatScene(const config::Nat& nat = small_nat(), std::uint64_t seed = 1);

  // Gives the box a packet that it must claim; what came out, which is at most one packet. Time
  // passes up to then.
  Bytes pass(Bytes packet, Instant now = kStart);
  // The same, taken apart; the packet must come out, and right.
  Parsed through(Bytes packet, Instant now = kStart);
  void run_to(Instant now);

  // What a packet of a flow from inside looks like outside; nullopt: it was dropped.
  std::optional<net::FlowKey> out(const net::FlowKey& flow, Instant now = kStart,
                                  std::uint8_t flags = flag::syn);
  std::optional<net::FlowKey> in(const net::FlowKey& flow, Instant now = kStart,
                                 std::uint8_t flags = flag::syn_ack);
  // Opens a TCP connection through the box and gives its outer endpoint.
  net::Endpoint connect(const net::Endpoint& from, const net::Endpoint& to, Instant now = kStart);
  // Both FINs and the last ACK.
  void close(const net::Endpoint& from, const net::Endpoint& to, const net::Endpoint& outer,
             Instant now);

  std::uint64_t dropped(telemetry::Reason reason) const {
    return nat.counters().dropped[static_cast<std::size_t>(reason)];
  }

  Notebook notebook;
  Basket basket;
  NetworkAddressTranslator nat;
};

inline net::FlowKey over_tcp(const net::Endpoint& from, const net::Endpoint& to) {
  return {from, to, net::Protocol::tcp};
}
inline net::FlowKey over_udp(const net::Endpoint& from, const net::Endpoint& to) {
  return {from, to, net::Protocol::udp};
}
inline Instant after(Duration since_start) { return kStart + since_start; }

}  // namespace elblab::middlebox
