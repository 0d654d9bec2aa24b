// IPv4 and IPv6 addresses, subnets and endpoints.
//
// An IpAddress is 16 bytes in network order; an IPv4 address is held in its IPv4-mapped form
// (RFC 4291 §2.5.5.2), which never appears on the wire as an IPv6 address, so one type and one
// comparison serve both families. Trivially copyable. Parsing gives nullopt for anything that
// inet_pton would refuse.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

namespace elblab::net {

class IpAddress {
 public:
  // The unspecified IPv6 address ::
  constexpr IpAddress() = default;

  // host_order: 0x0A000001 is 10.0.0.1
  static constexpr IpAddress v4(std::uint32_t host_order) {
    return from_words(0, kMappedPrefix | host_order);
  }
  static constexpr IpAddress v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
    return v4((std::uint32_t{a} << 24) | (std::uint32_t{b} << 16) | (std::uint32_t{c} << 8) | d);
  }
  // 4 or 16 bytes in network order, as they stand in a header.
  static IpAddress from_v4_bytes(const std::uint8_t* bytes) {
    std::uint32_t value = 0;
    std::memcpy(&value, bytes, 4);
    return v4(__builtin_bswap32(value));
  }
  static IpAddress from_v6_bytes(const std::uint8_t* bytes) {
    IpAddress a;
    std::memcpy(a.bytes_.data(), bytes, 16);
    return a;
  }
  static std::optional<IpAddress> parse(std::string_view text);

  bool is_v4() const { return high() == 0 && (low() & kMappedMask) == kMappedPrefix; }
  bool is_unspecified() const {
    return (high() == 0 && low() == 0) || (is_v4() && v4_value() == 0);
  }
  bool is_loopback() const;
  bool is_multicast() const;
  // Host-order value of an IPv4 address; meaningless for IPv6.
  std::uint32_t v4_value() const {
    return (std::uint32_t{bytes_[12]} << 24) | (std::uint32_t{bytes_[13]} << 16) |
           (std::uint32_t{bytes_[14]} << 8) | bytes_[15];
  }
  // Bytes as they go on the wire: the last 4 for IPv4, all 16 for IPv6.
  const std::uint8_t* wire_bytes() const { return bytes_.data() + (is_v4() ? 12 : 0); }
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }

  // The n-th address after this one (wraps inside the family's width).
  IpAddress plus(std::uint64_t n) const;

  std::string to_string() const;

  // Two machine words in host order of significance, for hashing and comparison.
  std::uint64_t high() const { return word(0); }
  std::uint64_t low() const { return word(8); }

  friend bool operator==(const IpAddress& a, const IpAddress& b) {
    return a.word(0) == b.word(0) && a.word(8) == b.word(8);
  }
  friend std::strong_ordering operator<=>(const IpAddress& a, const IpAddress& b) {
    return a.word(0) != b.word(0) ? a.word(0) <=> b.word(0) : a.word(8) <=> b.word(8);
  }

 private:
  static constexpr std::uint64_t kMappedPrefix = 0x0000FFFF00000000ULL;
  static constexpr std::uint64_t kMappedMask = 0xFFFFFFFF00000000ULL;

  // As high() and low() give them. Written whole: bytes put together one by one would make a load
  // of the word wait for them, with every packet.
  static constexpr IpAddress from_words(std::uint64_t high, std::uint64_t low) {
    IpAddress a;
    if (std::is_constant_evaluated()) {
      for (unsigned i = 0; i < 8; ++i) {
        a.bytes_[i] = static_cast<std::uint8_t>(high >> (56 - 8 * i));
        a.bytes_[8 + i] = static_cast<std::uint8_t>(low >> (56 - 8 * i));
      }
    } else {
      const std::uint64_t words[2] = {__builtin_bswap64(high), __builtin_bswap64(low)};
      std::memcpy(a.bytes_.data(), words, 16);
    }
    return a;
  }
  std::uint64_t word(unsigned offset) const {
    std::uint64_t w = 0;
    std::memcpy(&w, bytes_.data() + offset, 8);
    return __builtin_bswap64(w);
  }

  std::array<std::uint8_t, 16> bytes_{};
};

// A CIDR block. Host bits of the base are cleared on construction.
class Subnet {
 public:
  Subnet() = default;
  // prefix_length counts from the family's own first bit: 0..32 for IPv4, 0..128 for IPv6.
  Subnet(const IpAddress& address, unsigned prefix_length);
  // "10.0.1.0/24", "2001:db8::/64". A bare address is a host route (/32, /128).
  static std::optional<Subnet> parse(std::string_view text);

  bool contains(const IpAddress& address) const;
  const IpAddress& base() const { return base_; }
  unsigned prefix_length() const { return prefix_length_; }
  // Number of addresses, saturating at 2^63.
  std::uint64_t size() const;
  std::string to_string() const;
  friend bool operator==(const Subnet&, const Subnet&) = default;

 private:
  IpAddress base_;
  unsigned prefix_length_ = 128;
};

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;

  // "10.0.0.1:80", "[2001:db8::1]:80"
  std::string to_string() const;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
  friend auto operator<=>(const Endpoint&, const Endpoint&) = default;  // NOLINT(*-use-nullptr)
};

}  // namespace elblab::net
