#include "tests/exchanges/exchange_peer.hpp"

#include <algorithm>
#include <array>
#include <sstream>

#include "models/net/packet_builder.hpp"
#include "tests/golden/packet_text.hpp"

namespace elblab::exchanges {
namespace {

using namespace net::tcp_flag;

constexpr std::size_t kLargest = 2048;
constexpr std::size_t kLinkMtu = 1500;  // bytes; what does not fit is cut
constexpr std::uint32_t kTimestampBase = 1'000'000;
constexpr std::uint32_t kInitialSequence = 1'000'000;

std::uint8_t flags_of(const std::string& text) {
  std::uint8_t flags = 0;
  for (const char letter : text) {
    if (letter == 'S') flags |= syn;
    if (letter == 'F') flags |= fin;
    if (letter == 'R') flags |= rst;
    if (letter == 'P') flags |= psh;
    if (letter == '.') flags |= ack;
    if (letter == 'U') flags |= urg;
  }
  return flags;
}

bool before(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) < 0; }

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

// The blocks of a packet as offsets from the receiver's initial sequence number.
std::string sack_text(const std::vector<std::uint8_t>& bytes, std::uint32_t origin) {
  std::vector<std::uint8_t> copy = bytes;
  net::PacketView view;
  if (net::PacketView::parse(copy, view) != net::ParseError::none ||
      view.protocol() != net::Protocol::tcp) {
    return {};
  }
  const net::TcpOptions options = net::TcpOptions::parse(view.tcp_options());
  std::string text;
  for (std::uint8_t i = 0; i < options.sack_count; ++i) {
    text += " " + std::to_string(static_cast<std::int32_t>(options.sack[i].begin - origin)) + "-" +
            std::to_string(static_cast<std::int32_t>(options.sack[i].end - origin));
  }
  return text;
}

}  // namespace

ExchangePeer::ExchangePeer(const Step& definition, const net::IpAddress& host,
                           const net::IpAddress& peer)
    : name_(definition.words.at(0)),
      host_(host),
      local_{peer, static_cast<std::uint16_t>(definition.number("port", 40000))},
      host_port_(static_cast<std::uint16_t>(definition.number("hport", 80))),
      initial_(static_cast<std::uint32_t>(definition.number("iss", kInitialSequence))),
      next_(initial_),
      window_(static_cast<std::uint16_t>(definition.number("win", 64240))),
      every_(definition.number("auto", 0)),
      delay_ms_(definition.number("delay", 0)) {
  if (const std::string* drops = definition.option("drop")) {
    for (const std::string& part : split(*drops, '.')) drops_.insert(std::stoll(part));
  }
}

bool ExchangePeer::owns(const net::PacketView& segment) {
  const net::FlowKey from_host = segment.flow();
  if (from_host.destination != local_) return false;
  if (host_port_ == 0) host_port_ = from_host.source.port;
  return from_host.source.port == host_port_;
}

void ExchangePeer::store(std::uint32_t begin, std::uint32_t end) {
  if (begin == end) return;
  if (before(expected_, begin)) {
    net::SackBlock merged{begin, end};
    std::erase_if(beyond_, [&merged](const net::SackBlock& block) {
      if (before(block.end, merged.begin) || before(merged.end, block.begin)) return false;
      if (before(block.begin, merged.begin)) merged.begin = block.begin;
      if (before(merged.end, block.end)) merged.end = block.end;
      return true;
    });
    beyond_.insert(beyond_.begin(), merged);
    return;
  }
  if (before(expected_, end)) expected_ = end;
  for (bool moved = true; moved;) {
    moved = false;
    std::erase_if(beyond_, [&](const net::SackBlock& block) {
      if (before(expected_, block.begin)) return false;
      if (before(expected_, block.end)) {
        expected_ = block.end;
        moved = true;
      }
      return true;
    });
  }
}

bool ExchangePeer::receive(const net::PacketView& segment) {
  const std::uint8_t flags = segment.tcp_flags();
  last_packet_.assign(segment.bytes().begin(), segment.bytes().end());
  if ((flags & syn) && (!host_known_ || segment.sequence() != host_initial_)) {
    host_known_ = true;
    host_initial_ = segment.sequence();
    expected_ = host_initial_;
    beyond_.clear();
  }
  const auto options = net::TcpOptions::parse(segment.tcp_options());
  if (flags & syn) {
    host_timestamps_ = options.timestamps.has_value();
  }
  const auto payload = static_cast<std::uint32_t>(segment.payload().size());
  const bool carries = payload > 0 || (flags & fin);
  if (carries && every_ > 0 && drops_.contains(++data_segments_)) return false;
  if (options.timestamps) host_timestamp_ = options.timestamps->value;
  if (flags & rst) return false;
  const std::uint32_t end =
      segment.sequence() + payload + ((flags & syn) ? 1U : 0U) + ((flags & fin) ? 1U : 0U);
  const bool in_order = segment.sequence() == expected_ && beyond_.empty();
  store(segment.sequence(), end);
  if (!carries || every_ == 0) return false;
  if (in_order && !(flags & fin) && ++unacknowledged_ < every_) return false;
  unacknowledged_ = 0;
  return true;
}

net::TcpOptions ExchangePeer::options_of(const Step& step, std::uint8_t flags,
                                         std::uint32_t script_ms) {
  net::TcpOptions options;
  std::int64_t offset = 0;
  // Only what was agreed on, unless the step says otherwise.
  bool with_timestamps = timestamps_ && (host_timestamps_ || !host_known_);
  if (const std::string* list = step.option("opts")) {
    for (const std::string& item : split(*list, ',')) {
      const auto colon = item.find(':');
      const std::string kind = item.substr(0, colon);
      const std::int64_t value =
          colon == std::string::npos ? 0 : std::stoll(item.substr(colon + 1));
      if (kind == "mss") options.mss = static_cast<std::uint16_t>(value);
      if (kind == "ws") options.window_scale = static_cast<std::uint8_t>(value);
      if (kind == "sack") options.sack_permitted = true;
      if (kind == "ts") {
        with_timestamps = true;
        offset = value;
      }
      if (kind == "nots") with_timestamps = false;
    }
    if (flags & syn) {
      timestamps_ = with_timestamps;
      sack_ = options.sack_permitted;
    }
  } else if (flags & syn) {
    with_timestamps = false;
  }
  if (with_timestamps) {
    const auto value = static_cast<std::uint32_t>(kTimestampBase + script_ms + offset);
    options.timestamps = net::TcpTimestamps{value, (flags & ack) ? host_timestamp_ : 0};
    if (step.has("tsecr")) {
      options.timestamps->echo += static_cast<std::uint32_t>(step.number("tsecr", 0));
    }
  }
  if (const std::string* blocks = step.option("sack")) {
    if (*blocks == "auto") {
      add_sack(options);
    } else {
      for (const std::string& block : split(*blocks, '.')) {
        const auto dash = block.find('-', 1);
        if (options.sack_count == options.sack.size() || dash == std::string::npos) break;
        options.sack[options.sack_count++] = {
            host_initial_ + 1 + static_cast<std::uint32_t>(std::stoll(block.substr(0, dash))),
            host_initial_ + 1 + static_cast<std::uint32_t>(std::stoll(block.substr(dash + 1)))};
      }
    }
  }
  return options;
}

void ExchangePeer::add_sack(net::TcpOptions& options) const {
  const std::uint8_t room = options.timestamps ? 3 : 4;
  for (const net::SackBlock& block : beyond_) {
    if (options.sack_count == room) return;
    options.sack[options.sack_count++] = block;
  }
}

PeerSegment ExchangePeer::segment(const Step& step, std::uint32_t script_ms) {
  const std::uint8_t flags = flags_of(step.words.at(1));
  const net::TcpOptions options = options_of(step, flags, script_ms);
  std::array<std::uint8_t, 40> written{};
  const std::size_t room = kLinkMtu - (host_.is_v4() ? 40 : 60) - options.write(written);
  const std::size_t payload = std::min(static_cast<std::size_t>(step.number("len", 0)), room);
  const bool moved = step.has("seq") || step.has("abs");
  std::uint32_t sequence = next_ + static_cast<std::uint32_t>(step.number("seq", 0));
  if (step.has("abs")) sequence = initial_ + static_cast<std::uint32_t>(step.number("abs", 0));
  std::uint32_t acknowledgment = expected_ + static_cast<std::uint32_t>(step.number("ack", 0));
  if (step.has("una")) {
    acknowledgment = host_initial_ + 1 + static_cast<std::uint32_t>(step.number("una", 0));
  }
  if (!(flags & ack)) acknowledgment = 0;
  if (step.has("win")) window_ = static_cast<std::uint16_t>(step.number("win", 0));
  if (!moved && step.number("noadv", 0) == 0) {
    next_ = sequence + static_cast<std::uint32_t>(payload) + ((flags & syn) ? 1U : 0U) +
            ((flags & fin) ? 1U : 0U);
  }
  if (flags & ack) unacknowledged_ = 0;
  const std::string* opts = step.option("opts");
  const bool md5 = opts != nullptr && opts->find("md5") != std::string::npos;
  return build(flags, sequence, acknowledgment, window_, options, md5, payload);
}

PeerSegment ExchangePeer::automatic_ack(std::uint32_t script_ms) {
  net::TcpOptions options;
  if (timestamps_ && host_timestamps_) {
    options.timestamps = net::TcpTimestamps{kTimestampBase + script_ms, host_timestamp_};
  }
  if (sack_) add_sack(options);
  return build(ack, next_, expected_, window_, options, false, 0);
}

PeerSegment ExchangePeer::build(std::uint8_t flags, std::uint32_t sequence,
                                std::uint32_t acknowledgment, std::uint16_t window,
                                const net::TcpOptions& options, bool md5,
                                std::size_t payload) const {
  std::array<std::uint8_t, 40> written{};
  std::vector<std::uint8_t> raw(
      written.begin(), written.begin() + static_cast<std::ptrdiff_t>(options.write(written)));
  if (md5) {
    raw.insert(raw.end(), {1, 1, 19, 18});
    raw.insert(raw.end(), 16, 0xAA);
  }
  net::TcpFields tcp;
  tcp.source_port = local_.port;
  tcp.destination_port = host_port_;
  tcp.sequence = sequence;
  tcp.acknowledgment = acknowledgment;
  tcp.flags = flags;
  tcp.window = window;
  const std::vector<std::uint8_t> bytes(payload, 'x');
  PeerSegment segment;
  segment.packet.resize(kLargest);
  segment.packet.resize(net::build_tcp_raw_options(
      segment.packet, {.source = local_.address, .destination = host_}, tcp, raw, bytes));
  segment.text = golden::packet_text(segment.packet, {initial_, host_initial_}) +
                 sack_text(segment.packet, host_initial_);
  return segment;
}

std::string ExchangePeer::text_of(const std::vector<std::uint8_t>& packet) const {
  return golden::packet_text(packet, {host_initial_, initial_}) + sack_text(packet, initial_);
}

}  // namespace elblab::exchanges
