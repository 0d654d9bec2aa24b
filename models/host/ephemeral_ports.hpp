// Ephemeral ports as Linux gives them (linux-host.md rows 17–19; __inet_hash_connect).
//
// A port is in use per (source address, destination address and port): one set for each such pair.
// The search starts at an offset that is random per set, drawn anew every 10 s, and moves on by
// 2 … 16 with every port given (Linux 5.18 and later; before, drawn once, and by 2), so that few
// free ports are soon given again; it tries ports of the range's first parity, then the others.
// When none is free the caller answers EADDRNOTAVAIL. Ports stay in use while a connection is in
// TIME_WAIT.
//
// Two bitmaps per set, one per parity, with a summary bit per full word: finding a free port, or
// that there is none, takes a few words whatever the load.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "models/host/sysctls.hpp"
#include "models/net/address.hpp"
#include "models/random/stream.hpp"
#include "models/time/instant.hpp"

namespace elblab::host {

// How many ports connect() has to choose from towards one destination, over all of a host's
// addresses of one IP version: that of which there are more (BW-10).
std::size_t local_ports(const Sysctls& sysctls, std::span<const net::IpAddress> addresses);
// The port that a setting means: one that is none becomes the nearest that is.
constexpr std::uint16_t ephemeral_port(std::int64_t setting) {
  return static_cast<std::uint16_t>(std::clamp<std::int64_t>(setting, 1, 65535));
}

class EphemeralPorts {
 public:
  using SetId = std::uint32_t;
  static constexpr SetId kNoSet = 0xFFFFFFFF;

  explicit EphemeralPorts(random::Stream stream) : stream_(stream) {}

  // What connect() draws from from now on. Ports of connections that exist stay in use.
  void set_range(std::uint16_t low, std::uint16_t high);

  // The set of ports towards a destination, its offset as of now.
  SetId set_for(const net::IpAddress& source, const net::Endpoint& destination, Instant now);
  // The next port, marked used; nullopt when none is free.
  std::optional<std::uint16_t> take(SetId set);
  // As take(), but accepts a used port for which reusable(port) is true (tcp_tw_reuse). O(ports).
  template <typename Reusable>
  std::optional<std::uint16_t> take(SetId set, Reusable&& reusable);
  // A port that the caller chose itself. False: it was in use already.
  bool mark(SetId set, std::uint16_t port);
  void release(SetId set, std::uint16_t port);
  // In use within the present range; O(1).
  std::size_t used(SetId set) const { return sets_[set].used_in_range; }
  std::size_t memory_bytes() const;

 private:
  // EPHEMERAL_PORT_SHUFFLE_PERIOD, net/core/secure_seq.c
  static constexpr Duration kShufflePeriod = std::chrono::seconds(10);
  static constexpr std::size_t kWordsPerParity = 65536 / 2 / 64;
  struct Set {
    std::vector<std::uint64_t> used[2];                // bit i of [parity]: port 2 i + parity
    std::uint64_t full[2][kWordsPerParity / 64] = {};  // bit w: used[parity][w] is all ones
    std::uint32_t offset = 0;
    std::uint32_t used_in_range = 0;
    std::int64_t period = -1;  // of the last look, in kShufflePeriod
  };
  struct Key {
    net::IpAddress source;
    net::Endpoint destination;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const { return net_hash(key); }
    static std::size_t net_hash(const Key& key);
  };

  SetId find_or_add(const net::IpAddress& source, const net::Endpoint& destination);
  bool is_used(const Set& set, std::uint32_t port) const {
    return (set.used[port & 1][port >> 7] >> ((port >> 1) & 63)) & 1;
  }
  void set_bit(Set& set, std::uint32_t port, bool used);
  // The first free port of `from`'s parity in [from, to), or to.
  std::uint32_t first_free(const Set& set, std::uint32_t from, std::uint32_t to) const;
  void advance_offset(Set& set, std::uint32_t distance);
  bool in_range(std::uint32_t port) const { return port >= low_ && port < low_ + count_; }
  std::uint32_t start(const Set& set) const { return (set.offset % count_) & ~1U; }

  random::Stream stream_;
  std::uint32_t low_ = 32768;
  std::uint32_t count_ = 28232;
  std::vector<Set> sets_;
  std::unordered_map<Key, SetId, KeyHash> by_key_;
  Key last_key_;
  SetId last_ = kNoSet;
};

template <typename Reusable>
std::optional<std::uint16_t> EphemeralPorts::take(SetId id, Reusable&& reusable) {
  Set& set = sets_[id];
  const std::uint32_t first = start(set);
  for (std::uint32_t parity = 0; parity < 2 && parity < count_; ++parity) {
    for (std::uint32_t step = 0; step < count_; step += 2) {
      const std::uint32_t index = (first + step) % count_ + parity;
      if (index >= count_) continue;
      const auto port = static_cast<std::uint16_t>(low_ + index);
      const bool used = is_used(set, port);
      if (used && !reusable(port)) continue;
      if (!used) set_bit(set, port, true);
      advance_offset(set, step);
      return port;
    }
  }
  return std::nullopt;
}

}  // namespace elblab::host
