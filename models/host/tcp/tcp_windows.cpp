#include "models/host/tcp/tcp_windows.hpp"

#include <algorithm>
#include <bit>

namespace elblab::host {
namespace {
constexpr std::uint32_t kLargestUnscaled = 65535;
constexpr std::uint8_t kLargestScale = 14;  // RFC 7323 §2.3
}  // namespace

std::uint8_t offered_scale(const Sysctls& sysctls) {
  if (sysctls.tcp_window_scaling == 0) return 0;
  const auto space = static_cast<std::uint64_t>(std::max<std::int64_t>(sysctls.tcp_rmem_max, 1));
  const int bits = std::bit_width(space) - 1;
  return static_cast<std::uint8_t>(std::clamp(bits - 15, 0, int{kLargestScale}));
}

std::uint32_t first_window(const Sysctls& sysctls, std::uint32_t segment) {
  const auto half = static_cast<std::uint32_t>(
      std::clamp<std::int64_t>(sysctls.tcp_rmem_default / 2, 1, kLargestUnscaled + 1));
  const std::uint32_t window = half > segment ? half / segment * segment : half;
  return std::min(window, kLargestUnscaled);
}

void grow_window(TcpConnection& c, const Sysctls& sysctls, std::uint32_t payload) {
  const auto most =
      static_cast<std::uint32_t>(std::clamp<std::int64_t>(sysctls.tcp_rmem_max / 2, 1, 0x3FFFFFFF));
  if (c.window_limit < most) {
    c.window_limit = static_cast<std::uint32_t>(
        std::min<std::uint64_t>(most, std::uint64_t{c.window_limit} + 2 * std::uint64_t{payload}));
  }
}

std::uint16_t announce_window(TcpConnection& c, std::uint32_t unread) {
  const std::uint32_t scale = c.receive_scale;
  const std::uint32_t room = c.window_limit > unread ? c.window_limit - unread : 0;
  std::uint32_t window = std::max(room, c.open_window());
  // Rounded up, so that scaling does not take back an offer (RFC 7323 §2.4).
  if (scale > 0 && window > 0) window = ((window + (1U << scale) - 1) >> scale) << scale;
  window = std::min(window, kLargestUnscaled << scale);
  c.receive_acknowledged = c.receive_next;
  c.receive_window = window;
  return static_cast<std::uint16_t>(window >> scale);
}

}  // namespace elblab::host
