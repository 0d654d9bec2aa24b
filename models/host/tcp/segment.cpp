#include "models/host/tcp/segment.hpp"

#include "models/contract/require.hpp"

namespace elblab::host {
namespace {

// NOP, NOP, timestamps: what nearly every segment of a connection carries, and nothing else.
constexpr std::uint32_t kAlignedTimestamps = 0x0101080A;

net::TcpOptions read_options(std::span<const std::uint8_t> bytes) {
  if (bytes.size() == 12 && net::load32(bytes.data()) == kAlignedTimestamps) {
    net::TcpOptions options;
    options.timestamps = {net::load32(bytes.data() + 4), net::load32(bytes.data() + 8)};
    return options;
  }
  return net::TcpOptions::parse(bytes);
}

}  // namespace

Segment Segment::read(const net::PacketView& view) {
  ELBLAB_REQUIRE(view.protocol() == net::Protocol::tcp, "a segment is of TCP");
  Segment s;
  s.local = {view.destination(), view.destination_port()};
  s.remote = {view.source(), view.source_port()};
  s.sequence = view.sequence();
  s.acknowledgment = view.acknowledgment();
  s.window = view.window();
  s.flags = view.tcp_flags();
  s.header_bytes = static_cast<std::uint8_t>(20 + view.tcp_options().size());
  s.payload = view.payload();
  s.end = s.sequence + s.payload_size() + (s.syn() ? 1 : 0) + (s.fin() ? 1 : 0);
  s.options = read_options(view.tcp_options());
  return s;
}

}  // namespace elblab::host
