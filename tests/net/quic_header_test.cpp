#include "models/net/quic_header.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

#include "models/random/stream.hpp"
#include "tests/net/quic_datagrams.hpp"

namespace elblab::net {
namespace {

using namespace quic;  // NOLINT: datagrams by hand

Bytes copy(std::span<const std::uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }

const Bytes kTheirs{1, 2, 3, 4, 5, 6, 7, 8};
const Bytes kOwn{9, 10, 11};

}  // namespace

BOOST_AUTO_TEST_SUITE(quic_header)

// The client's Initial of RFC 9001, appendix A.2, protected as it goes over the wire: its first
// bytes.
BOOST_AUTO_TEST_CASE(reads_the_initial_packet_of_the_specification) {
  const Bytes initial{0xC0, 0x00, 0x00, 0x00, 0x01, 0x08, 0x83, 0x94, 0xC8, 0xF0, 0x3E,
                      0x51, 0x57, 0x08, 0x00, 0x00, 0x44, 0x9E, 0x7B, 0x9A, 0xEC, 0x34};
  const auto header = parse_quic_header(initial, 8);
  BOOST_REQUIRE(header.has_value());
  BOOST_TEST(header->is_long);
  BOOST_TEST(header->version == kVersion1);
  BOOST_TEST(copy(header->destination) == (Bytes{0x83, 0x94, 0xC8, 0xF0, 0x3E, 0x51, 0x57, 0x08}),
             boost::test_tools::per_element());
  BOOST_TEST(header->source.empty());
}

// The server's answer of appendix A.3.
BOOST_AUTO_TEST_CASE(reads_the_ID_that_the_server_of_the_specification_gives_out) {
  const Bytes answer{0xCF, 0x00, 0x00, 0x00, 0x01, 0x00, 0x08, 0xF0, 0x67, 0xA5,
                     0x50, 0x2A, 0x42, 0x62, 0xB5, 0x00, 0x40, 0x75, 0xC0, 0xD9};
  const auto header = parse_quic_header(answer, 8);
  BOOST_REQUIRE(header.has_value());
  BOOST_TEST(header->destination.empty());
  BOOST_TEST(copy(header->source) == (Bytes{0xF0, 0x67, 0xA5, 0x50, 0x2A, 0x42, 0x62, 0xB5}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(takes_the_ID_of_a_short_header_at_the_length_that_is_configured) {
  for (const std::size_t length : {0, 1, 8, 20}) {
    const Bytes id(length, 0x77);
    const Bytes datagram = short_datagram(id);
    const auto header = parse_quic_header(datagram, length);
    BOOST_REQUIRE(header.has_value());
    BOOST_TEST(!header->is_long);
    BOOST_TEST(copy(header->destination) == id, boost::test_tools::per_element());
    BOOST_TEST(header->source.empty());
  }
  BOOST_TEST(!parse_quic_header(Bytes{0x41, 1, 2, 3}, 4).has_value());
  BOOST_TEST(parse_quic_header(Bytes{0x41, 1, 2, 3, 4}, 4).has_value());
}

// RFC 8999: the version does not change where IDs are, and they may be longer than version 1 has
// them.
BOOST_AUTO_TEST_CASE(reads_unknown_versions_and_negotiations_too) {
  const Bytes longest(255, 0x55);
  const Bytes datagram = long_datagram(0xFACEB00C, longest, kOwn);
  const auto unknown = parse_quic_header(datagram, 8);
  BOOST_REQUIRE(unknown.has_value());
  BOOST_TEST(unknown->destination.size() == 255u);
  BOOST_TEST(copy(unknown->source) == kOwn, boost::test_tools::per_element());
  BOOST_TEST(!unknown->negotiates_version());
  BOOST_TEST(parse_quic_header(long_datagram(0, kTheirs, kOwn), 8)->negotiates_version());
}

BOOST_AUTO_TEST_CASE(does_not_look_at_bits_that_versions_use_as_they_like) {
  for (unsigned bits = 0; bits < 0x80; ++bits) {
    const auto flags = static_cast<std::uint8_t>(bits);
    const Bytes of_long_form =
        long_datagram(kVersion1, kTheirs, kOwn, static_cast<std::uint8_t>(0x80 | flags));
    const auto header = parse_quic_header(of_long_form, 8);
    BOOST_REQUIRE(header.has_value());
    BOOST_REQUIRE(copy(header->destination) == kTheirs);
    Bytes datagram = short_datagram(kTheirs);
    datagram[0] = flags;
    BOOST_REQUIRE(copy(parse_quic_header(datagram, 8)->destination) == kTheirs);
  }
}

BOOST_AUTO_TEST_CASE(refuses_every_datagram_that_ends_before_its_IDs_do) {
  const Bytes whole = long_datagram(kVersion1, kTheirs, kOwn);
  const std::size_t needed = 1 + 4 + 1 + kTheirs.size() + 1 + kOwn.size();
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    const auto header = parse_quic_header(std::span(whole).first(size), 8);
    BOOST_TEST(header.has_value() == (size >= needed));
  }
}

BOOST_AUTO_TEST_CASE(never_reads_beyond_a_datagram_of_any_bytes) {
  random::Stream random(1, "bytes");
  for (int trial = 0; trial < 20000; ++trial) {
    Bytes bytes(random.below(60));
    for (std::uint8_t& byte : bytes) {
      byte = static_cast<std::uint8_t>(random.chance(0.5) ? random.below(24) : random.next());
    }
    const auto header = parse_quic_header(bytes, random.below(21));
    if (!header) continue;
    for (const auto id : {header->destination, header->source}) {
      if (id.empty()) continue;
      BOOST_REQUIRE(id.data() >= bytes.data());
      BOOST_REQUIRE(id.data() + id.size() <= bytes.data() + bytes.size());
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::net
