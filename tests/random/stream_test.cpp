// Random streams: against published reference values, for independence, and by chi-square with
// fixed seeds (so that a test cannot fail by chance).
#include "models/random/stream.hpp"

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <string>
#include <vector>

using elblab::random::splitmix64;
using elblab::random::Stream;

namespace {

// xoshiro256** written anew from its publication (Blackman and Vigna, 2018).
class Reference {
 public:
  explicit Reference(const std::array<std::uint64_t, 4>& state) : s_(state) {}
  std::uint64_t next() {
    const std::uint64_t times5 = s_[1] * 5;
    const std::uint64_t result = ((times5 << 7) | (times5 >> 57)) * 9;
    const std::uint64_t shifted = s_[1] << 17;
    s_[2] ^= s_[0];
    s_[3] ^= s_[1];
    s_[1] ^= s_[2];
    s_[0] ^= s_[3];
    s_[2] ^= shifted;
    s_[3] = (s_[3] << 45) | (s_[3] >> 19);
    return result;
  }

 private:
  std::array<std::uint64_t, 4> s_;
};

constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ULL;

std::uint64_t fnv1a(const std::string& text, std::uint64_t hash) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  return hash;
}

double chi_square(const std::vector<std::uint64_t>& counts, double expected) {
  double sum = 0;
  for (const auto n : counts) {
    const double d = static_cast<double>(n) - expected;
    sum += d * d / expected;
  }
  return sum;
}

// Far out in the tail: mean k, variance 2k, so 6 standard deviations above.
double chi_square_limit(std::size_t cells) {
  const double k = static_cast<double>(cells) - 1;
  return k + 6 * std::sqrt(2 * k);
}

}  // namespace

BOOST_AUTO_TEST_CASE(splitmix64_gives_the_published_values) {
  const std::uint64_t seed = 1234567;
  const std::uint64_t expected[] = {6457827717110365317ULL, 3203168211198807973ULL,
                                    9817491932198370423ULL, 4593380528125082431ULL,
                                    16408922859458223821ULL};
  for (std::uint64_t i = 0; i < 5; ++i) BOOST_TEST(splitmix64(seed + i * kGolden) == expected[i]);
}

BOOST_AUTO_TEST_CASE(a_stream_is_xoshiro256_seeded_as_documented) {
  Reference published({1, 2, 3, 4});
  for (const std::uint64_t value :
       {11520ULL, 0ULL, 1509978240ULL, 1215971899390074240ULL, 1216172134540287360ULL}) {
    BOOST_TEST(published.next() == value);
  }
  for (const std::uint64_t seed : {0ULL, 1ULL, 42ULL, ~0ULL}) {
    std::uint64_t origin = fnv1a("c1/ports", 0xCBF29CE484222325ULL ^ splitmix64(seed));
    std::array<std::uint64_t, 4> state;
    for (auto& word : state) word = splitmix64(origin += kGolden);
    Reference reference(state);
    Stream stream(seed, "c1/ports");
    for (int i = 0; i < 1000; ++i) BOOST_REQUIRE_EQUAL(stream.next(), reference.next());
  }
}

BOOST_AUTO_TEST_CASE(the_same_seed_and_name_give_the_same_numbers_and_others_do_not) {
  Stream a(1, "x");
  Stream b(1, "x");
  Stream other_seed(2, "x");
  Stream other_name(1, "y");
  int equal = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto value = a.next();
    BOOST_REQUIRE_EQUAL(value, b.next());
    equal += value == other_seed.next() ? 1 : 0;
    equal += value == other_name.next() ? 1 : 0;
  }
  BOOST_TEST(equal == 0);
}

BOOST_AUTO_TEST_CASE(a_child_is_the_stream_of_the_longer_name_whatever_the_parent_drew) {
  Stream parent(7, "a");
  Stream before = parent.child("x");
  for (int i = 0; i < 100; ++i) parent.next();
  Stream after = parent.child("x");
  Stream named(7, "a/x");
  for (int i = 0; i < 100; ++i) {
    const auto value = named.next();
    BOOST_REQUIRE_EQUAL(before.next(), value);
    BOOST_REQUIRE_EQUAL(after.next(), value);
  }
}

BOOST_AUTO_TEST_CASE(sibling_streams_are_not_correlated) {
  constexpr int kDraws = 100000;
  for (const char* name : {"b", "a/1", "a/2", "aa"}) {
    Stream one(1, "a");
    Stream two(1, name);
    double sum = 0;
    for (int i = 0; i < kDraws; ++i) sum += (one.uniform() - 0.5) * (two.uniform() - 0.5);
    // Each product has variance 1/144; the mean of n has deviation 1/(12 sqrt n).
    BOOST_TEST(std::abs(sum / kDraws) < 5 / (12 * std::sqrt(kDraws)));
  }
}

BOOST_AUTO_TEST_CASE(below_is_even_over_its_range_and_stays_in_it) {
  for (const std::uint64_t bound : {2ULL, 3ULL, 7ULL, 10ULL, 100ULL, 28232ULL}) {
    Stream stream(3, "below");
    std::vector<std::uint64_t> counts(bound);
    const std::uint64_t draws = 100 * bound + 100000;
    for (std::uint64_t i = 0; i < draws; ++i) {
      const auto value = stream.below(bound);
      BOOST_REQUIRE(value < bound);
      ++counts[value];
    }
    const double expected = static_cast<double>(draws) / static_cast<double>(bound);
    BOOST_TEST(chi_square(counts, expected) < chi_square_limit(counts.size()));
  }
}

// With the bound at 3/4 of 2^64 a method without rejection doubles the chance of a third of values.
BOOST_AUTO_TEST_CASE(below_has_no_bias_for_bounds_near_the_word_size) {
  Stream stream(4, "below/large");
  const std::uint64_t bound = 3ULL << 62;
  std::vector<std::uint64_t> thirds(3);
  constexpr int kDraws = 300000;
  std::uint64_t odd = 0;
  for (int i = 0; i < kDraws; ++i) {
    const auto value = stream.below(bound);
    BOOST_REQUIRE(value < bound);
    ++thirds[value >> 62];
    odd += value % 3 == 1 ? 1 : 0;
  }
  BOOST_TEST(chi_square(thirds, kDraws / 3.0) < chi_square_limit(3));
  BOOST_TEST(std::abs(static_cast<double>(odd) - kDraws / 3.0) < 5 * std::sqrt(kDraws * 2 / 9.0));
  BOOST_TEST(stream.below(0) == 0U);
  BOOST_TEST(stream.below(1) == 0U);
}

BOOST_AUTO_TEST_CASE(distributions_have_their_moments) {
  Stream stream(5, "moments");
  constexpr int kDraws = 400000;
  double uniform = 0;
  double exponential = 0;
  double exponential_squares = 0;
  double normal = 0;
  double normal_squares = 0;
  int hits = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double u = stream.uniform();
    BOOST_REQUIRE(u >= 0 && u < 1);
    uniform += u;
    const double e = stream.exponential(2);
    BOOST_REQUIRE(e >= 0 && std::isfinite(e));
    exponential += e;
    exponential_squares += e * e;
    const double n = stream.normal(10, 3);
    normal += n;
    normal_squares += (n - 10) * (n - 10);
    hits += stream.chance(0.2) ? 1 : 0;
  }
  const double n = kDraws;
  const double root = std::sqrt(n);
  BOOST_TEST(std::abs(uniform / n - 0.5) < 5 * 0.2887 / root);
  BOOST_TEST(std::abs(exponential / n - 2) < 5 * 2 / root);
  BOOST_TEST(std::abs(exponential_squares / n - 8) < 5 * 17.9 / root);
  BOOST_TEST(std::abs(normal / n - 10) < 5 * 3 / root);
  BOOST_TEST(std::abs(normal_squares / n - 9) < 5 * 12.8 / root);
  BOOST_TEST(std::abs(hits / n - 0.2) < 5 * 0.4 / root);
}
