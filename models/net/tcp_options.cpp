#include "models/net/tcp_options.hpp"

#include <algorithm>

#include "models/contract/require.hpp"
#include "models/net/bytes.hpp"

namespace elblab::net {
namespace {

constexpr std::size_t kLargestOptions = 40;
constexpr std::uint8_t kLargestWindowScale = 14;  // RFC 7323 §2.3
constexpr std::size_t kSackBlockBytes = 8;

void read_sack(std::span<const std::uint8_t> value, TcpOptions& options) {
  if (value.size() % kSackBlockBytes != 0) return;
  options.sack_count = 0;
  for (std::size_t at = 0; at < value.size() && options.sack_count < options.sack.size();
       at += kSackBlockBytes) {
    options.sack[options.sack_count++] = {load32(value.data() + at), load32(value.data() + at + 4)};
  }
}

// An option of a known kind and a wrong length is stepped over, as tcp_parse_options() does.
void read_option(std::uint8_t kind, std::span<const std::uint8_t> value, TcpOptions& options) {
  switch (kind) {
    case tcp_option::mss:
      if (value.size() == 2) options.mss = load16(value.data());
      break;
    case tcp_option::window_scale:
      if (value.size() == 1) options.window_scale = std::min(value[0], kLargestWindowScale);
      break;
    case tcp_option::sack_permitted:
      if (value.empty()) options.sack_permitted = true;
      break;
    case tcp_option::sack:
      read_sack(value, options);
      break;
    case tcp_option::timestamps:
      if (value.size() == 8) {
        options.timestamps = TcpTimestamps{load32(value.data()), load32(value.data() + 4)};
      }
      break;
    default:
      break;
  }
}

constexpr std::uint32_t word_of(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  return (std::uint32_t{a} << 24) | (std::uint32_t{b} << 16) | (std::uint32_t{c} << 8) | d;
}

constexpr std::uint32_t kNopNopTimestamps =
    word_of(tcp_option::nop, tcp_option::nop, tcp_option::timestamps, 10);
constexpr std::uint32_t kSackPermittedTimestamps =
    word_of(tcp_option::sack_permitted, 2, tcp_option::timestamps, 10);

}  // namespace

TcpOptions TcpOptions::parse(std::span<const std::uint8_t> bytes) {
  TcpOptions options;
  // The layout Linux puts on every segment of an established connection (RFC 7323 appendix A).
  if (bytes.size() == 12 && load32(bytes.data()) == kNopNopTimestamps) {
    options.timestamps = TcpTimestamps{load32(bytes.data() + 4), load32(bytes.data() + 8)};
    return options;
  }
  options.malformed =
      !walk_tcp_options(bytes, [&](std::uint8_t kind, std::span<const std::uint8_t> value) {
        read_option(kind, value, options);
      });
  return options;
}

// Order and padding of Linux's tcp_options_write(): timestamps take SACK-permitted into the place
// of their two NOPs (linux-host.md row 28).
std::size_t TcpOptions::write(std::span<std::uint8_t> out) const {
  ELBLAB_REQUIRE(out.size() >= 40, "there is room for the longest options");
  std::uint8_t* const begin = out.data();
  std::uint8_t* p = begin;
  const auto put = [&p](std::uint32_t word) {
    store32(p, word);
    p += 4;
  };
  if (mss) {
    put(word_of(tcp_option::mss, 4, static_cast<std::uint8_t>(*mss >> 8),
                static_cast<std::uint8_t>(*mss)));
  }
  if (timestamps) {
    put(sack_permitted ? kSackPermittedTimestamps : kNopNopTimestamps);
    put(timestamps->value);
    put(timestamps->echo);
  } else if (sack_permitted) {
    put(word_of(tcp_option::nop, tcp_option::nop, tcp_option::sack_permitted, 2));
  }
  if (window_scale) put(word_of(tcp_option::nop, tcp_option::window_scale, 3, *window_scale));
  if (sack_count > 0) {
    const std::size_t room = kLargestOptions - static_cast<std::size_t>(p - begin) - 4;
    const std::size_t blocks =
        std::min({std::size_t{sack_count}, sack.size(), room / kSackBlockBytes});
    if (blocks > 0) {
      put(word_of(tcp_option::nop, tcp_option::nop, tcp_option::sack,
                  static_cast<std::uint8_t>(2 + kSackBlockBytes * blocks)));
    }
    for (std::size_t i = 0; i < blocks; ++i) {
      put(sack[i].begin);
      put(sack[i].end);
    }
  }
  return static_cast<std::size_t>(p - begin);
}

}  // namespace elblab::net
