#include "tests/exchanges/exchange_player.hpp"

#include <algorithm>
#include <array>

#include "models/net/icmp.hpp"
#include "models/net/packet_builder.hpp"
#include "tests/golden/packet_text.hpp"
#include "tests/golden/scene.hpp"

namespace elblab::exchanges {
namespace {

using std::chrono::milliseconds;

constexpr Duration kAfterStep = milliseconds(3);
constexpr std::size_t kQuoted = 64;  // what a router quotes of a packet here

net::IpAddress address_of(bool v6, std::uint32_t number) {
  if (!v6) return net::IpAddress::v4((10U << 24) | (9U << 16) | (1U << 8) | number);
  std::array<std::uint8_t, 16> bytes{0xFD, 0x09};
  bytes[13] = 1;
  bytes[14] = static_cast<std::uint8_t>(number >> 8);
  bytes[15] = static_cast<std::uint8_t>(number);
  return net::IpAddress::from_v6_bytes(bytes.data());
}

std::string socket_text(const golden::SocketState& state) {
  std::string text = "connecting";
  if (state.phase == golden::SocketPhase::connected) text = "connected";
  if (state.phase == golden::SocketPhase::failed) text = golden::errno_name(state.error);
  if (state.bytes_received > 0) text += ", " + std::to_string(state.bytes_received) + " bytes";
  if (state.peer_finished) text += ", end of file";
  return text;
}

}  // namespace

ExchangePlayer::ExchangePlayer(const Exchange& exchange, golden::HostUnderTest& host,
                               std::uint32_t number)
    : exchange_(exchange),
      host_(host),
      host_address_(exchange.v6 ? golden::kHostAddress6 : golden::kHostAddress),
      peer_address_(address_of(exchange.v6, number)) {}

golden::Transcript ExchangePlayer::play() {
  host_.forget_sockets();
  host_.use_address(host_address_);
  began_ = host_.now();
  for (const Step& step : exchange_.steps) {
    perform(step);
    Duration length = step.number("nd", 0) != 0 ? Duration::zero() : kAfterStep;
    if (step.verb == "wait" || step.verb == "tail") length = milliseconds(step.word_number(0));
    if (step.verb == "peer" || step.verb == "auto") length = Duration::zero();
    script_ += length;
    if (length > Duration::zero()) run_until(std::max(began_ + script_, host_.now()));
  }
  write_outcomes();
  clean_up();
  return std::move(transcript_);
}

std::uint32_t ExchangePlayer::script_ms() const {
  return static_cast<std::uint32_t>(script_ / milliseconds(1));
}

ExchangePeer* ExchangePlayer::peer(const std::string& name) {
  for (auto at = peers_.rbegin(); at != peers_.rend(); ++at) {
    if (at->name() == name) return &*at;
  }
  return nullptr;
}

std::optional<golden::SocketHandle> ExchangePlayer::socket(const Step& step) const {
  const auto number = static_cast<golden::SocketHandle>(step.word_number(0));
  if (number >= host_.sockets()) return std::nullopt;
  return number;
}

void ExchangePlayer::perform(const Step& step) {
  if (perform_on_socket(step)) return;
  if (step.verb == "peer") {
    peers_.emplace_back(step, host_address_, peer_address_);
  } else if (step.verb == "auto") {
    const bool on = step.words.at(1) == "on";
    (step.words.at(0) == "accept" ? accepts_ : reads_) = on;
    host_.read_at_once(reads_);
  } else if (step.verb == "listen") {
    const auto port = static_cast<std::uint16_t>(step.word_number(1));
    listeners_[step.words.at(0)] = host_.listen(port, static_cast<int>(step.word_number(2)));
    host_.accept_at_once(listeners_[step.words.at(0)], accepts_);
  } else if (step.verb == "stop") {
    host_.stop_listening(listeners_.at(step.words.at(0)));
  } else if (step.verb == "accept") {
    host_.accept(listeners_.at(step.words.at(0)));
  } else if (step.verb == "connect") {
    const auto source = static_cast<std::uint16_t>(step.number("sport", 0));
    if (const ExchangePeer* to = peer(step.words.at(0))) host_.connect(to->local(), source);
  } else if (step.verb == "udp") {
    host_.open_udp(static_cast<std::uint16_t>(step.word_number(0)),
                   net::Endpoint{peer_address_, static_cast<std::uint16_t>(step.word_number(1))});
  } else if (step.verb == "seg") {
    if (ExchangePeer* from = peer(step.words.at(0))) {
      const PeerSegment segment = from->segment(step, script_ms());
      inject(segment.packet, segment.text);
    }
  } else if (step.verb == "icmperr") {
    send_error(step);
  } else if (step.verb == "icmp") {
    send_echo(step);
  } else if (step.verb == "udpin") {
    send_datagram(step);
  }
}

bool ExchangePlayer::perform_on_socket(const Step& step) {
  const bool known = step.verb == "send" || step.verb == "read" || step.verb == "shutdown" ||
                     step.verb == "close" || step.verb == "abort";
  if (!known) return false;
  const auto handle = socket(step);
  if (!handle) return true;  // it was never accepted: nothing to do on either host
  if (step.verb == "send") {
    const std::vector<std::uint8_t> bytes(static_cast<std::size_t>(step.word_number(1)), 'y');
    host_.send(*handle, bytes);
  } else if (step.verb == "read") {
    host_.read(*handle);
  } else if (step.verb == "shutdown") {
    host_.shutdown(*handle);
  } else if (step.verb == "close") {
    host_.close(*handle);
  } else {
    host_.abort(*handle);
  }
  return true;
}

void ExchangePlayer::send_error(const Step& step) {
  const ExchangePeer* about = peer(step.words.at(2));
  const std::vector<std::uint8_t>& whole = about == nullptr ? last_udp_ : about->last_packet();
  if (whole.empty()) return;
  const std::span<const std::uint8_t> quoted(whole.data(), std::min(whole.size(), kQuoted));
  std::array<std::uint8_t, 256> packet{};
  const std::size_t size =
      net::build_icmp(packet, {.source = peer_address_, .destination = host_address_},
                      static_cast<std::uint8_t>(step.word_number(0)),
                      static_cast<std::uint8_t>(step.word_number(1)),
                      static_cast<std::uint32_t>(step.number("rest", 0)), quoted);
  inject({packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size)},
         "icmp " + step.words.at(0) + "/" + step.words.at(1));
}

void ExchangePlayer::send_echo(const Step& step) {
  const std::vector<std::uint8_t> body(static_cast<std::size_t>(step.number("len", 0)), 'z');
  std::array<std::uint8_t, 2048> packet{};
  const std::size_t size =
      net::build_icmp(packet, {.source = peer_address_, .destination = host_address_},
                      static_cast<std::uint8_t>(step.word_number(0)),
                      static_cast<std::uint8_t>(step.word_number(1)), 0x00010001, body);
  inject({packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size)},
         "icmp " + step.words.at(0) + "/" + step.words.at(1));
}

void ExchangePlayer::send_datagram(const Step& step) {
  const std::vector<std::uint8_t> body(static_cast<std::size_t>(step.number("len", 0)), 'z');
  std::array<std::uint8_t, 2048> packet{};
  const std::size_t size =
      net::build_udp(packet, {.source = peer_address_, .destination = host_address_},
                     static_cast<std::uint16_t>(step.word_number(0)),
                     static_cast<std::uint16_t>(step.word_number(1)), body);
  inject({packet.begin(), packet.begin() + static_cast<std::ptrdiff_t>(size)},
         "udp len " + std::to_string(body.size()));
}

void ExchangePlayer::inject(const std::vector<std::uint8_t>& packet, std::string text) {
  transcript_.push_back({host_.now() - began_, "< " + std::move(text), {}});
  host_.inject(packet);
}

void ExchangePlayer::run_until(Duration deadline) {
  for (;;) {
    const auto first =
        std::min_element(pending_.begin(), pending_.end(),
                         [](const Pending& a, const Pending& b) { return a.at < b.at; });
    const bool due = first != pending_.end() && first->at <= host_.now();
    if (due) {
      ExchangePeer& acknowledging = *first->peer;
      const Duration at = first->at;
      pending_.erase(first);
      const PeerSegment segment =
          acknowledging.automatic_ack(static_cast<std::uint32_t>((at - began_) / milliseconds(1)));
      inject(segment.packet, segment.text);
      continue;
    }
    const Duration until = first == pending_.end() ? deadline : std::min(deadline, first->at);
    if (auto packet = host_.next_packet(until)) {
      receive(*packet);
    } else if (until == deadline) {
      return;
    }
  }
}

void ExchangePlayer::receive(golden::EmittedPacket& emitted) {
  net::PacketView packet;
  if (net::PacketView::parse(emitted.bytes, packet) != net::ParseError::none) return;
  if (packet.destination() != peer_address_) return;  // of an exchange before
  std::string text;
  if (packet.protocol() == net::Protocol::udp) last_udp_ = emitted.bytes;
  if (packet.protocol() == net::Protocol::tcp) {
    ExchangePeer* owner = nullptr;
    for (auto at = peers_.rbegin(); at != peers_.rend(); ++at) {
      if (!at->owns(packet)) continue;
      if (owner == nullptr) owner = &*at;
      if (at->knows_host() || (packet.tcp_flags() & net::tcp_flag::syn)) {
        owner = &*at;
        break;
      }
    }
    if (owner != nullptr) {
      if (owner->receive(packet)) {
        pending_.push_back({emitted.at + milliseconds(owner->delay_ms()), owner});
      }
      text = owner->text_of(emitted.bytes);
    }
  }
  if (text.empty()) text = golden::packet_text(emitted.bytes, {});
  transcript_.push_back({emitted.at - began_, "> " + text, {}});
}

void ExchangePlayer::write_outcomes() {
  for (golden::SocketHandle handle = 0; handle < host_.sockets(); ++handle) {
    transcript_.push_back(
        {golden::kAnyTime,
         "socket " + std::to_string(handle) + ": " + socket_text(host_.state(handle)),
         {}});
  }
}

void ExchangePlayer::clean_up() {
  for (golden::SocketHandle handle = 0; handle < host_.sockets(); ++handle) host_.abort(handle);
  for (const auto& [name, listener] : listeners_) host_.stop_listening(listener);
}

}  // namespace elblab::exchanges
