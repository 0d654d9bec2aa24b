// Built packets are valid, carry what was asked for, and fit their buffer or are not built.
#include "models/net/packet_builder.hpp"

#include <boost/test/unit_test.hpp>

#include "models/net/icmp.hpp"
#include "models/net/packet_view.hpp"
#include "tests/net/reference.hpp"

using namespace elblab::net;
using elblab::random::Stream;
using reference::Bytes;
using reference::Sample;
using reference::Transport;

namespace {

IpFields random_ip(Stream& stream, bool v4) {
  const IpAddress base = v4 ? IpAddress::v4(10, 0, 0, 0) : IpAddress::parse("2001:db8::").value();
  IpFields ip;
  ip.source = base.plus(stream.below(1U << 24));
  ip.destination = base.plus(stream.below(1U << 24));
  ip.time_to_live = static_cast<std::uint8_t>(1 + stream.below(255));
  ip.identification = static_cast<std::uint16_t>(stream.next());
  ip.dont_fragment = stream.chance(0.5);
  return ip;
}

Sample layout(const IpFields& ip, Transport kind) {
  Sample sample;
  sample.v4 = ip.source.is_v4();
  sample.transport_kind = kind;
  sample.transport = sample.v4 ? 20 : 40;
  sample.protocol = kind == Transport::tcp    ? 6
                    : kind == Transport::icmp ? (sample.v4 ? 1 : 58)
                                              : 17;
  return sample;
}

PacketView check_built(Bytes& out, std::size_t size, const IpFields& ip, Transport kind) {
  BOOST_REQUIRE(size > 0);
  out.resize(size);
  BOOST_REQUIRE(out == reference::with_fresh_checksums(layout(ip, kind), out));
  PacketView view;
  BOOST_REQUIRE_EQUAL(to_string(PacketView::parse(out, view)), "none");
  BOOST_REQUIRE_EQUAL(view.bytes().size(), size);
  BOOST_REQUIRE(view.source() == ip.source && view.destination() == ip.destination);
  BOOST_REQUIRE_EQUAL(view.time_to_live(), ip.time_to_live);
  if (view.is_v4()) {
    BOOST_REQUIRE_EQUAL(load16(out.data() + 4), ip.identification);
    BOOST_REQUIRE_EQUAL((out[6] & 0x40) != 0, ip.dont_fragment);
  }
  return view;
}

bool same(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

}  // namespace

BOOST_AUTO_TEST_CASE(tcp_packets_carry_their_fields_with_right_checksums) {
  Stream stream(1, "build/tcp");
  for (int i = 0; i < 10000; ++i) {
    const IpFields ip = random_ip(stream, stream.chance(0.5));
    TcpFields tcp;
    tcp.source_port = static_cast<std::uint16_t>(stream.next());
    tcp.destination_port = static_cast<std::uint16_t>(stream.next());
    tcp.sequence = static_cast<std::uint32_t>(stream.next());
    tcp.acknowledgment = static_cast<std::uint32_t>(stream.next());
    tcp.flags = static_cast<std::uint8_t>(stream.below(64));
    tcp.window = static_cast<std::uint16_t>(stream.next());
    if (stream.chance(0.5)) tcp.options.timestamps = TcpTimestamps{7, 8};
    if (stream.chance(0.5)) tcp.options.mss = 1400;
    const Bytes payload = reference::random_bytes(stream, stream.below(1500));
    Bytes out(2000);
    const PacketView view = check_built(out, build_tcp(out, ip, tcp, payload), ip, Transport::tcp);
    BOOST_REQUIRE((view.flow() == FlowKey{{ip.source, tcp.source_port},
                                          {ip.destination, tcp.destination_port},
                                          Protocol::tcp}));
    BOOST_REQUIRE_EQUAL(view.sequence(), tcp.sequence);
    BOOST_REQUIRE_EQUAL(view.acknowledgment(), tcp.acknowledgment);
    BOOST_REQUIRE_EQUAL(view.tcp_flags(), tcp.flags);
    BOOST_REQUIRE_EQUAL(view.window(), tcp.window);
    BOOST_REQUIRE(TcpOptions::parse(view.tcp_options()).timestamps == tcp.options.timestamps);
    BOOST_REQUIRE(TcpOptions::parse(view.tcp_options()).mss == tcp.options.mss);
    BOOST_REQUIRE(same(view.payload(), payload));
  }
}

BOOST_AUTO_TEST_CASE(udp_and_icmp_packets_carry_their_fields_with_right_checksums) {
  Stream stream(2, "build/udp");
  for (int i = 0; i < 10000; ++i) {
    const IpFields ip = random_ip(stream, stream.chance(0.5));
    const Bytes body = reference::random_bytes(stream, stream.below(600));
    const auto port = static_cast<std::uint16_t>(stream.next());
    Bytes udp(1000);
    const PacketView datagram =
        check_built(udp, build_udp(udp, ip, port, 53, body), ip, Transport::udp);
    BOOST_REQUIRE_EQUAL(datagram.source_port(), port);
    BOOST_REQUIRE(same(datagram.payload(), body));
    Bytes icmp(1000);
    const PacketView message =
        check_built(icmp, build_icmp(icmp, ip, 3, 1, 0xAABBCCDD, body), ip, Transport::icmp);
    BOOST_REQUIRE_EQUAL(message.icmp_type(), 3);
    BOOST_REQUIRE_EQUAL(message.icmp_code(), 1);
    BOOST_REQUIRE_EQUAL(load32(message.transport().data() + 4), 0xAABBCCDD);
    BOOST_REQUIRE(same(message.payload(), body));
  }
}

BOOST_AUTO_TEST_CASE(the_udp_checksum_can_be_left_out_over_ipv4_only) {
  Stream stream(3, "build/udp0");
  for (const bool v4 : {true, false}) {
    const IpFields ip = random_ip(stream, v4);
    Bytes out(100);
    const std::size_t size = build_udp(out, ip, 1, 2, {}, false);
    check_built(out, size, ip, v4 ? Transport::udp_without_checksum : Transport::udp);
  }
}

BOOST_AUTO_TEST_CASE(nothing_is_built_into_a_buffer_too_small_or_beyond_the_largest_packet) {
  Stream stream(4, "build/small");
  for (const bool v4 : {true, false}) {
    const IpFields ip = random_ip(stream, v4);
    const std::size_t header = v4 ? 20 : 40;
    const Bytes payload(100, 1);
    for (std::size_t size = 0; size < header + 20 + 100; ++size) {
      Bytes out(size, 0xAA);
      out.shrink_to_fit();
      BOOST_REQUIRE_EQUAL(build_tcp(out, ip, {}, payload), 0U);
      BOOST_REQUIRE(out == Bytes(size, 0xAA));
    }
    Bytes exact(header + 20 + 100);
    BOOST_TEST(build_tcp(exact, ip, {}, payload) == exact.size());
    Bytes large(70000);
    const Bytes most(kLargestPacket - header - 8, 2);
    BOOST_TEST(build_udp(large, ip, 1, 2, most) == kLargestPacket);
    BOOST_TEST(build_udp(large, ip, 1, 2, Bytes(most.size() + 1)) == 0U);
  }
  IpFields mixed;
  mixed.source = IpAddress::v4(10, 0, 0, 1);
  mixed.destination = IpAddress::parse("2001:db8::1").value();
  Bytes out(100);
  BOOST_TEST(build_tcp(out, mixed, {}, {}) == 0U);
}

BOOST_AUTO_TEST_CASE(raw_options_are_taken_as_they_are) {
  const IpFields ip{IpAddress::v4(10, 0, 0, 1), IpAddress::v4(10, 0, 0, 2), 64, 0, true};
  const Bytes options{254, 0, 1, 1};  // linux-host.md row 25
  Bytes out(100);
  const std::size_t size = build_tcp_raw_options(out, ip, {}, options, {});
  const PacketView view = check_built(out, size, ip, Transport::tcp);
  BOOST_CHECK(same(view.tcp_options(), options));
  Bytes other(200);
  BOOST_TEST(build_tcp_raw_options(other, ip, {}, Bytes(3), {}) == 0U);
  BOOST_TEST(build_tcp_raw_options(other, ip, {}, Bytes(44), {}) == 0U);
}
