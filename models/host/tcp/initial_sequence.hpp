// Initial sequence numbers and timestamp offsets (row 27; RFC 6528, RFC 7323 §5.4).
//
// Linux: a keyed hash of the 4-tuple plus a clock of 64 ns ticks, so that a 4-tuple that comes
// again sees a higher number; timestamps run in ms from a keyed offset per address pair, so that
// TIME_WAIT at the peer can tell new from old (row 15).
#pragma once

#include <cstdint>

#include "models/host/host.hpp"
#include "models/net/flow_key.hpp"

namespace elblab::host {

class InitialSequenceNumbers {
 public:
  InitialSequenceNumbers(InitialSequence kind, random::Stream stream)
      : kind_(kind), stream_(stream), secret_(stream_.next()) {}

  std::uint32_t next(const net::Endpoint& local, const net::Endpoint& remote, Instant now) {
    if (kind_ == InitialSequence::random) return static_cast<std::uint32_t>(stream_.next());
    const auto ticks = static_cast<std::uint64_t>(now.time_since_epoch().count()) >> 6;
    return static_cast<std::uint32_t>(keyed(local, remote) + ticks);
  }
  std::uint32_t timestamp_offset(const net::IpAddress& local, const net::IpAddress& remote) const {
    return static_cast<std::uint32_t>(keyed({local, 0}, {remote, 0}) >> 32);
  }

 private:
  std::uint64_t keyed(const net::Endpoint& local, const net::Endpoint& remote) const {
    return net::mix64(net::hash_of(local, secret_) + 0x9E3779B97F4A7C15ULL,
                      net::hash_of(remote, ~secret_) | 1);
  }

  InitialSequence kind_;
  random::Stream stream_;
  std::uint64_t secret_;
};

// The clock behind TSval and the ms fields of the records. Starts above 0, which means "never".
inline std::uint32_t clock_ms(Instant now) {
  return static_cast<std::uint32_t>(now.time_since_epoch().count() / 1'000'000) + 1;
}

}  // namespace elblab::host
