// TCP options: the bytes Linux writes, the walk over anything at all.
#include "models/net/tcp_options.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/net/reference.hpp"

using namespace elblab::net;
using elblab::random::Stream;
using reference::Bytes;

namespace {

Bytes written(const TcpOptions& options) {
  Bytes out(40, 0xCC);
  out.resize(options.write(out));
  return out;
}

TcpOptions random_options(Stream& stream) {
  TcpOptions options;
  if (stream.chance(0.5)) options.mss = static_cast<std::uint16_t>(stream.next());
  if (stream.chance(0.5)) options.window_scale = static_cast<std::uint8_t>(stream.below(15));
  options.sack_permitted = stream.chance(0.5);
  if (stream.chance(0.5)) {
    options.timestamps = TcpTimestamps{static_cast<std::uint32_t>(stream.next()),
                                       static_cast<std::uint32_t>(stream.next())};
  }
  options.sack_count = static_cast<std::uint8_t>(stream.below(5));
  for (unsigned i = 0; i < options.sack_count; ++i) {
    options.sack[i] = {static_cast<std::uint32_t>(stream.next()),
                       static_cast<std::uint32_t>(stream.next())};
  }
  return options;
}

}  // namespace

// Layouts as a Linux host's tcp_options_write() lays them out, in the bytes seen on the wire.
BOOST_AUTO_TEST_CASE(options_are_laid_out_as_linux_does) {
  TcpOptions syn;
  syn.mss = 1460;
  syn.sack_permitted = true;
  syn.timestamps = TcpTimestamps{0x11223344, 0};
  syn.window_scale = 7;
  const Bytes all{2, 4, 0x05, 0xB4, 4, 2, 8, 10, 0x11, 0x22, 0x33, 0x44, 0, 0, 0, 0, 1, 3, 3, 7};
  BOOST_CHECK(written(syn) == all);  // 20 + 20: the 40-byte header of linux-host.md row 28

  TcpOptions no_timestamps = syn;
  no_timestamps.timestamps.reset();
  BOOST_CHECK(written(no_timestamps) == (Bytes{2, 4, 0x05, 0xB4, 1, 1, 4, 2, 1, 3, 3, 7}));

  TcpOptions no_sack = syn;
  no_sack.sack_permitted = false;
  BOOST_CHECK(written(no_sack) == (Bytes{2,    4,    0x05, 0xB4, 1, 1, 8, 10, 0x11, 0x22,
                                         0x33, 0x44, 0,    0,    0, 0, 1, 3,  3,    7}));

  TcpOptions data;
  data.timestamps = TcpTimestamps{1, 2};
  BOOST_CHECK(written(data) == (Bytes{1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2}));

  data.sack_count = 1;
  data.sack[0] = {3, 4};
  BOOST_CHECK(written(data) == (Bytes{1, 1, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2,  //
                                      1, 1, 5, 10, 0, 0, 0, 3, 0, 0, 0, 4}));
  BOOST_CHECK(written(TcpOptions{}).empty());
}

BOOST_AUTO_TEST_CASE(what_is_written_reads_back_and_never_exceeds_forty_bytes) {
  Stream stream(1, "options/round");
  for (int i = 0; i < 20000; ++i) {
    const TcpOptions options = random_options(stream);
    const Bytes bytes = written(options);
    BOOST_REQUIRE(bytes.size() <= 40);
    BOOST_REQUIRE_EQUAL(bytes.size() % 4, 0U);
    const TcpOptions read = TcpOptions::parse(bytes);
    BOOST_REQUIRE(!read.malformed);
    BOOST_REQUIRE(read.mss == options.mss);
    BOOST_REQUIRE(read.window_scale == options.window_scale);
    BOOST_REQUIRE_EQUAL(read.sack_permitted, options.sack_permitted);
    BOOST_REQUIRE(read.timestamps == options.timestamps);
    // As many blocks as fit behind the others: 3 beside timestamps (RFC 2018 §3).
    const std::size_t others = (options.mss ? 4U : 0U) + (options.window_scale ? 4U : 0U) +
                               (options.timestamps ? 12U : 0U) +
                               (options.sack_permitted && !options.timestamps ? 4U : 0U);
    const std::size_t fit = std::min<std::size_t>(options.sack_count, (40 - others - 4) / 8);
    BOOST_REQUIRE_EQUAL(read.sack_count, fit);
    for (std::size_t b = 0; b < fit; ++b) BOOST_REQUIRE(read.sack[b] == options.sack[b]);
  }
}

BOOST_AUTO_TEST_CASE(the_walk_ends_for_any_bytes_and_stays_inside) {
  Stream stream(2, "options/any");
  int malformed = 0;
  for (int i = 0; i < 200000; ++i) {
    Bytes bytes = reference::random_bytes(stream, stream.below(41));
    for (auto& byte : bytes) {
      if (stream.chance(0.6)) byte = static_cast<std::uint8_t>(stream.below(11));
    }
    bytes.shrink_to_fit();
    std::size_t visited = 0;
    const bool whole =
        walk_tcp_options(bytes, [&](std::uint8_t, std::span<const std::uint8_t> value) {
          BOOST_REQUIRE(value.data() >= bytes.data());
          BOOST_REQUIRE(value.data() + value.size() <= bytes.data() + bytes.size());
          ++visited;
        });
    BOOST_REQUIRE(visited <= bytes.size() / 2);
    const TcpOptions options = TcpOptions::parse(bytes);
    BOOST_REQUIRE_EQUAL(options.malformed, !whole);
    BOOST_REQUIRE(options.sack_count <= 4);
    if (options.window_scale) BOOST_REQUIRE(*options.window_scale <= 14);
    malformed += options.malformed ? 1 : 0;
  }
  BOOST_TEST(malformed > 1000);
}

BOOST_AUTO_TEST_CASE(a_bad_length_ends_the_walk_but_keeps_what_was_read) {
  const TcpOptions zero = TcpOptions::parse(Bytes{2, 4, 5, 0xB4, 254, 0, 1, 1});  // row 25
  BOOST_CHECK(zero.malformed && zero.mss == 1460);
  const TcpOptions past = TcpOptions::parse(Bytes{3, 3, 9, 8, 10, 0, 0, 0});
  BOOST_CHECK(past.malformed && past.window_scale == 9 && !past.timestamps);
  const TcpOptions lonely_kind = TcpOptions::parse(Bytes{1, 1, 1, 2});
  BOOST_CHECK(lonely_kind.malformed && !lonely_kind.mss);
}

BOOST_AUTO_TEST_CASE(unknown_kinds_are_stepped_over_and_the_end_option_ends) {
  const TcpOptions toa =
      TcpOptions::parse(Bytes{254, 8, 0x30, 0x39, 10, 0, 0, 1, 2, 4, 5, 0xB4});  // row 24
  BOOST_CHECK(!toa.malformed && toa.mss == 1460);
  const TcpOptions ended = TcpOptions::parse(Bytes{0, 2, 4, 5});
  BOOST_CHECK(!ended.malformed && !ended.mss);
  // A known kind of a wrong size is stepped over; a window scale above 14 reads as 14 (RFC 7323).
  const TcpOptions sizes = TcpOptions::parse(Bytes{2, 3, 5, 3, 3, 200, 4, 3, 0, 5, 5, 0, 0, 0});
  BOOST_CHECK(!sizes.malformed && !sizes.mss && !sizes.sack_permitted && sizes.sack_count == 0);
  BOOST_CHECK(sizes.window_scale == 14);
}
