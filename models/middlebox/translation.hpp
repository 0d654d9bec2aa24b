// What a NAT box remembers: mappings of inside to outer endpoints, and the sessions that use them
// (RFC 4787 §2, RFC 5382 §2).
//
// A session is one flow between an inside and a remote endpoint, with a life of its own. A mapping
// stands under one session, or with endpoint-independent mapping under all sessions of one inside
// endpoint. Both are plain data, numbered; a number is good until the record is given up. The port
// of an echo is its identifier, on the side that asks; the other side's is 0.
#pragma once

#include <cstdint>

#include "models/net/flow_key.hpp"
#include "models/time/instant.hpp"

namespace elblab::middlebox {

using SessionId = std::uint32_t;
using MappingId = std::uint32_t;
inline constexpr std::uint32_t kNoTranslation = 0xFFFFFFFF;  // neither session nor mapping

enum class Side : std::uint8_t { inside, outside };

enum class Phase : std::uint8_t {
  datagrams,    // UDP, echo
  opening,      // TCP: not yet answered and acknowledged
  established,  // TCP
  closing,      // TCP: one FIN
  over,         // TCP: both FINs, or RST; the port is kept from others
  lingering,    // TCP: as over, but the port is free: whoever gets it ends this session
};

// What has passed, as bits of Session::seen.
namespace passed {
inline constexpr std::uint8_t inside_syn = 0x01;
inline constexpr std::uint8_t outside_syn = 0x02;
inline constexpr std::uint8_t inside_fin = 0x04;
inline constexpr std::uint8_t outside_fin = 0x08;
inline constexpr std::uint8_t reset = 0x10;
inline constexpr std::uint8_t outside_ended = 0x20;  // the first FIN, or the RST, came from there
}  // namespace passed

struct Session {
  net::Endpoint inside;
  net::Endpoint remote;
  net::Protocol protocol = net::Protocol::tcp;
  Phase phase = Phase::datagrams;
  std::uint8_t seen = 0;
  Side begun_by = Side::inside;
  std::uint32_t last_active = 0;  // TimerWheel ticks, truncated
  MappingId mapping = kNoTranslation;
  SessionId next = kNoTranslation;  // of the mapping; of a record given up: the next such
  SessionId previous = kNoTranslation;
  Instant opened_at;
  Instant established_at = kNever;
  std::uint64_t bytes_out = 0;  // payload, inside to outside
  std::uint64_t bytes_in = 0;
};

struct Mapping {
  net::Endpoint inside;
  net::Endpoint outer;
  net::Endpoint destination;  // all zero: counts for every destination
  net::Protocol protocol = net::Protocol::tcp;
  std::uint32_t holding = 0;         // sessions that keep the port; 0: it is free for others
  std::uint32_t pool = 0;            // where the port is from, while it is held
  SessionId first = kNoTranslation;  // of its sessions, of which it has one at least
};

}  // namespace elblab::middlebox
