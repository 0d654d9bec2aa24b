#include "models/host/ephemeral_ports.hpp"

#include <algorithm>
#include <bit>

#include "models/net/flow_key.hpp"

namespace elblab::host {
namespace {

// The kernel works with an even number of ports: the last of an odd range is never given.
std::uint32_t usable(std::uint32_t low, std::uint32_t high) {
  const std::uint32_t ports = high >= low ? high - low + 1 : 1;
  return ports > 1 ? ports & ~1U : ports;
}

}  // namespace

std::size_t local_ports(const Sysctls& sysctls, std::span<const net::IpAddress> addresses) {
  const auto v4 = static_cast<std::size_t>(
      std::count_if(addresses.begin(), addresses.end(), [](const auto& a) { return a.is_v4(); }));
  return std::max(v4, addresses.size() - v4) *
         usable(ephemeral_port(sysctls.ip_local_port_range_low),
                ephemeral_port(sysctls.ip_local_port_range_high));
}

std::size_t EphemeralPorts::KeyHash::net_hash(const Key& key) {
  return net::hash_of(key.destination, net::mix64(key.source.high() + 1, key.source.low() | 1));
}

void EphemeralPorts::set_range(std::uint16_t low, std::uint16_t high) {
  low_ = low;
  count_ = usable(low, high);
  for (Set& set : sets_) {
    set.used_in_range = 0;
    for (std::uint32_t port = low_; port < low_ + count_; ++port) {
      set.used_in_range += is_used(set, port) ? 1U : 0U;
    }
  }
}

EphemeralPorts::SetId EphemeralPorts::set_for(const net::IpAddress& source,
                                              const net::Endpoint& destination, Instant now) {
  const SetId id = find_or_add(source, destination);
  Set& set = sets_[id];
  const std::int64_t period = now.time_since_epoch() / kShufflePeriod;
  if (set.period != period) {
    set.period = period;
    set.offset = static_cast<std::uint32_t>(stream_.next());
  }
  return id;
}

EphemeralPorts::SetId EphemeralPorts::find_or_add(const net::IpAddress& source,
                                                  const net::Endpoint& destination) {
  const Key key{source, destination};
  if (last_ != kNoSet && key == last_key_) return last_;
  const auto [at, added] = by_key_.try_emplace(key, static_cast<SetId>(sets_.size()));
  if (added) {
    Set& set = sets_.emplace_back();
    for (auto& words : set.used) words.assign(kWordsPerParity, 0);
  }
  last_key_ = key;
  last_ = at->second;
  return last_;
}

void EphemeralPorts::set_bit(Set& set, std::uint32_t port, bool used) {
  const std::uint32_t parity = port & 1;
  const std::uint32_t word = port >> 7;
  const std::uint64_t bit = std::uint64_t{1} << ((port >> 1) & 63);
  std::uint64_t& bits = set.used[parity][word];
  bits = used ? bits | bit : bits & ~bit;
  const std::uint64_t summary_bit = std::uint64_t{1} << (word & 63);
  std::uint64_t& summary = set.full[parity][word >> 6];
  summary = bits == ~std::uint64_t{0} ? summary | summary_bit : summary & ~summary_bit;
  if (in_range(port)) set.used_in_range += used ? 1U : ~0U;
}

std::uint32_t EphemeralPorts::first_free(const Set& set, std::uint32_t from,
                                         std::uint32_t to) const {
  if (from >= to) return to;
  const std::uint32_t parity = from & 1;
  std::uint32_t word = from >> 7;
  const std::uint32_t last_word = (to - 1) >> 7;
  std::uint64_t free = ~set.used[parity][word] & (~std::uint64_t{0} << ((from >> 1) & 63));
  while (free == 0) {
    ++word;
    // Skip full words by their summary, 64 of them (8192 ports) in a step.
    while (word <= last_word && (set.full[parity][word >> 6] >> (word & 63)) != 0) {
      const std::uint64_t rest = ~(set.full[parity][word >> 6] >> (word & 63));
      const std::uint32_t left = 64 - (word & 63);
      const auto run = static_cast<std::uint32_t>(std::countr_zero(rest));
      if (run == 0) break;
      word += run < left ? run : left;
    }
    if (word > last_word) return to;
    free = ~set.used[parity][word];
  }
  const auto bit = static_cast<std::uint32_t>(std::countr_zero(free));
  const std::uint32_t port = (((word << 6) + bit) << 1) + parity;
  return port < to ? port : to;
}

void EphemeralPorts::advance_offset(Set& set, std::uint32_t distance) {
  // "On low contention the randomness is maximal and on high contention it may be inexistent."
  distance = std::max(distance, 2 * static_cast<std::uint32_t>(stream_.below(8)));
  set.offset = start(set) + distance + 2;
}

std::optional<std::uint16_t> EphemeralPorts::take(SetId id) {
  Set& set = sets_[id];
  if (set.used_in_range >= count_) return std::nullopt;
  const std::uint32_t first = start(set);
  const std::uint32_t end = low_ + count_;
  for (std::uint32_t parity = 0; parity < 2 && parity < count_; ++parity) {
    const std::uint32_t from = low_ + first + parity;
    std::uint32_t port = first_free(set, from, end);
    if (port == end) {
      port = first_free(set, low_ + parity, from);
      if (port >= from) continue;
    }
    set_bit(set, port, true);
    advance_offset(set, (port - low_ - parity + count_ - first) % count_);
    return static_cast<std::uint16_t>(port);
  }
  return std::nullopt;
}

bool EphemeralPorts::mark(SetId set, std::uint16_t port) {
  if (is_used(sets_[set], port)) return false;
  set_bit(sets_[set], port, true);
  return true;
}

void EphemeralPorts::release(SetId set, std::uint16_t port) { set_bit(sets_[set], port, false); }

std::size_t EphemeralPorts::memory_bytes() const {
  return sets_.size() * (sizeof(Set) + 2 * kWordsPerParity * sizeof(std::uint64_t)) +
         by_key_.size() * (sizeof(Key) + sizeof(SetId) + 2 * sizeof(void*));
}

}  // namespace elblab::host
