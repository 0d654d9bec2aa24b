// The exchanges themselves: their text, their generator, and the cases whose course on a kernel is
// written down, played on the host model in virtual time.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>

#include "tests/exchanges/exchange_comparison.hpp"
#include "tests/exchanges/exchange_generator.hpp"
#include "tests/exchanges/exchange_player.hpp"
#include "tests/golden/model_machine.hpp"

namespace elblab::exchanges {
namespace {

golden::Transcript play_on_model(const Exchange& exchange) {
  golden::ModelMachine machine(1);
  machine.set_sysctl("net.ipv4.tcp_rmem.max", 6291456);
  return ExchangePlayer(exchange, machine, 1).play();
}

std::vector<Exchange> cases() {
  std::ifstream file(ELBLAB_SOURCE_DIR "/tests/exchanges/cases.txt");
  std::ostringstream text;
  text << file.rdbuf();
  return parse_exchanges(text.str());
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_model_does_what_the_kernel_did) {
  const std::vector<Exchange> all = cases();
  BOOST_CHECK_GE(all.size(), 90U);
  for (const Exchange& exchange : all) {
    const golden::Transcript expected = golden::parse_transcript(exchange.expected);
    const Comparison comparison = compare(expected, play_on_model(exchange));
    BOOST_CHECK_MESSAGE(comparison.whole, exchange.name << "\n  kernel " << comparison.expected
                                                        << "\n  model  " << comparison.actual);
  }
}

BOOST_AUTO_TEST_CASE(the_text_of_an_exchange_is_read_as_it_was_written) {
  for (std::uint64_t i = 0; i < 50; ++i) {
    const std::string text = to_string(generate(3, i, Manners::harsh));
    BOOST_CHECK_EQUAL(text, to_string(parse_exchanges(text).at(0)));
  }
}

BOOST_AUTO_TEST_CASE(a_seed_gives_the_same_exchanges_and_the_model_does_the_same_in_them) {
  for (std::uint64_t i = 0; i < 100; ++i) {
    const Exchange first = generate(5, i, Manners::well_behaved);
    const Exchange second = generate(5, i, Manners::well_behaved);
    BOOST_REQUIRE_EQUAL(to_string(first), to_string(second));
    BOOST_CHECK(compare(play_on_model(first), play_on_model(second), Duration::zero()).whole);
  }
}

// Preconditions are assertions: whatever comes, none is broken.
BOOST_AUTO_TEST_CASE(no_exchange_breaks_the_model) {
  for (std::uint64_t i = 0; i < 1000; ++i) {
    BOOST_CHECK_NO_THROW(play_on_model(generate(7, i, Manners::harsh)));
  }
}

}  // namespace elblab::exchanges
