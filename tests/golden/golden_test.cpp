// Plays every row of the table of measured Linux behaviour on the host model, in virtual time, and
// compares with the transcript that the table prescribes.
#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <iostream>
#include <set>

#include "tests/golden/golden_case.hpp"
#include "tests/golden/model_machine.hpp"

namespace elblab::golden {

std::ostream& operator<<(std::ostream& out, const GoldenCase& golden_case) {
  return out << "row " << golden_case.row << ": " << golden_case.name;
}

namespace {

constexpr std::uint64_t kSeed = 1;

std::string text_of(const Transcript& transcript) {
  std::string text;
  for (const Line& line : transcript) text += to_string(line) + "\n";
  return text;
}

}  // namespace

BOOST_DATA_TEST_CASE(the_model_behaves_as_the_table_says,
                     boost::unit_test::data::make(golden_cases()), golden_case) {
  ModelMachine machine(kSeed);
  const Transcript actual = play(golden_case, machine);
  const std::string report =
      differences(parse_transcript(golden_case.expected), actual, golden_case.tolerance);
  BOOST_CHECK_MESSAGE(report.empty(), report << "transcript:\n" << text_of(actual));
}

BOOST_AUTO_TEST_CASE(a_case_gives_the_same_transcript_with_every_seed) {
  // What is random in a host (ports, initial sequence numbers) is normalised away.
  for (const GoldenCase& golden_case : golden_cases()) {
    const Transcript expected = parse_transcript(golden_case.expected);
    for (const std::uint64_t seed : {7ULL, 1234567ULL}) {
      ModelMachine machine(seed);
      const std::string report =
          differences(expected, play(golden_case, machine), golden_case.tolerance);
      BOOST_CHECK_MESSAGE(report.empty(), golden_case << ", seed " << seed << "\n" << report);
    }
  }
}

BOOST_AUTO_TEST_CASE(every_row_of_the_table_has_a_case) {
  std::set<int> rows;
  for (const GoldenCase& golden_case : golden_cases()) {
    rows.insert(std::stoi(std::string(golden_case.row)));
  }
  for (int row = 1; row <= 28; ++row) BOOST_CHECK_MESSAGE(rows.contains(row), "TCP row " << row);
  for (int row = 30; row <= 36; ++row) BOOST_CHECK_MESSAGE(rows.contains(row), "ICMP row " << row);
  for (int row = 40; row <= 42; ++row) {
    BOOST_CHECK_MESSAGE(rows.contains(row), "address row " << row);
  }
}

}  // namespace elblab::golden
