// Rewriting in place: incremental checksums against full recomputation, there and back again.
#include <boost/test/unit_test.hpp>

#include "models/net/checksum.hpp"
#include "models/net/packet_view.hpp"
#include "tests/net/reference.hpp"

using namespace elblab::net;
using elblab::random::Stream;
using reference::Bytes;
using reference::Sample;
using reference::Transport;

namespace {

Endpoint random_endpoint(Stream& stream, bool v4) {
  const IpAddress a = v4 ? IpAddress::v4(static_cast<std::uint32_t>(stream.next()))
                         : IpAddress::parse("2001:db8::").value().plus(stream.next());
  return {a, static_cast<std::uint16_t>(stream.next())};
}

PacketView view_of(Bytes& bytes) {
  PacketView view;
  BOOST_REQUIRE_EQUAL(to_string(PacketView::parse(bytes, view)), "none");
  return view;
}

}  // namespace

BOOST_AUTO_TEST_CASE(sums_equal_the_naive_sum_for_every_size_and_alignment) {
  Stream stream(1, "sum");
  const Bytes bytes = reference::random_bytes(stream, 1600);
  for (std::size_t begin = 0; begin < 9; ++begin) {
    for (std::size_t size = 0; size + begin < bytes.size(); size += 1 + size / 40) {
      const std::span<const std::uint8_t> part(bytes.data() + begin, size);
      BOOST_REQUIRE_EQUAL(fold(sum_bytes(part)), reference::ones_sum(part));
    }
  }
  const Bytes largest(65535, 0xFF);  // every carry there is
  BOOST_TEST(fold(sum_bytes(largest)) == reference::ones_sum(largest));
}

BOOST_AUTO_TEST_CASE(sums_continue_over_parts_of_even_size) {
  Stream stream(2, "sum/parts");
  for (int i = 0; i < 2000; ++i) {
    const Bytes bytes = reference::random_bytes(stream, stream.below(300));
    const std::size_t cut = stream.below(bytes.size() / 2 + 1) * 2;
    const std::span<const std::uint8_t> all(bytes);
    BOOST_REQUIRE_EQUAL(fold(sum_bytes(all.subspan(cut), sum_bytes(all.first(cut)))),
                        reference::ones_sum(all));
  }
}

BOOST_AUTO_TEST_CASE(the_example_of_rfc_1071_and_the_corner_case_of_rfc_1624) {
  const Bytes rfc1071{0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7};  // §3
  BOOST_TEST(fold(sum_bytes(rfc1071)) == 0xDDF2);
  ChecksumDelta delta;  // RFC 1624 §4: the older equation gives 0xFFFF here
  delta.replace16(0x5555, 0x3285);
  BOOST_TEST(delta.apply(0xDD2F) == 0x0000);
}

BOOST_AUTO_TEST_CASE(after_any_sequence_of_rewrites_checksums_equal_a_full_recomputation) {
  Stream stream(3, "rewrite/sequence");
  for (int i = 0; i < 20000; ++i) {
    Sample sample = reference::random_packet(stream);
    PacketView view = view_of(sample.bytes);
    const auto steps = 1 + stream.below(6);
    for (std::uint64_t s = 0; s < steps; ++s) {
      const Endpoint to = random_endpoint(stream, sample.v4);
      switch (stream.below(3)) {
        case 0:
          view.set_source(to);
          BOOST_REQUIRE(view.source() == to.address);
          if (view.has_ports()) BOOST_REQUIRE_EQUAL(view.source_port(), to.port);
          break;
        case 1:
          view.set_destination(to);
          BOOST_REQUIRE(view.destination() == to.address);
          if (view.has_ports()) BOOST_REQUIRE_EQUAL(view.destination_port(), to.port);
          break;
        default:
          view.decrement_time_to_live();
          break;
      }
    }
    BOOST_REQUIRE(sample.bytes == reference::with_fresh_checksums(sample, sample.bytes));
    BOOST_REQUIRE(view.ip_checksum_ok() && view.transport_checksum_ok());
  }
}

BOOST_AUTO_TEST_CASE(rewriting_there_and_back_restores_every_byte) {
  Stream stream(4, "rewrite/back");
  for (int i = 0; i < 20000; ++i) {
    Sample sample = reference::random_packet(stream);
    const Bytes original = sample.bytes;
    PacketView view = view_of(sample.bytes);
    const FlowKey flow = view.flow();
    view.set_source(random_endpoint(stream, sample.v4));
    view.set_destination(random_endpoint(stream, sample.v4));
    view.set_source(flow.source);
    view.set_destination(flow.destination);
    BOOST_REQUIRE(sample.bytes == original);
  }
}

// Whatever the checksums were, right or wrong.
BOOST_AUTO_TEST_CASE(both_endpoints_at_once_give_the_bytes_that_one_after_the_other_give) {
  Stream stream(6, "rewrite/both");
  for (int i = 0; i < 20000; ++i) {
    Sample sample = reference::random_packet(stream);
    if (stream.chance(0.3)) {
      std::uint8_t& any = sample.bytes[sample.bytes.size() - 1 - stream.below(8)];
      any = static_cast<std::uint8_t>(stream.next());
    }
    Bytes apart = sample.bytes;
    const Endpoint source = random_endpoint(stream, sample.v4);
    const Endpoint destination = random_endpoint(stream, sample.v4);
    PacketView view;
    if (PacketView::parse(sample.bytes, view) != ParseError::none) continue;
    view.set_endpoints(source, destination);
    PacketView by_one = view_of(apart);
    by_one.set_source(source);
    by_one.set_destination(destination);
    BOOST_REQUIRE(sample.bytes == apart);
  }
}

BOOST_AUTO_TEST_CASE(a_wrong_checksum_stays_wrong_so_that_the_receiver_sees_the_damage) {
  Stream stream(5, "rewrite/damage");
  for (int i = 0; i < 5000; ++i) {
    Sample sample = reference::random_packet(stream, stream.chance(0.5), Transport::tcp);
    sample.bytes.back() = static_cast<std::uint8_t>(sample.bytes.back() ^ 1U);
    PacketView view = view_of(sample.bytes);
    if (view.transport_checksum_ok()) continue;
    view.set_source(random_endpoint(stream, sample.v4));
    view.set_destination(random_endpoint(stream, sample.v4));
    BOOST_REQUIRE(!view.transport_checksum_ok());
  }
}

BOOST_AUTO_TEST_CASE(an_absent_udp_checksum_stays_absent) {
  Stream stream(6, "rewrite/udp0");
  for (int i = 0; i < 1000; ++i) {
    Sample sample = reference::random_packet(stream, true, Transport::udp_without_checksum);
    PacketView view = view_of(sample.bytes);
    view.set_source(random_endpoint(stream, true));
    view.set_destination(random_endpoint(stream, true));
    BOOST_REQUIRE_EQUAL(load16(sample.bytes.data() + sample.checksum_field()), 0);
  }
}

BOOST_AUTO_TEST_CASE(a_udp_checksum_that_comes_out_as_zero_is_written_as_ffff) {
  Stream stream(7, "rewrite/ffff");
  for (const bool v4 : {true, false}) {
    int met = 0;
    Sample sample = reference::random_packet(stream, v4, Transport::udp);
    PacketView view = view_of(sample.bytes);
    Endpoint to = view.flow().source;
    for (unsigned port = 0; port < 65536; ++port) {  // one port of all gives 0
      to.port = static_cast<std::uint16_t>(port);
      view.set_source(to);
      const std::uint16_t field = load16(sample.bytes.data() + sample.checksum_field());
      BOOST_REQUIRE(field != 0);
      if (field == 0xFFFF) ++met;
    }
    BOOST_TEST(met >= 1);
    BOOST_CHECK(sample.bytes == reference::with_fresh_checksums(sample, sample.bytes));
  }
}

BOOST_AUTO_TEST_CASE(time_to_live_counts_down_to_one_and_then_refuses) {
  Stream stream(8, "rewrite/ttl");
  for (int i = 0; i < 200; ++i) {
    Sample sample = reference::random_packet(stream);
    PacketView view = view_of(sample.bytes);
    const int start = view.time_to_live();
    int steps = 0;
    while (view.decrement_time_to_live()) {
      ++steps;
      BOOST_REQUIRE(view.ip_checksum_ok());
    }
    BOOST_REQUIRE_EQUAL(steps, start - 1);
    BOOST_REQUIRE_EQUAL(view.time_to_live(), 1);
    const Bytes before = sample.bytes;
    BOOST_REQUIRE(!view.decrement_time_to_live());
    BOOST_REQUIRE(sample.bytes == before);
    BOOST_REQUIRE(sample.bytes == reference::with_fresh_checksums(sample, sample.bytes));
  }
}
