#include "models/net/address.hpp"

#include <algorithm>
#include <charconv>

namespace elblab::net {
namespace {

constexpr std::size_t kWords = 8;  // 16-bit groups of an IPv6 address
using Words = std::array<std::uint16_t, kWords>;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Digits only, no sign, no leading zero (glibc's inet_pton takes "01" for a possible octal).
std::optional<std::uint32_t> parse_decimal(std::string_view text, std::uint32_t limit) {
  if (text.empty() || text.size() > 5 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
  }
  if (value > limit) return std::nullopt;
  return value;
}

std::optional<std::uint32_t> parse_v4(std::string_view text) {
  std::uint32_t value = 0;
  for (int octet = 0; octet < 4; ++octet) {
    const std::size_t dot = octet < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos) return std::nullopt;
    const auto part = parse_decimal(text.substr(0, dot), 255);
    if (!part) return std::nullopt;
    value = (value << 8) | *part;
    text.remove_prefix(std::min(dot + 1, text.size()));
  }
  return value;
}

// The groups on one side of "::" (or all of them), an IPv4 tail counting for two.
struct Groups {
  Words words{};
  std::size_t count = 0;
};

std::optional<std::uint16_t> parse_group(std::string_view text) {
  if (text.empty() || text.size() > 4) return std::nullopt;
  unsigned value = 0;
  for (const char c : text) {
    const int digit = hex_value(c);
    if (digit < 0) return std::nullopt;
    value = (value << 4) | static_cast<unsigned>(digit);
  }
  return static_cast<std::uint16_t>(value);
}

bool append_v4_tail(std::string_view text, Groups& groups) {
  const auto tail = parse_v4(text);
  if (!tail || groups.count + 2 > kWords) return false;
  groups.words[groups.count++] = static_cast<std::uint16_t>(*tail >> 16);
  groups.words[groups.count++] = static_cast<std::uint16_t>(*tail);
  return true;
}

// RFC 4291 §2.2; `v4_tail_allowed` only where the text ends the address.
std::optional<Groups> parse_groups(std::string_view text, bool v4_tail_allowed) {
  Groups groups;
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    const std::string_view part = text.substr(0, colon);
    const bool last = colon == std::string_view::npos;
    if (last && v4_tail_allowed && part.find('.') != std::string_view::npos) {
      if (!append_v4_tail(part, groups)) return std::nullopt;
      return groups;
    }
    const auto group = parse_group(part);
    if (!group || groups.count == kWords) return std::nullopt;
    groups.words[groups.count++] = *group;
    if (last) return groups;
    text.remove_prefix(colon + 1);
    if (text.empty()) return std::nullopt;  // a single colon at the end
  }
  return groups;
}

std::optional<Words> parse_v6(std::string_view text) {
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    const auto all = parse_groups(text, true);
    if (!all || all->count != kWords) return std::nullopt;
    return all->words;
  }
  const auto head = parse_groups(text.substr(0, gap), false);
  const auto tail = parse_groups(text.substr(gap + 2), true);
  // "::" stands for at least one group of zeros.
  if (!head || !tail || head->count + tail->count >= kWords) return std::nullopt;
  Words words = head->words;
  std::copy_n(tail->words.begin(), tail->count,
              words.end() - static_cast<std::ptrdiff_t>(tail->count));
  return words;
}

void append_number(std::string& out, unsigned value, int base) {
  std::array<char, 12> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, base).ptr;
  out.append(digits.data(), end);
}

void append_v4(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) {
    append_number(out, (value >> shift) & 0xFF, 10);
    if (shift > 0) out += '.';
  }
}

struct Run {
  std::size_t begin = kWords;
  std::size_t length = 0;
};

// RFC 5952 §4.2: the longest run of at least two zero groups, the first of equals.
Run longest_zero_run(const Words& words) {
  Run best;
  for (std::size_t i = 0; i < kWords;) {
    std::size_t end = i;
    while (end < kWords && words[end] == 0) ++end;
    if (end - i >= 2 && end - i > best.length) best = {i, end - i};
    i = end + 1;
  }
  return best;
}

std::string v6_to_string(const Words& words) {
  const Run gap = longest_zero_run(words);
  // RFC 4291 §2.5.5.1: an IPv4-compatible address shows its IPv4 part, as inet_ntop does.
  const bool v4_tail = gap.begin == 0 && gap.length == 6;
  const std::size_t groups = v4_tail ? 6 : kWords;
  std::string out;
  for (std::size_t i = 0; i < groups;) {
    if (i == gap.begin) {
      out += "::";
      i += gap.length;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    append_number(out, words[i++], 16);
  }
  if (v4_tail) append_v4(out, (std::uint32_t{words[6]} << 16) | words[7]);
  return out;
}

unsigned width_of(const IpAddress& address) { return address.is_v4() ? 32 : 128; }

// The first `prefix_length` bits of all 128, rest zero.
IpAddress keep_prefix(const IpAddress& address, unsigned prefix_length) {
  std::array<std::uint8_t, 16> bytes = address.bytes();
  for (unsigned i = 0; i < 16; ++i) {
    const unsigned kept = prefix_length > 8 * i ? std::min(prefix_length - 8 * i, 8U) : 0;
    bytes[i] = static_cast<std::uint8_t>(bytes[i] & (0xFF00U >> kept));
  }
  return IpAddress::from_v6_bytes(bytes.data());
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.find(':') == std::string_view::npos) {
    const auto value = parse_v4(text);
    if (!value) return std::nullopt;
    return v4(*value);
  }
  const auto words = parse_v6(text);
  if (!words) return std::nullopt;
  IpAddress address;
  for (std::size_t i = 0; i < kWords; ++i) {
    address.bytes_[2 * i] = static_cast<std::uint8_t>((*words)[i] >> 8);
    address.bytes_[2 * i + 1] = static_cast<std::uint8_t>((*words)[i]);
  }
  return address;
}

bool IpAddress::is_loopback() const {
  if (is_v4()) return bytes_[12] == 127;
  return high() == 0 && low() == 1;
}

bool IpAddress::is_multicast() const {
  if (is_v4()) return (bytes_[12] & 0xF0) == 0xE0;
  return bytes_[0] == 0xFF;
}

IpAddress IpAddress::plus(std::uint64_t n) const {
  if (is_v4()) return v4(static_cast<std::uint32_t>(v4_value() + n));
  const std::uint64_t new_low = low() + n;
  return from_words(high() + (new_low < n ? 1 : 0), new_low);
}

std::string IpAddress::to_string() const {
  if (is_v4()) {
    std::string out;
    append_v4(out, v4_value());
    return out;
  }
  Words words{};
  for (std::size_t i = 0; i < kWords; ++i) {
    words[i] = static_cast<std::uint16_t>((bytes_[2 * i] << 8) | bytes_[2 * i + 1]);
  }
  return v6_to_string(words);
}

Subnet::Subnet(const IpAddress& address, unsigned prefix_length)
    : prefix_length_(std::min(prefix_length, width_of(address))) {
  base_ = keep_prefix(address, prefix_length_ + 128 - width_of(address));
}

std::optional<Subnet> Subnet::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  if (slash == std::string_view::npos) return Subnet(*address, width_of(*address));
  const auto length = parse_decimal(text.substr(slash + 1), width_of(*address));
  if (!length) return std::nullopt;
  return Subnet(*address, *length);
}

bool Subnet::contains(const IpAddress& address) const {
  if (address.is_v4() != base_.is_v4()) return false;
  const unsigned bits = prefix_length_ + 128 - width_of(base_);
  const std::uint64_t high_mask = bits >= 64 ? ~0ULL : ~(~0ULL >> bits);
  const std::uint64_t low_mask = bits >= 128 ? ~0ULL : bits <= 64 ? 0 : ~(~0ULL >> (bits - 64));
  return ((address.high() ^ base_.high()) & high_mask) == 0 &&
         ((address.low() ^ base_.low()) & low_mask) == 0;
}

std::uint64_t Subnet::size() const {
  return std::uint64_t{1} << std::min(width_of(base_) - prefix_length_, 63U);
}

std::string Subnet::to_string() const {
  std::string out = base_.to_string();
  out += '/';
  append_number(out, prefix_length_, 10);
  return out;
}

std::string Endpoint::to_string() const {
  std::string out;
  if (address.is_v4()) {
    out = address.to_string();
  } else {
    out.append("[").append(address.to_string()).append("]");
  }
  out += ':';
  append_number(out, port, 10);
  return out;
}

}  // namespace elblab::net
