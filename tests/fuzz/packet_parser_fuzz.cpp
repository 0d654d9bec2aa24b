// Any bytes as an IP packet: parsing, every accessor, TCP options, quoted packets of ICMP errors,
// and rewriting, after which right checksums must still be right.
#include <algorithm>
#include <array>
#include <vector>

#include "models/net/icmp.hpp"
#include "models/net/packet_view.hpp"
#include "models/net/tcp_options.hpp"
#include "tests/fuzz/expect.hpp"
#include "tests/fuzz/packet_sequence.hpp"

namespace {

using namespace elblab;  // NOLINT: a program of its own
using fuzz::expect;
using net::PacketView;

bool inside(std::span<const std::uint8_t> part, std::span<const std::uint8_t> whole) {
  return part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size();
}

void check_views(const PacketView& view, std::span<const std::uint8_t> bytes) {
  expect(inside(view.bytes(), bytes), "the packet lies in its bytes");
  expect(inside(view.transport(), view.bytes()), "the transport lies in the packet");
  expect(inside(view.payload(), view.transport()), "the payload lies in the transport");
  expect(view.source().is_v4() == view.is_v4(), "addresses are of the packet's family");
  expect(!view.flow().to_string().empty(), "every flow has a name");
}

// What a host writes of the options it read, it reads again.
void check_options(const PacketView& view) {
  if (view.protocol() != net::Protocol::tcp) return;
  expect(inside(view.tcp_options(), view.transport()), "options lie in the transport");
  net::TcpOptions options = net::TcpOptions::parse(view.tcp_options());
  expect(options.sack_count <= options.sack.size(), "as many blocks as there is room for");
  std::array<std::uint8_t, 40> written{};
  const std::size_t size = options.write(written);
  expect(size <= written.size() && size % 4 == 0, "options fill whole words, at most ten");
  const net::TcpOptions again = net::TcpOptions::parse(std::span(written).first(size));
  expect(!again.malformed, "written options are well-formed");
  expect(again.mss == options.mss, "MSS comes back");
  expect(again.window_scale == options.window_scale, "window scale comes back");
  expect(again.sack_permitted == options.sack_permitted, "SACK-permitted comes back");
  expect(again.sack_count <= options.sack_count, "no block is made up");
}

net::Endpoint endpoint_of(const PacketView& view, std::uint8_t number) {
  const auto port = static_cast<std::uint16_t>(number * 257);
  if (view.is_v4()) return {net::IpAddress::v4(192, 0, 2, number), port};
  std::array<std::uint8_t, 16> bytes{0x20, 0x01, 0x0D, 0xB8};
  bytes[15] = number;
  return {net::IpAddress::from_v6_bytes(bytes.data()), port};
}

void check_rewriting(std::vector<std::uint8_t> bytes, std::uint8_t number) {
  PacketView view;
  expect(PacketView::parse(bytes, view) == net::ParseError::none, "a copy parses as well");
  const bool ip_right = view.ip_checksum_ok();
  const bool transport_right = view.transport_checksum_ok();
  const std::size_t payload = view.payload().size();
  const std::uint8_t ttl = view.time_to_live();
  const net::Endpoint source = endpoint_of(view, number);
  const net::Endpoint destination = endpoint_of(view, static_cast<std::uint8_t>(~number));
  view.set_source(source);
  view.set_destination(destination);
  expect(view.decrement_time_to_live() == (ttl > 1), "a packet dies at its last hop");
  expect(!ip_right || view.ip_checksum_ok(), "a right IP checksum stays right");
  expect(!transport_right || view.transport_checksum_ok(), "a right transport checksum stays so");
  PacketView again;
  expect(PacketView::parse(bytes, again) == net::ParseError::none, "a rewritten packet parses");
  expect(again.source() == source.address && again.destination() == destination.address,
         "a rewritten packet has the new addresses");
  expect(!again.has_ports() ||
             (again.source_port() == source.port && again.destination_port() == destination.port),
         "a rewritten packet has the new ports");
  expect(again.payload().size() == payload, "rewriting moves nothing");
}

void check_quoted(std::vector<std::uint8_t> bytes, std::uint8_t number) {
  PacketView view;
  expect(PacketView::parse(bytes, view) == net::ParseError::none, "a copy parses as well");
  const auto quoted = net::quoted_flow(view);
  const bool right = view.transport_checksum_ok();
  const net::Endpoint source = endpoint_of(view, number);
  const net::Endpoint destination = endpoint_of(view, static_cast<std::uint8_t>(~number));
  const bool rewritten = net::rewrite_quoted(view, source, destination);
  expect(rewritten == quoted.has_value(), "what is quoted can be rewritten");
  if (!rewritten) return;
  const auto now = net::quoted_flow(view);
  expect(now && now->source.address == source.address &&
             now->destination.address == destination.address,
         "the quoted packet has the new addresses");
  expect(!right || view.transport_checksum_ok(), "a right ICMP checksum stays right");
  if (!net::quoted_echo(view)) return;
  net::set_quoted_echo_identifier(view, source.port);
  expect(net::quoted_echo(view)->identifier == source.port, "the quoted echo has its identifier");
  expect(!right || view.transport_checksum_ok(), "a right ICMP checksum stays right");
}

void check_echo(std::vector<std::uint8_t> bytes, std::uint8_t number) {
  PacketView view;
  expect(PacketView::parse(bytes, view) == net::ParseError::none, "a copy parses as well");
  if (!net::echo_of(view)) return;
  const bool right = view.transport_checksum_ok();
  net::set_echo_identifier(view, number);
  expect(net::echo_of(view)->identifier == number, "an echo has its identifier");
  expect(!right || view.transport_checksum_ok(), "a right ICMP checksum stays right");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::PacketSequence packets({data, size});
  fuzz::FuzzedPacket packet;
  while (packets.next(packet)) {
    PacketView view;
    const net::ParseError error = PacketView::parse(packet.bytes, view);
    expect(net::to_string(error) != nullptr, "every error has a name");
    if (error != net::ParseError::none) continue;
    check_views(view, packet.bytes);
    check_options(view);
    check_rewriting(packet.bytes, packet.options);
    const bool icmp =
        view.protocol() == net::Protocol::icmp || view.protocol() == net::Protocol::icmpv6;
    if (icmp) {
      check_quoted(packet.bytes, packet.options);
      check_echo(packet.bytes, packet.options);
    }
  }
  return 0;
}
