// The 5-tuple: what identifies a flow (FTC-01 of the behaviour catalogue).
#pragma once

#include <cstdint>
#include <string>

#include "models/net/address.hpp"

namespace elblab::net {

// IP protocol numbers the engine knows (IANA). ICMPv6 is a number of its own.
enum class Protocol : std::uint8_t { icmp = 1, tcp = 6, udp = 17, icmpv6 = 58 };

const char* to_string(Protocol protocol);

struct FlowKey {
  Endpoint source;
  Endpoint destination;
  Protocol protocol = Protocol::tcp;

  FlowKey reversed() const { return {destination, source, protocol}; }
  std::string to_string() const;
  friend bool operator==(const FlowKey&, const FlowKey&) = default;
};

// A 64-bit mix of two words by multiplication (the "mum" of wyhash, Wang Yi). Fixed, not keyed
// against attackers: tables that face untrusted traffic pass a seed drawn for the run.
inline std::uint64_t mix64(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

inline std::uint64_t hash_of(const Endpoint& e, std::uint64_t seed) {
  const std::uint64_t a = mix64(e.address.high() ^ 0xA0761D6478BD642FULL ^ seed,
                                e.address.low() ^ 0xE7037ED1A0B428DBULL);
  return mix64(a ^ e.port, 0x8EBC6AF09C88C6E3ULL ^ seed);
}

inline std::uint64_t hash_of(const FlowKey& k, std::uint64_t seed) {
  const std::uint64_t ports = (std::uint64_t{k.source.port} << 32) |
                              (std::uint64_t{k.destination.port} << 8) |
                              static_cast<std::uint8_t>(k.protocol);
  const std::uint64_t a = mix64(k.source.address.high() ^ 0xA0761D6478BD642FULL ^ seed,
                                k.source.address.low() ^ 0xE7037ED1A0B428DBULL);
  const std::uint64_t b = mix64(k.destination.address.high() ^ 0x8EBC6AF09C88C6E3ULL,
                                k.destination.address.low() ^ 0x589965CC75374CC3ULL ^ seed);
  return mix64(a ^ ports, b ^ 0x1D8E4E27C47D124FULL);
}

// The same for both directions of a flow.
inline std::uint64_t hash_either_way(const FlowKey& k, std::uint64_t seed) {
  const auto of_end = [seed](const Endpoint& e) {
    const std::uint64_t port = std::uint64_t{e.port} << 32 | e.port;
    return mix64(e.address.high() ^ port ^ 0xA0761D6478BD642FULL ^ seed,
                 e.address.low() ^ 0xE7037ED1A0B428DBULL);
  };
  return mix64(of_end(k.source) + of_end(k.destination),
               0x8EBC6AF09C88C6E3ULL + static_cast<std::uint8_t>(k.protocol));
}

}  // namespace elblab::net
