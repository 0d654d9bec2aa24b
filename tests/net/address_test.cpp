// Addresses against the C library's inet_pton and inet_ntop, subnets against arithmetic.
#include "models/net/address.hpp"

#include <arpa/inet.h>

#include <boost/test/unit_test.hpp>

#include "models/random/stream.hpp"

using elblab::net::Endpoint;
using elblab::net::IpAddress;
using elblab::net::Subnet;
using elblab::random::Stream;

namespace {

IpAddress address(const char* text) { return IpAddress::parse(text).value(); }

// What the C library reads: 4-byte results in mapped form, nullopt where it refuses.
std::optional<IpAddress> library_parse(const std::string& text) {
  std::uint8_t bytes[16];
  if (inet_pton(AF_INET, text.c_str(), bytes) == 1) return IpAddress::from_v4_bytes(bytes);
  if (inet_pton(AF_INET6, text.c_str(), bytes) == 1) return IpAddress::from_v6_bytes(bytes);
  return std::nullopt;
}

std::string library_print(const IpAddress& a) {
  char text[INET6_ADDRSTRLEN];
  return inet_ntop(a.is_v4() ? AF_INET : AF_INET6, a.wire_bytes(), text, sizeof text);
}

// Random text from the characters of addresses, biased towards nearly valid ones.
std::string random_text(Stream& stream) {
  static constexpr std::string_view kAlphabet = "0123456789abcdefABCDEF::::....g%/ -";
  std::string text;
  const auto size = stream.below(20);
  for (std::uint64_t i = 0; i < size; ++i) text += kAlphabet[stream.below(kAlphabet.size())];
  return text;
}

IpAddress random_v6(Stream& stream) {
  std::uint8_t bytes[16];
  for (int i = 0; i < 16; i += 2) {  // half of the groups zero, so that runs of them occur
    const auto group = stream.chance(0.5) ? 0 : stream.below(65536);
    bytes[i] = static_cast<std::uint8_t>(group >> 8);
    bytes[i + 1] = static_cast<std::uint8_t>(group);
  }
  return IpAddress::from_v6_bytes(bytes);
}

std::string mutated(std::string text, Stream& stream) {
  static constexpr std::string_view kReplacements = "0:.f1";
  const auto at = stream.below(text.size());
  switch (stream.below(3)) {
    case 0:
      text.erase(at, 1);
      break;
    case 1:
      text.insert(at, 1, kReplacements[stream.below(kReplacements.size())]);
      break;
    default:
      text[at] = kReplacements[stream.below(kReplacements.size())];
      break;
  }
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(printing_agrees_with_inet_ntop_and_parses_back) {
  Stream stream(1, "address/print");
  for (int i = 0; i < 20000; ++i) {
    const IpAddress a =
        i % 2 == 0 ? random_v6(stream) : IpAddress::v4(static_cast<std::uint32_t>(stream.next()));
    BOOST_REQUIRE_EQUAL(a.to_string(), library_print(a));
    BOOST_REQUIRE(IpAddress::parse(a.to_string()) == a);
  }
}

BOOST_AUTO_TEST_CASE(parsing_accepts_exactly_what_inet_pton_accepts) {
  Stream stream(2, "address/parse");
  int accepted = 0;
  int refused = 0;
  for (int i = 0; i < 200000; ++i) {
    std::string text = i % 2 == 0 ? random_text(stream) : random_v6(stream).to_string();
    if (i % 4 == 3) text = IpAddress::v4(static_cast<std::uint32_t>(stream.next())).to_string();
    if (i % 2 == 1) text = mutated(text, stream);
    const auto expected = library_parse(text);
    (expected ? accepted : refused)++;
    BOOST_REQUIRE_MESSAGE(IpAddress::parse(text) == expected, "text: '" << text << "'");
  }
  BOOST_TEST(accepted > 10000);
  BOOST_TEST(refused > 10000);
}

BOOST_AUTO_TEST_CASE(parsing_edge_cases_agree_with_inet_pton) {
  for (const char* text : {"",
                           ":",
                           "::",
                           ":::",
                           "::1",
                           "1::",
                           "1:2:3:4:5:6:7:8",
                           "1:2:3:4:5:6:7::",
                           "::2:3:4:5:6:7:8",
                           "1::2:3:4:5:6:7:8",
                           "1:2:3:4:5:6:7:8:9",
                           "::1.2.3.4",
                           "1:2:3:4:5:6:1.2.3.4",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "1.2.3.4::",
                           "::1.2.3.4:5",
                           "::ffff:10.0.0.1",
                           "01.2.3.4",
                           "1.2.3.256",
                           "1.2.3",
                           "1.2.3.4.5",
                           "1..2.3",
                           "00.0.0.0",
                           "0.0.0.0",
                           "255.255.255.255",
                           "12345::",
                           "g::",
                           "fe80::1%eth0",
                           " 1.2.3.4",
                           "1.2.3.4 ",
                           "+1.2.3.4",
                           "1:2",
                           "1:2:"}) {
    BOOST_CHECK_MESSAGE(IpAddress::parse(text) == library_parse(text), text);
  }
  // A string view need not end in a zero byte, nor may it hold one.
  BOOST_CHECK(!IpAddress::parse(std::string_view("1.2.3.4\0", 8)));
}

BOOST_AUTO_TEST_CASE(order_is_the_order_of_the_bytes) {
  BOOST_CHECK(address("10.0.0.1") < address("10.0.0.2"));
  BOOST_CHECK(address("9.255.255.255") < address("10.0.0.0"));
  BOOST_CHECK(address("2001:db8::1") < address("2001:db8::2"));
  BOOST_CHECK(address("::") < address("0.0.0.0"));
}

BOOST_AUTO_TEST_CASE(kinds_of_addresses) {
  BOOST_CHECK(address("127.255.0.9").is_loopback() && address("::1").is_loopback());
  BOOST_CHECK(!address("128.0.0.1").is_loopback() && !address("::2").is_loopback());
  BOOST_CHECK(address("224.0.0.1").is_multicast() && address("239.255.255.255").is_multicast());
  BOOST_CHECK(address("ff02::1").is_multicast() && !address("fe80::1").is_multicast());
  BOOST_CHECK(!address("223.255.255.255").is_multicast() && !address("240.0.0.0").is_multicast());
  BOOST_CHECK(address("0.0.0.0").is_unspecified() && address("::").is_unspecified());
  BOOST_CHECK(address("0.0.0.0").is_v4() && !address("::").is_v4());
}

BOOST_AUTO_TEST_CASE(plus_counts_inside_the_familys_width) {
  BOOST_TEST(address("10.0.0.255").plus(1).to_string() == "10.0.1.0");
  BOOST_TEST(address("255.255.255.255").plus(2).to_string() == "0.0.0.1");
  BOOST_TEST(address("2001:db8::ffff:ffff:ffff:ffff").plus(1).to_string() == "2001:db8:0:1::");
  BOOST_TEST(address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff").plus(1).to_string() == "::");
}

BOOST_AUTO_TEST_CASE(a_subnet_contains_the_addresses_that_share_its_leading_bits) {
  Stream stream(3, "subnet");
  for (int i = 0; i < 20000; ++i) {
    const bool v4 = stream.chance(0.5);
    const unsigned width = v4 ? 32 : 128;
    const auto length = static_cast<unsigned>(stream.below(width + 1));
    const IpAddress a = v4 ? IpAddress::v4(static_cast<std::uint32_t>(stream.next()))
                           : address("2001:db8::").plus(stream.next());
    const Subnet subnet(a, length);
    BOOST_REQUIRE(subnet.contains(a));
    // Flip one bit: the subnet notices exactly if the bit is one of the leading ones.
    const auto bit = static_cast<unsigned>(stream.below(width));
    auto bytes = a.bytes();
    const unsigned position = bit + 128 - width;
    bytes[position / 8] = static_cast<std::uint8_t>(bytes[position / 8] ^ (0x80U >> position % 8));
    const IpAddress flipped = IpAddress::from_v6_bytes(bytes.data());
    BOOST_REQUIRE_EQUAL(subnet.contains(flipped), bit >= length);
    BOOST_REQUIRE(Subnet::parse(subnet.to_string()) == subnet);
  }
}

BOOST_AUTO_TEST_CASE(subnets_parse_print_and_have_sizes) {
  BOOST_TEST(Subnet::parse("10.0.1.77/24")->to_string() == "10.0.1.0/24");
  BOOST_TEST(Subnet::parse("10.0.1.77")->to_string() == "10.0.1.77/32");
  BOOST_TEST(Subnet::parse("2001:db8:1:2::5/64")->to_string() == "2001:db8:1:2::/64");
  BOOST_TEST(Subnet::parse("10.0.0.0/20")->size() == 4096U);
  BOOST_TEST(Subnet::parse("0.0.0.0/0")->size() == 4294967296U);
  BOOST_TEST(Subnet::parse("::/0")->size() == std::uint64_t{1} << 63);
  BOOST_TEST(Subnet::parse("2001:db8::1")->size() == 1U);
  BOOST_CHECK(!Subnet::parse("::/0")->contains(address("10.0.0.1")));
  BOOST_CHECK(!Subnet::parse("0.0.0.0/0")->contains(address("2001:db8::1")));
  for (const char* text : {"10.0.0.0/33", "10.0.0.0/", "/8", "10.0.0.0/-1", "10.0.0.0/ 8", "",
                           "2001:db8::/129", "10.0.0.0/8/8", "10.0.0.0/+8", "10.0.0/8"}) {
    BOOST_CHECK_MESSAGE(!Subnet::parse(text), text);
  }
}

BOOST_AUTO_TEST_CASE(endpoints_print_with_brackets_around_ipv6) {
  BOOST_TEST((Endpoint{address("10.0.0.1"), 80}.to_string()) == "10.0.0.1:80");
  BOOST_TEST((Endpoint{address("2001:db8::1"), 65535}.to_string()) == "[2001:db8::1]:65535");
}
