// The packet that an ICMP error quotes: read, and rewritten as NAT does (RFC 5508 §4).
#include "models/net/icmp.hpp"

#include <boost/test/unit_test.hpp>

#include "models/net/packet_builder.hpp"
#include "tests/net/reference.hpp"

using namespace elblab::net;
using elblab::random::Stream;
using reference::Bytes;
using reference::Sample;
using reference::Transport;

namespace {

struct Error {
  Bytes bytes;
  std::size_t quote = 0;  // offset of the quoted packet
};

// An unreachable that quotes the first `quoted` bytes of `inner`.
Error unreachable(const Sample& inner, std::size_t quoted) {
  IpFields ip;
  ip.source = inner.v4 ? IpAddress::v4(192, 0, 2, 1) : IpAddress::parse("2001:db8::99").value();
  ip.destination = ip.source.plus(1);
  Error error;
  error.bytes.resize(1500);
  const std::uint8_t type =
      inner.v4 ? icmp_type::destination_unreachable : icmp_type::v6_destination_unreachable;
  error.bytes.resize(build_icmp(error.bytes, ip, type, 3, 0, std::span(inner.bytes).first(quoted)));
  error.bytes.shrink_to_fit();
  error.quote = (inner.v4 ? 20 : 40) + 8;
  return error;
}

PacketView view_of(Bytes& bytes) {
  PacketView view;
  BOOST_REQUIRE_EQUAL(to_string(PacketView::parse(bytes, view)), "none");
  return view;
}

Endpoint other_endpoint(Stream& stream, bool v4) {
  const IpAddress base = v4 ? IpAddress::v4(10, 0, 0, 0) : IpAddress::parse("2001:db8:1::").value();
  return {base.plus(stream.below(1U << 20)), static_cast<std::uint16_t>(stream.next())};
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_quoted_flow_is_that_of_the_packet_that_met_the_error) {
  Stream stream(1, "icmp/flow");
  for (int i = 0; i < 10000; ++i) {
    Sample inner = reference::random_packet(stream);
    const FlowKey expected = view_of(inner.bytes).flow();
    const std::size_t least = inner.transport + 8;
    Error error = unreachable(inner, least + stream.below(inner.bytes.size() - least + 1));
    const auto flow = quoted_flow(view_of(error.bytes));
    BOOST_REQUIRE(flow.has_value());
    BOOST_REQUIRE(*flow == expected);
  }
}

BOOST_AUTO_TEST_CASE(a_rewritten_quote_is_the_quote_of_the_rewritten_packet) {
  Stream stream(2, "icmp/rewrite");
  for (int i = 0; i < 20000; ++i) {
    Sample inner = reference::random_packet(stream);
    const std::size_t least = inner.transport + 8;
    const std::size_t quoted = least + stream.below(inner.bytes.size() - least + 1);
    // Half a checksum cannot be repaired: its other byte is not known.
    if (inner.checksum_field() + 1 == quoted) continue;
    Error error = unreachable(inner, quoted);
    const Bytes original = error.bytes;
    PacketView view = view_of(error.bytes);
    const FlowKey flow = quoted_flow(view).value();
    const Endpoint source = other_endpoint(stream, inner.v4);
    const Endpoint destination = other_endpoint(stream, inner.v4);
    BOOST_REQUIRE(rewrite_quoted(view, source, destination));
    BOOST_REQUIRE(view.transport_checksum_ok() && view.ip_checksum_ok());

    // Independently: rewrite the inner packet by hand and build the error anew.
    std::copy_n(source.address.wire_bytes(), inner.address_size(),
                inner.bytes.begin() + static_cast<std::ptrdiff_t>(inner.source_address()));
    std::copy_n(destination.address.wire_bytes(), inner.address_size(),
                inner.bytes.begin() + static_cast<std::ptrdiff_t>(inner.destination_address()));
    if (inner.transport_kind != Transport::icmp) {
      store16(inner.bytes.data() + inner.transport, source.port);
      store16(inner.bytes.data() + inner.transport + 2, destination.port);
    }
    inner.bytes = reference::with_fresh_checksums(inner, inner.bytes);
    BOOST_REQUIRE(error.bytes == unreachable(inner, quoted).bytes);

    BOOST_REQUIRE(rewrite_quoted(view, flow.source, flow.destination));
    BOOST_REQUIRE(error.bytes == original);
  }
}

BOOST_AUTO_TEST_CASE(messages_that_quote_nothing_or_too_little_have_no_flow) {
  Stream stream(3, "icmp/nothing");
  for (int i = 0; i < 2000; ++i) {
    Sample inner = reference::random_packet(stream);
    for (const std::size_t quoted :
         {std::size_t{0}, std::size_t{1}, inner.transport, inner.transport + 3}) {
      Error error = unreachable(inner, quoted);
      const Bytes original = error.bytes;
      PacketView view = view_of(error.bytes);
      BOOST_REQUIRE(!quoted_flow(view));
      BOOST_REQUIRE(!rewrite_quoted(view, other_endpoint(stream, inner.v4),
                                    other_endpoint(stream, inner.v4)));
      BOOST_REQUIRE(error.bytes == original);
    }
    // An echo, a TCP segment: no errors, whatever they carry.
    BOOST_REQUIRE(!quoted_flow(view_of(inner.bytes)));
  }
}

BOOST_AUTO_TEST_CASE(a_quoted_later_fragment_or_foreign_family_has_no_flow) {
  Stream stream(4, "icmp/fragment");
  Sample inner = reference::random_packet(stream, true, Transport::udp);
  inner.bytes[7] = 9;  // fragment offset: the ports are in another fragment
  Error later = unreachable(inner, inner.bytes.size());
  BOOST_CHECK(!quoted_flow(view_of(later.bytes)));

  inner = reference::random_packet(stream, true, Transport::udp);
  Error first = unreachable(inner, inner.bytes.size());
  PacketView view = view_of(first.bytes);
  BOOST_CHECK(!rewrite_quoted(view, other_endpoint(stream, false), other_endpoint(stream, false)));
}
