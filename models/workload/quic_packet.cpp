#include "models/workload/quic_packet.hpp"

#include "models/net/bytes.hpp"
#include "models/net/quic_header.hpp"
#include "models/random/stream.hpp"

namespace elblab::workload::quic {
namespace {

constexpr std::uint8_t kLongForm = 0x80;
constexpr std::uint8_t kFixedBit = 0x40;
constexpr std::uint8_t kTypeBits = 0x30;      // 0: Initial
constexpr std::uint8_t kNumberBytes4 = 0x03;  // packet numbers have four bytes
constexpr std::size_t kNumberBytes = 4;
constexpr std::size_t kShortestReset = 21;
constexpr std::size_t kUsualReset = 43;
constexpr std::uint64_t kTokenKey = 0x5157494355534551;

// A variable-length integer of two bytes (RFC 9000 section 16); takes it off the bytes.
std::optional<std::size_t> take_varint(std::span<const std::uint8_t>& bytes) {
  if (bytes.empty()) return std::nullopt;
  const std::size_t size = std::size_t{1} << (bytes[0] >> 6);
  if (bytes.size() < size) return std::nullopt;
  std::size_t value = bytes[0] & 0x3F;
  for (std::size_t i = 1; i < size; ++i) value = value << 8 | bytes[i];
  bytes = bytes.subspan(size);
  return value;
}

// Appends to a buffer.
class Pen {
 public:
  explicit Pen(std::span<std::uint8_t> out) : out_(out) {}
  void byte(std::uint8_t value) { out_[at_++] = value; }
  void word(std::uint32_t value) {
    net::store32(out_.data() + at_, value);
    at_ += 4;
  }
  void bytes(std::span<const std::uint8_t> more) {
    std::copy(more.begin(), more.end(), out_.begin() + static_cast<std::ptrdiff_t>(at_));
    at_ += more.size();
  }
  void id_with_length(const ConnectionId& id) {
    byte(static_cast<std::uint8_t>(id.bytes().size()));
    bytes(id.bytes());
  }
  void fill_to(std::size_t end) {
    for (; at_ < end; ++at_) out_[at_] = 0;  // PADDING frames (RFC 9000 section 19.1)
  }
  std::size_t at() const { return at_; }

 private:
  std::span<std::uint8_t> out_;
  std::size_t at_ = 0;
};

}  // namespace

ConnectionId ConnectionId::of_number(std::uint64_t number, std::size_t size) {
  std::array<std::uint8_t, kLongestId> bytes{};
  for (std::size_t i = 0; i < size; i += 8) {
    const std::uint64_t word = random::splitmix64(number + (i << 56));
    for (std::size_t byte = 0; byte < 8 && i + byte < size; ++byte) {
      bytes[i + byte] = static_cast<std::uint8_t>(word >> (8 * byte));
    }
  }
  return ConnectionId(std::span(bytes).first(size));
}

ResetToken reset_token(const ConnectionId& id) {
  std::uint64_t hash = kTokenKey;
  for (const std::uint8_t byte : id.bytes()) hash = random::splitmix64(hash ^ byte);
  ResetToken token;
  for (std::size_t i = 0; i < token.size(); ++i) {
    token[i] = static_cast<std::uint8_t>(random::splitmix64(hash + i / 8) >> (i % 8 * 8));
  }
  return token;
}

bool is_quic(std::span<const std::uint8_t> datagram) {
  if (datagram.empty() || (datagram[0] & kFixedBit) == 0) return false;
  if ((datagram[0] & kLongForm) == 0) return true;
  return datagram.size() >= 5 && net::load32(datagram.data() + 1) == kVersion1;
}

std::optional<InitialPacket> read_initial(std::span<const std::uint8_t> datagram) {
  const auto header = net::parse_quic_header(datagram, 0);
  const bool is_initial =
      header && header->is_long && header->version == kVersion1 && (datagram[0] & kTypeBits) == 0 &&
      header->destination.size() <= kLongestId && header->source.size() <= kLongestId;
  if (!is_initial) return std::nullopt;
  const std::size_t ids_end = 7 + header->destination.size() + header->source.size();
  std::span<const std::uint8_t> rest = datagram.subspan(ids_end);
  const auto token = take_varint(rest);
  if (!token || rest.size() < *token) return std::nullopt;
  rest = rest.subspan(*token);
  const auto length = take_varint(rest);
  if (!length || rest.size() < *length || *length < kNumberBytes) return std::nullopt;
  return InitialPacket{ConnectionId(header->destination), ConnectionId(header->source),
                       rest.subspan(kNumberBytes, *length - kNumberBytes)};
}

std::optional<std::span<const std::uint8_t>> read_short(std::span<const std::uint8_t> datagram,
                                                        std::size_t id_bytes) {
  const std::size_t before = 1 + id_bytes + kNumberBytes;
  if (datagram.size() < before || (datagram[0] & kLongForm) != 0) return std::nullopt;
  return datagram.subspan(before);
}

std::span<const std::uint8_t> write_initial(std::span<std::uint8_t> out,
                                            const ConnectionId& destination,
                                            const ConnectionId& source, std::uint32_t number,
                                            std::span<const std::uint8_t> payload) {
  Pen pen(out);
  pen.byte(kLongForm | kFixedBit | kNumberBytes4);
  pen.word(kVersion1);
  pen.id_with_length(destination);
  pen.id_with_length(source);
  pen.byte(0);  // no token
  const std::size_t after_length = pen.at() + 2;
  const std::size_t end = std::max(after_length + kNumberBytes + payload.size(), kInitialBytes);
  const std::size_t length = end - after_length;
  pen.byte(static_cast<std::uint8_t>(0x40 | length >> 8));
  pen.byte(static_cast<std::uint8_t>(length));
  pen.word(number);
  pen.bytes(payload);
  pen.fill_to(end);
  return out.first(end);
}

std::span<std::uint8_t> write_short_header(std::span<std::uint8_t> out,
                                           const ConnectionId& destination, std::uint32_t number) {
  Pen pen(out);
  pen.byte(kFixedBit | kNumberBytes4);
  pen.bytes(destination.bytes());
  pen.word(number);
  return out.first(pen.at());
}

std::span<const std::uint8_t> write_reset(std::span<std::uint8_t> out, std::size_t answered_bytes,
                                          const ResetToken& token, std::uint64_t noise) {
  if (answered_bytes <= kShortestReset) return {};
  const std::size_t size = std::min(answered_bytes - 1, kUsualReset);
  for (std::size_t i = 0; i < size; ++i) {
    out[i] = static_cast<std::uint8_t>(random::splitmix64(noise + i / 8) >> (i % 8 * 8));
  }
  out[0] = static_cast<std::uint8_t>((out[0] & 0x3F) | kFixedBit);
  std::copy(token.begin(), token.end(),
            out.begin() + static_cast<std::ptrdiff_t>(size - token.size()));
  return out.first(size);
}

bool is_reset(std::span<const std::uint8_t> datagram, const ResetToken& token) {
  if (datagram.size() < kShortestReset || (datagram[0] & kLongForm) != 0) return false;
  return std::equal(token.begin(), token.end(),
                    datagram.end() - static_cast<std::ptrdiff_t>(token.size()));
}

}  // namespace elblab::workload::quic
