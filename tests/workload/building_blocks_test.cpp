// The parts that workloads are made of, each against an independent counterpart.
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <deque>
#include <map>
#include <vector>

#include "models/workload/arrivals.hpp"
#include "models/workload/delay_queue.hpp"
#include "models/workload/latency_histogram.hpp"
#include "models/workload/pattern.hpp"
#include "models/workload/request_header.hpp"
#include "models/workload/ring_queue.hpp"
#include "models/workload/socket_map.hpp"
#include "models/workload/timer_heap.hpp"

using namespace elblab;
using namespace elblab::workload;
using random::Stream;

BOOST_AUTO_TEST_CASE(a_request_header_reads_back_as_written) {
  Stream stream(1, "header");
  for (int i = 0; i < 1000; ++i) {
    RequestHeader header;
    header.flags = static_cast<std::uint16_t>(stream.below(8));
    header.number = static_cast<std::uint32_t>(stream.next());
    header.request_bytes = kRequestHeaderBytes + stream.below(1ULL << 40);
    header.response_bytes = stream.below(kLongestMessage + 1);
    header.delay = std::chrono::microseconds(stream.below(1ULL << 32));
    BOOST_REQUIRE(RequestHeader::read(header.write()) == header);
  }
}

BOOST_AUTO_TEST_CASE(what_a_request_header_cannot_hold_is_cut_down) {
  RequestHeader header;
  header.request_bytes = std::uint64_t{1} << 60;
  header.response_bytes = ~std::uint64_t{0};
  header.delay = std::chrono::hours(3);
  const auto read = RequestHeader::read(header.write());
  BOOST_REQUIRE(read);
  BOOST_TEST(read->request_bytes == kLongestMessage);
  BOOST_TEST(read->response_bytes == kLongestMessage);
  BOOST_CHECK(read->delay == kLongestDelay);
  header.delay = std::chrono::nanoseconds(1999);
  BOOST_CHECK(RequestHeader::read(header.write())->delay == std::chrono::microseconds(1));
  header.delay = std::chrono::nanoseconds(-5);
  BOOST_CHECK(RequestHeader::read(header.write())->delay == Duration{0});
}

BOOST_AUTO_TEST_CASE(what_is_no_request_header_is_refused) {
  RequestHeader header;
  const auto good = header.write();
  BOOST_REQUIRE(RequestHeader::read(good));
  for (std::size_t size = 0; size < good.size(); ++size) {
    BOOST_CHECK(!RequestHeader::read(std::span(good).first(size)));
  }
  auto wrong_magic = good;
  wrong_magic[1] ^= 1;
  BOOST_CHECK(!RequestHeader::read(wrong_magic));
  auto unknown_flag = good;
  unknown_flag[2] = 0x80;
  BOOST_CHECK(!RequestHeader::read(unknown_flag));
  header.request_bytes = kRequestHeaderBytes - 1;
  BOOST_CHECK(!RequestHeader::read(header.write()));
}

BOOST_AUTO_TEST_CASE(the_pattern_is_checked_at_every_offset_and_size) {
  Stream stream(2, "pattern");
  for (int i = 0; i < 300; ++i) {
    const std::uint64_t offset = i % 2 == 0 ? stream.below(1000) : stream.next() >> 1;
    std::vector<std::uint8_t> bytes(stream.below(i < 5 ? 300000 : 3000));
    for (std::size_t b = 0; b < bytes.size(); ++b) bytes[b] = host::pattern_byte(offset + b);
    BOOST_REQUIRE(matches_pattern(bytes, offset));
    if (bytes.empty()) continue;
    BOOST_REQUIRE(!matches_pattern(bytes, offset + 1 + stream.below(250)));
    bytes[stream.below(bytes.size())] ^= 1;
    BOOST_REQUIRE(!matches_pattern(bytes, offset));
  }
}

BOOST_AUTO_TEST_CASE(a_timer_heap_gives_what_a_stable_sort_by_due_gives) {
  Stream stream(9, "heap");
  TimerHeap<int> heap;
  std::multimap<Instant, int> reference;  // equal times in order of insertion
  for (int i = 0; i < 100000; ++i) {
    if (stream.chance(0.52) || reference.empty()) {
      const Instant due = kStart + Duration{static_cast<Duration::rep>(stream.below(500))};
      heap.set(due, i);
      reference.emplace(due, i);
    } else {
      BOOST_REQUIRE(heap.next_deadline() == reference.begin()->first);
      BOOST_REQUIRE(heap.take() == reference.begin()->second);
      reference.erase(reference.begin());
    }
    BOOST_REQUIRE(heap.size() == reference.size());
  }
}

BOOST_AUTO_TEST_CASE(a_ring_queue_behaves_as_a_deque) {
  Stream stream(3, "ring");
  RingQueue<int> ring;
  std::deque<int> reference;
  for (int i = 0; i < 100000; ++i) {
    if (stream.chance(0.52) || reference.empty()) {
      ring.push(i);
      reference.push_back(i);
    } else {
      BOOST_REQUIRE_EQUAL(ring.front(), reference.front());
      ring.pop();
      reference.pop_front();
    }
    BOOST_REQUIRE_EQUAL(ring.size(), reference.size());
    if (reference.empty()) continue;
    const auto at = stream.below(reference.size());
    BOOST_REQUIRE_EQUAL(ring[at], reference[at]);
  }
}

BOOST_AUTO_TEST_CASE(a_queue_that_was_long_gives_its_memory_back_once_it_is_empty) {
  RingQueue<int> ring;
  for (int i = 0; i < 100000; ++i) ring.push(i);
  BOOST_TEST(ring.memory_bytes() >= 100000 * sizeof(int));
  for (int i = 0; i < 100000; ++i) ring.pop();
  BOOST_TEST(ring.memory_bytes() == 0u);
  ring.push(7);
  BOOST_TEST(ring.front() == 7);
}

BOOST_AUTO_TEST_CASE(a_socket_map_behaves_as_a_map) {
  Stream stream(4, "map");
  SocketMap map;
  SlotPool<int> slots;
  std::map<host::SocketId, std::uint32_t> reference;
  for (std::uint32_t i = 0; i < 200000; ++i) {
    const host::SocketId socket = 1 + stream.below(3000);
    const auto known = reference.find(socket);
    if (stream.chance(0.5)) {
      if (known == reference.end()) {
        const std::uint32_t slot = slots.acquire().slot;
        reference.emplace(socket, slot);
        map.insert(socket, slot);
      }
    } else {
      if (known != reference.end()) {
        slots.release(known->second);
        reference.erase(known);
      }
      map.erase(socket);
    }
    const host::SocketId probe = stream.below(3002);
    const auto it = reference.find(probe);
    BOOST_REQUIRE_EQUAL(map.find(probe), it == reference.end() ? SocketMap::kNone : it->second);
    BOOST_REQUIRE_EQUAL(map.size(), reference.size());
  }
}

BOOST_AUTO_TEST_CASE(timers_of_released_or_renewed_slots_do_not_fire) {
  SlotPool<int> pool;
  DelayQueue timers(std::chrono::seconds(1));
  const SlotRef a = pool.acquire();
  const SlotRef b = pool.acquire();
  const SlotRef c = pool.acquire();
  timers.set(a, kStart);
  timers.set(b, kStart + std::chrono::milliseconds(1));
  timers.set(c, kStart + std::chrono::milliseconds(2));
  pool.release(a.slot);
  BOOST_TEST(pool.acquire().slot == a.slot);  // a new tenant
  pool.renew(b.slot);
  BOOST_CHECK(timers.next_deadline(pool) == kStart + std::chrono::milliseconds(1002));
  std::uint32_t slot = 99;
  BOOST_TEST(!timers.take_due(pool, kStart + std::chrono::milliseconds(1001), slot));
  BOOST_TEST(timers.take_due(pool, kStart + std::chrono::milliseconds(1002), slot));
  BOOST_TEST(slot == c.slot);
  BOOST_CHECK(timers.next_deadline(pool) == kNever);
}

BOOST_AUTO_TEST_CASE(a_delay_without_end_never_falls_due) {
  SlotPool<int> pool;
  DelayQueue timers(Duration::max());
  timers.set(pool.acquire(), kStart + std::chrono::hours(1));
  BOOST_CHECK(timers.next_deadline(pool) == kNever);
}

BOOST_AUTO_TEST_CASE(uniform_arrivals_are_evenly_spaced_without_drift) {
  ArrivalProcess arrivals(Arrivals::uniform, 3, Stream(1, "a"));
  const Instant begin = kStart + std::chrono::seconds(5);
  arrivals.start(begin, begin + std::chrono::hours(1));
  std::uint64_t count = 0;
  for (; arrivals.next() != kNever; arrivals.take(), ++count) {
    const auto expected =
        static_cast<std::int64_t>(std::llround(static_cast<double>(count) * 1e9 / 3));
    BOOST_REQUIRE_EQUAL((arrivals.next() - begin).count(), expected);
  }
  BOOST_TEST(count == 3U * 3600U);
  ArrivalProcess none(Arrivals::poisson, 0, Stream(1, "a"));
  none.start(kStart, kNever);
  BOOST_CHECK(none.next() == kNever);
}

// Over n gaps: their mean is 1/rate, their deviation equals their mean.
// 1000/s for 100 ms, nothing for 900 ms: 100 arrivals a second, all in its first tenth.
BOOST_AUTO_TEST_CASE(arrivals_in_bursts_keep_to_the_rate_while_on_and_pause_between) {
  for (const Arrivals kind : {Arrivals::uniform, Arrivals::poisson}) {
    ArrivalProcess arrivals(kind, 1000, Stream(6, "bursts"),
                            {std::chrono::milliseconds(100), std::chrono::milliseconds(900)});
    const Instant begin = kStart + std::chrono::milliseconds(250);
    arrivals.start(begin, begin + std::chrono::seconds(100));
    int count = 0;
    Instant last = begin;
    for (; arrivals.next() != kNever; arrivals.take(), ++count) {
      BOOST_REQUIRE((arrivals.next() >= last));
      last = arrivals.next();
      BOOST_REQUIRE(((last - begin) % std::chrono::seconds(1) < std::chrono::milliseconds(100)));
    }
    // 10,000 in 10 s on; of a Poisson process give or take 4 standard deviations.
    BOOST_TEST(std::abs(count - 10'000) <= (kind == Arrivals::uniform ? 0 : 400));
  }
}

BOOST_AUTO_TEST_CASE(poisson_arrivals_have_exponential_gaps) {
  ArrivalProcess arrivals(Arrivals::poisson, 1000, Stream(5, "poisson"));
  arrivals.start(kStart, kNever);
  constexpr int kGaps = 100000;
  double sum = 0;
  double squares = 0;
  Instant last = kStart;
  for (int i = 0; i < kGaps; ++i, arrivals.take()) {
    const double gap = to_seconds(arrivals.next() - last);
    BOOST_REQUIRE(gap >= 0);
    last = arrivals.next();
    sum += gap;
    squares += gap * gap;
  }
  BOOST_TEST(std::abs(sum / kGaps - 1e-3) < 5e-3 / std::sqrt(kGaps));
  BOOST_TEST(std::abs(squares / kGaps - 2e-6) < 5 * 4.5e-6 / std::sqrt(kGaps));
}

BOOST_AUTO_TEST_CASE(quantiles_lie_within_a_sixteenth_above_the_sorted_ones_and_merge) {
  Stream stream(6, "histogram");
  LatencyHistogram whole;
  LatencyHistogram parts[2];
  std::vector<std::int64_t> sorted;
  for (int i = 0; i < 20000; ++i) {
    const auto ns = static_cast<std::int64_t>(std::exp(stream.uniform() * 40));
    sorted.push_back(ns);
    whole.add(Duration{ns});
    parts[i % 2].add(Duration{ns});
  }
  std::sort(sorted.begin(), sorted.end());
  parts[0].merge(parts[1]);
  BOOST_TEST(parts[0].count() == sorted.size());
  for (const double q : {0.0001, 0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(q * 20000));
    const auto exact = static_cast<double>(sorted[rank - 1]);
    const auto found = static_cast<double>(whole.quantile(q).count());
    BOOST_TEST(found >= exact);
    BOOST_TEST(found <= exact * (1 + 1.0 / 16) + 1);
    BOOST_CHECK(parts[0].quantile(q) == whole.quantile(q));
  }
  LatencyHistogram extreme;
  extreme.add(Duration::max());
  extreme.add(Duration{-5});
  BOOST_CHECK(extreme.quantile(1) == Duration::max());
  BOOST_CHECK(extreme.quantile(0) == Duration{0});
  BOOST_CHECK(LatencyHistogram{}.quantile(0.5) == Duration{0});
}
