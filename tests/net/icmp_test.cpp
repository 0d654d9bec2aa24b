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

namespace {

// An echo with an identifier, its checksums computed in full.
Sample echo(Stream& stream, bool request, std::uint16_t identifier) {
  Sample sample = reference::random_packet(stream, stream.chance(0.5), Transport::icmp);
  std::uint8_t* const message = sample.bytes.data() + sample.transport;
  message[0] = sample.v4 ? (request ? icmp_type::echo_request : icmp_type::echo_reply)
                         : (request ? icmp_type::v6_echo_request : icmp_type::v6_echo_reply);
  store16(message + 4, identifier);
  sample.bytes = reference::with_fresh_checksums(sample, sample.bytes);
  return sample;
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_echo_is_known_by_its_identifier_also_where_an_error_quotes_it) {
  Stream stream(5, "icmp/echo");
  for (int i = 0; i < 5000; ++i) {
    const bool request = stream.chance(0.5);
    const auto before = static_cast<std::uint16_t>(stream.next());
    const auto after = static_cast<std::uint16_t>(stream.next());
    Sample sample = echo(stream, request, before);
    const Sample expected = [&] {
      Sample changed = sample;
      store16(changed.bytes.data() + changed.transport + 4, after);
      changed.bytes = reference::with_fresh_checksums(changed, changed.bytes);
      return changed;
    }();
    const std::size_t quoted =
        sample.transport + 6 + stream.below(sample.bytes.size() - sample.transport - 5);
    Error error = unreachable(sample, quoted);

    PacketView view = view_of(sample.bytes);
    BOOST_REQUIRE(echo_of(view).has_value());
    BOOST_REQUIRE_EQUAL(echo_of(view)->request, request);
    BOOST_REQUIRE_EQUAL(echo_of(view)->identifier, before);
    set_echo_identifier(view, after);
    BOOST_REQUIRE(sample.bytes == expected.bytes);

    PacketView message = view_of(error.bytes);
    BOOST_REQUIRE(!echo_of(message) && quoted_echo(message).has_value());
    BOOST_REQUIRE_EQUAL(quoted_echo(message)->request, request);
    BOOST_REQUIRE_EQUAL(quoted_echo(message)->identifier, before);
    set_quoted_echo_identifier(message, after);
    BOOST_REQUIRE(error.bytes == unreachable(expected, quoted).bytes);
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_echo_or_is_cut_before_the_identifier_has_none) {
  Stream stream(6, "icmp/no-echo");
  for (int i = 0; i < 2000; ++i) {
    Sample segment = reference::random_packet(stream, stream.chance(0.5), Transport::tcp);
    Sample timestamp = echo(stream, true, 7);
    timestamp.bytes[timestamp.transport] = 13;
    const Sample cut = echo(stream, true, 7);
    for (Sample* sample : {&segment, &timestamp}) {
      const Bytes original = sample->bytes;
      PacketView view = view_of(sample->bytes);
      set_echo_identifier(view, 9);
      BOOST_REQUIRE(!echo_of(view) && !quoted_echo(view) && sample->bytes == original);
      Error error = unreachable(*sample, sample->bytes.size());
      const Bytes unchanged = error.bytes;
      PacketView message = view_of(error.bytes);
      set_quoted_echo_identifier(message, 9);
      BOOST_REQUIRE(!quoted_echo(message) && error.bytes == unchanged);
    }
    Error error = unreachable(cut, cut.transport + 5);
    BOOST_REQUIRE(!quoted_echo(view_of(error.bytes)));
  }
}
