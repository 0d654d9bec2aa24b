// Where the IP packet lies in a frame: against frames written down by the link types' own
// definitions, and against what tshark dissects.
#include "pcap/link_layer.hpp"

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <sstream>

#include "models/net/packet_builder.hpp"
#include "pcap/tunnels.hpp"
#include "tests/pcap/capture_builder.hpp"

namespace elblab::pcap::test {
namespace {

namespace data = boost::unit_test::data;

Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Bytes ip_packet(bool v4, std::size_t payload = 1) {
  Bytes packet(2'000);
  net::IpFields ip;
  ip.source = v4 ? net::IpAddress::v4(10, 0, 0, 1) : *net::IpAddress::parse("2001:db8::1");
  ip.destination = v4 ? net::IpAddress::v4(10, 0, 0, 2) : *net::IpAddress::parse("2001:db8::2");
  packet.resize(net::build_udp(packet, ip, 1'000, 2'000, packet_of(payload, 1)));
  return packet;
}

Bytes ethernet(std::uint16_t type) {
  Bytes header(12, 0x02);
  return header + Bytes{static_cast<std::uint8_t>(type >> 8), static_cast<std::uint8_t>(type)};
}
Bytes tag(std::uint16_t next_type) {
  return {0x00, 0x2A, static_cast<std::uint8_t>(next_type >> 8),
          static_cast<std::uint8_t>(next_type)};
}
Bytes cooked(std::uint16_t type, std::uint16_t hardware = 1) {
  return Bytes{0, 0, static_cast<std::uint8_t>(hardware >> 8), static_cast<std::uint8_t>(hardware),
               0, 6} +
         Bytes(8, 0x02) +
         Bytes{static_cast<std::uint8_t>(type >> 8), static_cast<std::uint8_t>(type)};
}
Bytes cooked2(std::uint16_t type, std::uint16_t hardware = 1) {
  return Bytes{static_cast<std::uint8_t>(type >> 8),
               static_cast<std::uint8_t>(type),
               0,
               0,
               0,
               0,
               0,
               3,
               static_cast<std::uint8_t>(hardware >> 8),
               static_cast<std::uint8_t>(hardware),
               0,
               6} +
         Bytes(8, 0x02);
}

struct Link {
  const char* name;
  std::uint16_t type;
  Bytes v4_header;
  Bytes v6_header;
  std::uint8_t tags = 0;
};

std::ostream& operator<<(std::ostream& out, const Link& link) { return out << link.name; }

const std::vector<Link> kLinks{
    {"Ethernet", link_type::ethernet, ethernet(0x0800), ethernet(0x86DD)},
    {"802.1Q", link_type::ethernet, ethernet(0x8100) + tag(0x0800), ethernet(0x8100) + tag(0x86DD),
     1},
    {"802.1ad", link_type::ethernet, ethernet(0x88A8) + tag(0x8100) + tag(0x0800),
     ethernet(0x88A8) + tag(0x8100) + tag(0x86DD), 2},
    {"QinQ of old", link_type::ethernet, ethernet(0x9100) + tag(0x8100) + tag(0x0800),
     ethernet(0x9100) + tag(0x8100) + tag(0x86DD), 2},
    {"cooked", link_type::linux_sll, cooked(0x0800), cooked(0x86DD)},
    {"cooked, tagged", link_type::linux_sll, cooked(0x8100) + tag(0x0800),
     cooked(0x8100) + tag(0x86DD), 1},
    {"cooked v2", link_type::linux_sll2, cooked2(0x0800), cooked2(0x86DD)},
    {"cooked v2 of a tunnel", link_type::linux_sll2, cooked2(0x0800, 0xFFFE),
     cooked2(0x86DD, 0xFFFE)},
    {"raw", link_type::raw, {}, {}},
    {"raw of BSD", link_type::raw_bsd, {}, {}},
    {"loopback, little endian", link_type::null, {2, 0, 0, 0}, {30, 0, 0, 0}},
    {"loopback, big endian", link_type::null, {0, 0, 0, 2}, {0, 0, 0, 24}},
    {"OpenBSD loopback", link_type::loop, {0, 0, 0, 2}, {0, 0, 0, 24}},
    {"loopback of FreeBSD and Linux", link_type::null, {2, 0, 0, 0}, {28, 0, 0, 0}},
};

Bytes bytes_of(const Frame& frame) { return {frame.packet.begin(), frame.packet.end()}; }

}  // namespace

BOOST_AUTO_TEST_SUITE(link_layer)

BOOST_DATA_TEST_CASE(packet_lies_behind_the_link_header, data::make(kLinks), link) {
  for (const bool v4 : {true, false}) {
    const Bytes packet = ip_packet(v4);
    const Bytes framed = (v4 ? link.v4_header : link.v6_header) + packet;
    const Frame frame = open_frame(link.type, framed);
    BOOST_TEST(to_string(frame.content) == "IP");
    BOOST_TEST(bytes_of(frame) == packet);
    BOOST_TEST(frame.vlan_tags == link.tags);
  }
}

BOOST_DATA_TEST_CASE(padding_behind_the_packet_is_cut, data::make(kLinks), link) {
  for (const bool v4 : {true, false}) {
    const Bytes packet = ip_packet(v4);
    const Bytes padded = (v4 ? link.v4_header : link.v6_header) + packet + Bytes(17, 0xEE);
    BOOST_TEST(bytes_of(open_frame(link.type, padded)) == packet);
  }
}

BOOST_DATA_TEST_CASE(frame_cut_anywhere_gives_what_of_the_packet_is_there, data::make(kLinks),
                     link) {
  for (const bool v4 : {true, false}) {
    const Bytes& header = v4 ? link.v4_header : link.v6_header;
    const Bytes whole = header + ip_packet(v4, 20);
    for (std::size_t size = 0; size < whole.size(); ++size) {
      // A copy of exactly that size, so that the sanitizers see a read past its end.
      const Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
      const Frame frame = open_frame(link.type, cut);
      BOOST_REQUIRE_EQUAL(to_string(frame.content), size > header.size() ? "IP" : "cut short");
      BOOST_REQUIRE_EQUAL(frame.packet.size(), size > header.size() ? size - header.size() : 0);
    }
  }
}

BOOST_AUTO_TEST_CASE(single_family_raw_links_hold_their_family) {
  BOOST_TEST(bytes_of(open_frame(link_type::ipv4, ip_packet(true))) == ip_packet(true));
  BOOST_TEST(bytes_of(open_frame(link_type::ipv6, ip_packet(false))) == ip_packet(false));
}

BOOST_AUTO_TEST_CASE(other_protocols_are_not_ip) {
  const Bytes arp(28, 1);
  for (const Bytes& header : {ethernet(0x0806), ethernet(0x8100) + tag(0x0806), ethernet(0x002E)}) {
    BOOST_TEST(to_string(open_frame(link_type::ethernet, header + arp).content) == "not IP");
  }
  BOOST_TEST(to_string(open_frame(link_type::linux_sll, cooked(0x0806) + arp).content) == "not IP");
  BOOST_TEST(to_string(open_frame(link_type::linux_sll2, cooked2(0x0806) + arp).content) ==
             "not IP");
  BOOST_TEST(to_string(open_frame(link_type::null, Bytes{7, 0, 0, 0} + arp).content) == "not IP");
  BOOST_TEST(to_string(open_frame(link_type::raw, Bytes(20, 0x75)).content) == "not IP");
}

BOOST_AUTO_TEST_CASE(netlink_in_a_cooked_capture_is_not_ip) {
  BOOST_TEST(
      to_string(open_frame(link_type::linux_sll, cooked(0x0800, 824) + Bytes(40, 0x45)).content) ==
      "not IP");
  BOOST_TEST(to_string(open_frame(link_type::linux_sll2, cooked2(0x0800, 824) + Bytes(40, 0x45))
                           .content) == "not IP");
}

BOOST_AUTO_TEST_CASE(more_tags_than_anyone_stacks_are_not_ip) {
  Bytes frame = ethernet(0x8100);
  for (int i = 0; i < kMostVlanTags - 1; ++i) frame = frame + tag(0x8100);
  BOOST_TEST(
      to_string(open_frame(link_type::ethernet, frame + tag(0x0800) + ip_packet(true)).content) ==
      "IP");
  BOOST_TEST(
      to_string(open_frame(link_type::ethernet, frame + tag(0x8100) + tag(0x0800) + ip_packet(true))
                    .content) == "not IP");
}

BOOST_AUTO_TEST_CASE(total_length_of_zero_keeps_every_byte) {
  Bytes v4 = ip_packet(true, 1'900);
  v4[2] = v4[3] = 0;
  BOOST_TEST(bytes_of(open_frame(link_type::ethernet, ethernet(0x0800) + v4)) == v4);
  Bytes v6 = ip_packet(false, 1'900);
  v6[4] = v6[5] = 0;
  BOOST_TEST(bytes_of(open_frame(link_type::ethernet, ethernet(0x86DD) + v6)) == v6);
  v6[6] = 59;  // no next header: 40 bytes is all there is
  BOOST_TEST(open_frame(link_type::ethernet, ethernet(0x86DD) + v6).packet.size() == 40);
}

BOOST_AUTO_TEST_CASE(unknown_link_types_are_told) {
  BOOST_TEST(to_string(open_frame(147, Bytes(100)).content) == "unknown link type");
  BOOST_TEST(link_type_name(147) == "link type 147");
  BOOST_TEST(link_type_name(127) == "IEEE 802.11 with radiotap (link type 127)");
}

// RFC 1661, RFC 2516, RFC 3032, IEEE 802 SNAP, and the headers of NFLOG and PPI.
BOOST_AUTO_TEST_CASE(packets_are_found_behind_ppp_mpls_snap_nflog_and_ppi) {
  const Bytes packet = ip_packet(true);
  const Bytes session{0x11, 0x00, 0x00, 0x07, 0x00, 0x3F};
  const Bytes labels{0x00, 0x01, 0x00, 0x40, 0x00, 0x02, 0x01, 0x40};  // the second is the bottom
  const Bytes snap{0xAA, 0xAA, 0x03, 0, 0, 0, 0x08, 0x00};
  Bytes nflog{2, 0, 0, 0, 8, 0, 10, 0, 1, 2, 3, 4};  // a tag before the payload's
  const auto size = static_cast<std::uint8_t>(packet.size() + 4);
  nflog = nflog + Bytes{size, 0, 9, 0} + packet;
  const Bytes ppi = Bytes{0, 0, 8, 0, 1, 0, 0, 0} + ethernet(0x0800) + packet;
  const std::vector<std::pair<std::uint16_t, Bytes>> frames{
      {link_type::ppp, Bytes{0xFF, 0x03, 0x00, 0x21} + packet},
      {link_type::ppp, Bytes{0x21} + packet},
      {link_type::ethernet, ethernet(0x8864) + session + Bytes{0x00, 0x21} + packet},
      {link_type::ethernet, ethernet(0x8847) + labels + packet},
      {link_type::ethernet, ethernet(0x0030) + snap + packet},
      {link_type::nflog, nflog},
      {link_type::ppi, ppi}};
  for (const auto& [link, frame] : frames) {
    BOOST_TEST(bytes_of(open_frame(link, frame)) == packet, link_type_name(link));
    for (std::size_t cut = 0; cut < frame.size(); ++cut) {
      open_frame(link, Bytes(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(cut)));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_ip_is_told_by_its_ether_type) {
  BOOST_TEST(
      ether_type_name(open_frame(link_type::ethernet, ethernet(0x0806) + Bytes(30)).ether_type) ==
      "ARP");
  BOOST_TEST(ether_type_name(0x1234) == "EtherType 0x1234");
}

// RFC 2003, 2784, 7348, 8926, one in the other.
BOOST_AUTO_TEST_CASE(the_innermost_packet_of_tunnels_counts) {
  const Bytes packet = ip_packet(true, 30);
  const auto around = [](std::uint8_t protocol, const Bytes& inside) {
    Bytes outer{0x45, 0, 0, 0, 0, 1, 0, 0, 64, protocol, 0, 0, 10, 9, 9, 1, 10, 9, 9, 2};
    outer[2] = static_cast<std::uint8_t>((outer.size() + inside.size()) >> 8);
    outer[3] = static_cast<std::uint8_t>(outer.size() + inside.size());
    return outer + inside;
  };
  const auto udp = [&](std::uint16_t port, const Bytes& inside) {
    const std::size_t size = 8 + inside.size();
    return around(
        17, Bytes{0x30, 0x39, static_cast<std::uint8_t>(port >> 8), static_cast<std::uint8_t>(port),
                  static_cast<std::uint8_t>(size >> 8), static_cast<std::uint8_t>(size), 0, 0} +
                inside);
  };
  const Bytes frame = ethernet(0x0800) + packet;
  const std::vector<Bytes> tunnels{
      around(4, packet),
      around(47, Bytes{0, 0, 0x08, 0x00} + packet),
      around(47, Bytes{0x20, 0, 0x65, 0x58, 0, 0, 0, 9} + frame),
      udp(4789, Bytes{0x08, 0, 0, 0, 0, 0, 1, 0} + frame),
      udp(6081, Bytes{0x01, 0, 0x65, 0x58, 0, 0, 1, 0, 0, 0, 0, 0} + frame),
      around(4, udp(4789, Bytes{0x08, 0, 0, 0, 0, 0, 1, 0} + frame))};
  for (const Bytes& tunnel : tunnels) {
    const auto found = innermost_packet(tunnel);
    BOOST_TEST(Bytes(found.begin(), found.end()) == packet);
    for (std::size_t cut = 0; cut < tunnel.size(); ++cut) {
      innermost_packet(std::span(tunnel).first(cut));
    }
  }
  // A datagram of somebody else to such a port, and one without a tunnel.
  const Bytes other = udp(4789, Bytes(40, 0x77));
  BOOST_TEST(innermost_packet(other).size() == other.size());
  BOOST_TEST(innermost_packet(packet).size() == packet.size());
}

// tshark says where its IP layer begins by the length of the layers above it: compare the bytes.
BOOST_AUTO_TEST_CASE(tshark_finds_the_same_addresses_and_lengths,
                     *boost::unit_test::precondition([](auto) { return have_command("tshark"); })) {
  TemporaryFolder folder;
  for (const Link& link : kLinks) {
    if (link.type == link_type::raw_bsd) continue;
    CaptureBuilder capture({.link_type = link.type});
    for (std::size_t payload = 0; payload < 4; ++payload) {
      capture.add(1, 0, link.v4_header + ip_packet(true, payload) + Bytes(12));
      capture.add(1, 0, link.v6_header + ip_packet(false, payload) + Bytes(12));
    }
    write_file(folder / "x.pcap", capture.bytes());
    std::ostringstream expected;
    for (const ReadRecord& record : all_records(*open(folder / "x.pcap"))) {
      const Frame frame = open_frame(record.link_type, record.bytes);
      const bool v4 = frame.packet[0] == 0x45;
      expected << (v4 ? "10.0.0.1" : "") << '\t' << (v4 ? "" : "2001:db8::1") << '\t'
               << frame.packet.size() - (v4 ? 28 : 48) + 8 << '\n';
    }
    BOOST_TEST(output_of("tshark -r '" + (folder / "x.pcap").string() +
                         "' -T fields -e ip.src -e ipv6.src -e udp.length 2>/dev/null") ==
               expected.str());
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::pcap::test
