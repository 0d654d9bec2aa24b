#include "tests/golden/tcp_peer.hpp"

#include <algorithm>
#include <array>

#include "models/net/packet_builder.hpp"
#include "tests/golden/packet_text.hpp"

namespace elblab::golden {
namespace {

using namespace net::tcp_flag;

constexpr std::size_t kLargestSegment = 1600;

std::uint32_t sequence_length(std::uint8_t flags, std::size_t payload) {
  return static_cast<std::uint32_t>(payload) + ((flags & syn) ? 1 : 0) + ((flags & fin) ? 1 : 0);
}

}  // namespace

TcpPeer::TcpPeer(Scene& scene, const net::Endpoint& local, std::uint16_t host_port,
                 std::uint32_t initial_sequence)
    : scene_(scene),
      local_(local),
      host_port_(host_port),
      initial_sequence_(initial_sequence),
      next_(initial_sequence) {
  syn_options_.mss = 1460;
  scene_.add(*this);
}

TcpPeer::~TcpPeer() { scene_.remove(*this); }

bool TcpPeer::owns(const net::FlowKey& from_host) const {
  return host_port_ != 0 && from_host.destination == local_ && from_host.source.port == host_port_;
}

bool TcpPeer::adopts(const net::FlowKey& from_host) {
  if (host_port_ != 0 || from_host.destination != local_) return false;
  host_port_ = from_host.source.port;
  return true;
}

void TcpPeer::receive(const net::PacketView& segment) {
  const std::uint8_t flags = segment.tcp_flags();
  ++segments_received_;
  unseen_flags_.push_back(flags);
  if ((flags & syn) && !host_known_) {
    host_known_ = true;
    host_initial_ = segment.sequence();
    expected_ = host_initial_;
  }
  const std::uint32_t length = sequence_length(flags, segment.payload().size());
  if (segment.sequence() == expected_ && !(flags & rst)) expected_ += length;
  const auto options = net::TcpOptions::parse(segment.tcp_options());
  if (options.timestamps) host_timestamp_ = options.timestamps->value;
}

void TcpPeer::send(std::uint8_t flags, std::string_view payload) {
  emit(flags, next_, (flags & ack) ? expected_ : 0, payload);
  next_ += sequence_length(flags, payload.size());
}

void TcpPeer::send_at(std::uint8_t flags, std::uint32_t sequence, std::uint32_t acknowledgment,
                      std::string_view payload) {
  emit(flags, initial_sequence_ + sequence, (flags & ack) ? host_initial_ + acknowledgment : 0,
       payload);
}

void TcpPeer::emit(std::uint8_t flags, std::uint32_t sequence, std::uint32_t acknowledgment,
                   std::string_view payload) {
  net::TcpOptions options = (flags & syn) ? syn_options_ : net::TcpOptions{};
  if (timestamp_) options.timestamps = net::TcpTimestamps{*timestamp_, host_timestamp_};
  std::array<std::uint8_t, 40> written{};
  std::vector<std::uint8_t> option_bytes(
      written.begin(), written.begin() + static_cast<std::ptrdiff_t>(options.write(written)));
  option_bytes.insert(option_bytes.end(), raw_options_.begin(), raw_options_.end());

  net::TcpFields tcp;
  tcp.source_port = local_.port;
  tcp.destination_port = host_port_;
  tcp.sequence = sequence;
  tcp.acknowledgment = acknowledgment;
  tcp.flags = flags;
  tcp.window = window_;
  std::array<std::uint8_t, kLargestSegment> packet{};
  const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(payload.data()),
                                            payload.size());
  const std::size_t size = net::build_tcp_raw_options(
      packet, {.source = local_.address, .destination = kHostAddress}, tcp, option_bytes, bytes);
  const std::span<const std::uint8_t> built(packet.data(), size);
  scene_.write_injected(packet_text(built, {initial_sequence_, host_initial_}));
  scene_.inject(built);
}

bool TcpPeer::wait_for(std::uint8_t flags, Duration limit) {
  const auto found = [&] {
    return std::find_if(unseen_flags_.begin(), unseen_flags_.end(),
                        [&](std::uint8_t seen) { return (seen & flags) == flags; });
  };
  if (!scene_.wait_for([&] { return found() != unseen_flags_.end(); }, limit)) return false;
  unseen_flags_.erase(unseen_flags_.begin(), found() + 1);
  return true;
}

bool TcpPeer::accept_connection() {
  if (!wait_for(syn)) return false;
  send(syn | ack);
  return wait_for(ack);
}

bool TcpPeer::open_connection(Duration delay) {
  send(syn);
  if (!wait_for(syn | ack)) return false;
  if (delay > Duration::zero()) scene_.wait(delay);
  send(ack);
  return true;
}

}  // namespace elblab::golden
