#include "models/host/tcp/syn_cookies.hpp"

#include <array>

#include "models/net/flow_key.hpp"

namespace elblab::host {
namespace {

constexpr std::array<std::uint16_t, 4> kMss{536, 1300, 1440, 1460};
constexpr std::uint32_t kDataBits = 24;
constexpr std::uint32_t kDataMask = (1U << kDataBits) - 1;
constexpr std::uint32_t kLargestAge = 2;  // counts of 60 s
constexpr std::uint32_t kScaleMask = 0xF;
constexpr std::uint32_t kSackBit = 1U << 4;
constexpr std::uint32_t kOptionMask = (1U << 6) - 1;

std::uint32_t count_of(Instant now) {
  return static_cast<std::uint32_t>(now.time_since_epoch() / std::chrono::seconds(60));
}

}  // namespace

std::uint32_t SynCookies::keyed(const Segment& s, std::uint32_t count, std::uint32_t which) const {
  const std::uint64_t a = net::hash_of(s.local, secret_ + which);
  const std::uint64_t b = net::hash_of(s.remote, ~secret_ ^ count);
  return static_cast<std::uint32_t>(net::mix64(a ^ count, b | 1));
}

std::uint32_t SynCookies::make(const Segment& syn, Instant now) const {
  const std::uint16_t announced = syn.options.mss.value_or(536);
  std::uint32_t index = kMss.size() - 1;
  while (index > 0 && announced < kMss[index]) --index;
  const std::uint32_t count = count_of(now);
  return keyed(syn, 0, 0) + syn.sequence + (count << kDataBits) +
         ((keyed(syn, count, 1) + index) & kDataMask);
}

std::optional<std::uint16_t> SynCookies::check(const Segment& ack, Instant now) const {
  const std::uint32_t count = count_of(now);
  std::uint32_t cookie = ack.acknowledgment - 1;
  cookie -= keyed(ack, 0, 0) + (ack.sequence - 1);
  const std::uint32_t age = (count - (cookie >> kDataBits)) & (0xFFFFFFFFU >> kDataBits);
  if (age >= kLargestAge) return std::nullopt;
  const std::uint32_t index = (cookie - keyed(ack, count - age, 1)) & kDataMask;
  if (index >= kMss.size()) return std::nullopt;
  return kMss[index];
}

std::uint32_t SynCookies::encode(std::uint32_t timestamp, const net::TcpOptions& syn) {
  const std::uint32_t options = (syn.window_scale ? *syn.window_scale & kScaleMask : kScaleMask) |
                                (syn.sack_permitted ? kSackBit : 0);
  std::uint32_t encoded = (timestamp & ~kOptionMask) | options;
  if (encoded > timestamp) encoded -= kOptionMask + 1;
  return encoded;
}

SynCookies::Options SynCookies::decode(std::uint32_t echoed, std::uint16_t mss) {
  Options options;
  options.mss = mss;
  options.sack = (echoed & kSackBit) != 0;
  if ((echoed & kScaleMask) != kScaleMask) {
    options.window_scale = static_cast<std::uint8_t>(echoed & kScaleMask);
  }
  return options;
}

}  // namespace elblab::host
