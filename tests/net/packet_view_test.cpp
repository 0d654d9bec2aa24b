// parse() and the accessors, on valid packets, cut ones and garbage. Packets are copied into blocks
// of exactly their size, so that the address sanitizer sees every read outside.
#include "models/net/packet_view.hpp"

#include <boost/test/unit_test.hpp>
#include <map>

#include "models/net/icmp.hpp"
#include "models/net/tcp_options.hpp"
#include "tests/net/reference.hpp"

using namespace elblab::net;
using elblab::random::Stream;
using reference::Bytes;
using reference::Sample;
using reference::Transport;

namespace {

ParseError parse(Bytes& bytes, PacketView& view) {
  bytes.shrink_to_fit();
  return PacketView::parse(bytes, view);
}

ParseError error_of(Bytes bytes) {
  PacketView view;
  return parse(bytes, view);
}

bool stands_at(const Bytes& packet, std::size_t offset, const IpAddress& address) {
  const std::size_t size = address.is_v4() ? 4 : 16;
  return std::equal(address.wire_bytes(), address.wire_bytes() + size, packet.data() + offset);
}

// Touches everything a view offers; the result keeps the reads alive.
std::uint64_t use_everything(PacketView& view) {
  std::uint64_t sum = view.time_to_live() + view.source_port() + view.destination_port();
  sum += view.ip_checksum_ok() ? 1 : 0;
  sum += view.transport_checksum_ok() ? 1 : 0;
  for (const auto byte : view.payload()) sum += byte;
  for (const auto byte : view.transport()) sum += byte;
  sum += view.flow().source.address.low();
  if (view.protocol() == Protocol::tcp) {
    sum += view.sequence() + view.acknowledgment() + view.tcp_flags() + view.window();
    sum += TcpOptions::parse(view.tcp_options()).sack_count;
  } else if (!view.has_ports()) {
    sum += view.icmp_type() + view.icmp_code();
  }
  if (const auto quoted = quoted_flow(view)) {
    sum += quoted->source.port;
    rewrite_quoted(view, quoted->destination, quoted->source);
  }
  const Endpoint other{
      view.is_v4() ? IpAddress::v4(1, 2, 3, 4) : IpAddress::parse("2001:db8::5").value(), 4711};
  view.set_source(other);
  view.set_destination(other);
  sum += view.decrement_time_to_live() ? 1 : 0;
  return sum;
}

Bytes tcp_over_v4() {
  Stream stream(7, "tcp/v4");
  for (;;) {  // without IPv4 options and with payload, so that offsets below are plain
    Sample sample = reference::random_packet(stream, true, Transport::tcp);
    if (sample.transport == 20 && sample.payload + 10 < sample.bytes.size()) return sample.bytes;
  }
}

Bytes udp_over_v4() {
  Stream stream(8, "udp/v4");
  for (;;) {
    Sample sample = reference::random_packet(stream, true, Transport::udp);
    if (sample.transport == 20 && sample.payload + 10 < sample.bytes.size()) return sample.bytes;
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_valid_packet_reads_back_as_it_was_written) {
  Stream stream(1, "view/valid");
  for (int i = 0; i < 20000; ++i) {
    Sample sample = reference::random_packet(stream);
    const Bytes original = sample.bytes;
    const std::size_t padding = stream.chance(0.3) ? stream.below(46) : 0;
    Bytes padded = original;
    padded.resize(padded.size() + padding, 0xEE);
    PacketView view;
    BOOST_REQUIRE_EQUAL(to_string(parse(padded, view)), "none");
    BOOST_REQUIRE(
        std::equal(view.bytes().begin(), view.bytes().end(), original.begin(), original.end()));
    BOOST_REQUIRE_EQUAL(view.is_v4(), sample.v4);
    BOOST_REQUIRE_EQUAL(static_cast<int>(view.protocol()), sample.protocol);
    BOOST_REQUIRE_EQUAL(view.transport_offset(), sample.transport);
    BOOST_REQUIRE_EQUAL(view.payload().size(), original.size() - sample.payload);
    BOOST_REQUIRE(stands_at(original, sample.source_address(), view.source()));
    BOOST_REQUIRE(stands_at(original, sample.destination_address(), view.destination()));
    BOOST_REQUIRE(view.ip_checksum_ok());
    BOOST_REQUIRE(view.transport_checksum_ok());
    const std::size_t t = sample.transport;
    if (sample.transport_kind != Transport::icmp) {
      BOOST_REQUIRE_EQUAL(view.source_port(), original[t] * 256 + original[t + 1]);
      BOOST_REQUIRE_EQUAL(view.destination_port(), original[t + 2] * 256 + original[t + 3]);
    } else {
      BOOST_REQUIRE_EQUAL(view.source_port(), 0);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_single_flipped_bit_breaks_a_checksum_that_covers_it) {
  Stream stream(2, "view/flip");
  for (int i = 0; i < 20000; ++i) {
    Sample sample = reference::random_packet(stream);
    if (sample.transport_kind == Transport::udp_without_checksum) continue;
    const std::size_t transport_size = sample.bytes.size() - sample.transport;
    const std::size_t at = sample.transport + stream.below(transport_size);
    sample.bytes[at] = static_cast<std::uint8_t>(sample.bytes[at] ^ (1U << stream.below(8)));
    PacketView view;
    if (parse(sample.bytes, view) != ParseError::none) continue;
    BOOST_REQUIRE(!view.transport_checksum_ok() ||
                  // flipping the whole of a UDP checksum to 0 would mean "none"
                  (sample.v4 && sample.transport_kind == Transport::udp &&
                   load16(sample.bytes.data() + sample.checksum_field()) == 0));
  }
}

BOOST_AUTO_TEST_CASE(a_packet_cut_at_any_length_is_refused_as_truncated) {
  Stream stream(3, "view/cut");
  for (int i = 0; i < 200; ++i) {
    const Sample sample = reference::random_packet(stream);
    for (std::size_t size = 0; size < sample.bytes.size(); ++size) {
      const Bytes cut(sample.bytes.begin(),
                      sample.bytes.begin() + static_cast<std::ptrdiff_t>(size));
      BOOST_REQUIRE_EQUAL(to_string(error_of(cut)), "truncated");
    }
  }
}

BOOST_AUTO_TEST_CASE(no_accessor_reads_outside_whatever_the_bytes_are) {
  Stream stream(4, "view/garbage");
  std::map<std::string, int> seen;
  std::uint64_t sink = 0;
  for (int i = 0; i < 200000; ++i) {
    Bytes bytes;
    if (i % 4 == 0) {
      bytes = reference::random_bytes(stream, stream.below(120));
      if (!bytes.empty()) bytes[0] = stream.chance(0.5) ? 0x45 : 0x60;
    } else {
      bytes = reference::random_packet(stream).bytes;
      const auto changes = 1 + stream.below(4);
      for (std::uint64_t c = 0; c < changes; ++c) {
        bytes[stream.below(std::min<std::size_t>(bytes.size(), 80))] =
            static_cast<std::uint8_t>(stream.next());
      }
    }
    PacketView view;
    const ParseError error = parse(bytes, view);
    ++seen[to_string(error)];
    if (error == ParseError::none) sink += use_everything(view);
  }
  BOOST_TEST(sink != 0U);
  BOOST_TEST(seen.size() == 7U);  // every outcome was met
}

BOOST_AUTO_TEST_CASE(each_defect_has_its_own_error) {
  const Bytes good = tcp_over_v4();
  const auto with = [](Bytes bytes, std::size_t at, unsigned value) {
    bytes[at] = static_cast<std::uint8_t>(value);
    return error_of(std::move(bytes));
  };
  BOOST_CHECK(error_of(good) == ParseError::none);
  BOOST_CHECK(error_of({}) == ParseError::truncated);
  BOOST_CHECK(with(good, 0, 0x55) == ParseError::bad_version);
  BOOST_CHECK(with(good, 0, 0x44) == ParseError::bad_header_length);
  BOOST_CHECK(with(good, 9, 47) == ParseError::unsupported_protocol);
  BOOST_CHECK(with(good, 9, 58) == ParseError::unsupported_protocol);  // ICMPv6 over IPv4
  BOOST_CHECK(with(good, 6, 0x20) == ParseError::fragment);            // more fragments
  BOOST_CHECK(with(good, 7, 1) == ParseError::fragment);               // an offset
  BOOST_CHECK(with(good, 32, 0x40) == ParseError::bad_header_length);  // data offset 4
  Bytes short_total = good;
  short_total[2] = 0;
  short_total[3] = 19;
  BOOST_CHECK(error_of(short_total) == ParseError::bad_length);
  short_total[3] = 39;  // one byte of the TCP header is missing
  BOOST_CHECK(error_of(short_total) == ParseError::bad_length);
  short_total[3] = 40;
  short_total[32] = 0x60;  // the data offset points past the end
  BOOST_CHECK(error_of(short_total) == ParseError::bad_length);
}

BOOST_AUTO_TEST_CASE(the_udp_length_may_end_before_the_ip_packet_but_not_behind_it) {
  const Bytes good = udp_over_v4();
  const std::size_t whole = good.size() - 20;
  const auto with_length = [&](std::size_t length) {
    Bytes bytes = good;
    bytes[24] = static_cast<std::uint8_t>(length >> 8);
    bytes[25] = static_cast<std::uint8_t>(length);
    return bytes;
  };
  BOOST_CHECK(error_of(with_length(whole + 1)) == ParseError::bad_length);
  BOOST_CHECK(error_of(with_length(7)) == ParseError::bad_length);
  BOOST_CHECK(error_of(with_length(0)) == ParseError::bad_length);
  Bytes shorter = with_length(whole - 3);
  PacketView view;
  BOOST_REQUIRE(parse(shorter, view) == ParseError::none);
  BOOST_TEST(view.payload().size() == whole - 3 - 8);
  BOOST_TEST(view.bytes().size() == good.size());
}

BOOST_AUTO_TEST_CASE(a_udp_checksum_of_zero_is_right_over_ipv4_and_wrong_over_ipv6) {
  Stream stream(5, "view/udp0");
  for (const bool v4 : {true, false}) {
    Sample sample = reference::random_packet(stream, v4, Transport::udp);
    sample.bytes[sample.checksum_field()] = 0;
    sample.bytes[sample.checksum_field() + 1] = 0;
    PacketView view;
    BOOST_REQUIRE(parse(sample.bytes, view) == ParseError::none);
    BOOST_TEST(view.transport_checksum_ok() == v4);
  }
}

BOOST_AUTO_TEST_CASE(ipv6_extension_headers_are_walked_and_their_abuse_refused) {
  Stream stream(6, "view/v6");
  const auto build = [&](std::uint8_t first, const Bytes& extensions) {
    Sample sample = reference::random_packet(stream, false, Transport::udp);
    while (sample.transport != 40) sample = reference::random_packet(stream, false, Transport::udp);
    sample.bytes[6] = first;
    sample.bytes.insert(sample.bytes.begin() + 40, extensions.begin(), extensions.end());
    const std::size_t length = sample.bytes.size() - 40;
    sample.bytes[4] = static_cast<std::uint8_t>(length >> 8);
    sample.bytes[5] = static_cast<std::uint8_t>(length);
    return sample.bytes;
  };
  const std::uint8_t udp = 17;
  BOOST_CHECK(error_of(build(60, {udp, 0, 1, 4, 0, 0, 0, 0})) == ParseError::none);
  // hop-by-hop only right behind the fixed header (RFC 8200 §4.1)
  BOOST_CHECK(error_of(build(60, {0, 0, 1, 4, 0, 0, 0, 0, udp, 0, 1, 4, 0, 0, 0, 0})) ==
              ParseError::bad_header_length);
  // an extension header that runs past the packet
  BOOST_CHECK(error_of(build(60, {udp, 255, 1, 4, 0, 0, 0, 0})) == ParseError::bad_header_length);
  // a fragment, and an atomic fragment (RFC 6946), which is none
  BOOST_CHECK(error_of(build(44, {udp, 0, 0, 1, 1, 2, 3, 4})) == ParseError::fragment);
  BOOST_CHECK(error_of(build(44, {udp, 0, 0, 8, 1, 2, 3, 4})) == ParseError::fragment);
  BOOST_CHECK(error_of(build(44, {udp, 0, 0, 0, 1, 2, 3, 4})) == ParseError::none);
  // source routing that is not finished
  BOOST_CHECK(error_of(build(43, {udp, 0, 0, 1, 0, 0, 0, 0})) == ParseError::unsupported_protocol);
  BOOST_CHECK(error_of(build(43, {udp, 0, 0, 0, 0, 0, 0, 0})) == ParseError::none);
  // no next header
  BOOST_CHECK(error_of(build(59, {})) == ParseError::unsupported_protocol);
}

BOOST_AUTO_TEST_CASE(a_mapped_address_in_an_ipv6_header_is_refused) {
  Stream stream(9, "view/mapped");
  for (const bool in_source : {true, false}) {
    Sample sample = reference::random_packet(stream, false, Transport::tcp);
    const auto mapped = IpAddress::v4(10, 0, 0, 1).bytes();
    std::copy(mapped.begin(), mapped.end(), sample.bytes.begin() + (in_source ? 8 : 24));
    BOOST_CHECK(error_of(sample.bytes) == ParseError::bad_version);
  }
}
