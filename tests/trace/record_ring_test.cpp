// Nothing is lost, nothing changes places between the two threads.
#include "analysis/trace/record_ring.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <cstring>
#include <thread>
#include <vector>

namespace elblab::trace::test {
namespace {

using namespace std::chrono_literals;

struct Small {
  std::uint64_t number;
};
struct Large {
  std::uint64_t number;
  std::array<std::uint64_t, 20> filling;
};

std::vector<std::uint64_t> numbers_in(std::span<const std::byte> bytes) {
  std::vector<std::uint64_t> numbers;
  for (std::size_t at = 0; at < bytes.size();) {
    RecordHeader header;
    std::memcpy(&header, bytes.data() + at, sizeof header);
    if (header.tag != RecordTag::padding) {
      std::uint64_t number = 0;
      std::memcpy(&number, bytes.data() + at + sizeof header, sizeof number);
      numbers.push_back(number);
    }
    at += header.size_bytes;
  }
  return numbers;
}

BOOST_AUTO_TEST_SUITE(record_ring)

BOOST_AUTO_TEST_CASE(records_of_mixed_sizes_arrive_in_the_order_of_the_calls) {
  RecordRing ring;
  constexpr std::uint64_t kRecords = 2'000'000;  // the ring holds about a twentieth of them
  std::thread producer([&ring] {
    for (std::uint64_t i = 0; i < kRecords; ++i) {
      if (i % 3 == 0) {
        ring.push(RecordTag::connection, Large{i, {}});
      } else {
        ring.push(RecordTag::sample, Small{i});
      }
    }
    ring.close();
  });
  std::uint64_t next = 0;
  bool in_order = true;
  for (;;) {
    const auto taken = ring.take(1ms);
    if (taken.bytes.empty() && taken.closed) break;
    for (const std::uint64_t number : numbers_in(taken.bytes)) in_order &= number == next++;
    ring.release();
  }
  producer.join();
  BOOST_TEST(in_order);
  BOOST_TEST(next == kRecords);
}

BOOST_AUTO_TEST_CASE(a_chunk_that_is_not_full_can_be_taken) {
  RecordRing ring;
  ring.push(RecordTag::sample, Small{41});
  ring.push(RecordTag::sample, Small{42});
  const auto first = ring.take(0ms);
  BOOST_TEST((numbers_in(first.bytes) == std::vector<std::uint64_t>{41, 42}));
  BOOST_TEST(!first.closed);
  ring.release();
  BOOST_TEST(ring.take(0ms).bytes.empty());
  ring.push(RecordTag::sample, Small{43});
  ring.close();
  const auto last = ring.take(0ms);
  BOOST_TEST((numbers_in(last.bytes) == std::vector<std::uint64_t>{43}));
  ring.release();
  const auto end = ring.take(0ms);
  BOOST_TEST(end.bytes.empty());
  BOOST_TEST(end.closed);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::trace::test
