// What tests of causes look at, and faults that several of them make.
#pragma once

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <string>
#include <vector>

#include "tests/diagnosis/made_trace.hpp"

namespace elblab::diagnosis::test {

inline std::vector<std::string> names(const std::vector<Finding>& findings) {
  std::vector<std::string> names;
  for (const Finding& finding : findings) names.push_back(finding.cause);
  return names;
}

inline std::vector<std::string> names(const std::vector<Symptom>& symptoms) {
  std::vector<std::string> names;
  for (const Symptom& symptom : symptoms) names.push_back(symptom.name);
  return names;
}

inline void check_found(const Diagnosis& diagnosis, const std::vector<std::string>& causes) {
  const auto found = names(diagnosis.found);
  std::string told = "found:";
  for (const std::string& name : found) told += " " + name;
  BOOST_TEST_CONTEXT(told) { BOOST_TEST(found == causes, boost::test_tools::per_element()); }
  for (const Finding& finding : diagnosis.ruled_out) BOOST_TEST(!finding.because.empty());
  for (const Finding& finding : diagnosis.not_observable) BOOST_TEST(!finding.because.empty());
}

inline bool is_ruled_out(const Diagnosis& diagnosis, const std::string& cause) {
  const auto ruled_out = names(diagnosis.ruled_out);
  return std::find(ruled_out.begin(), ruled_out.end(), cause) != ruled_out.end();
}

// Half of the requests fail from a second on, the other half is answered as ever.
inline void fail_half(MadeTrace& run, int from) {
  run.add("responses(load)", between(from, kSeconds + 1, -50));
  run.add("request_failures(load)", between(from, kSeconds + 1, 50));
}

// Connects that get no answer: SYNs are sent four more times, and given up after 5 s.
inline void leave_unanswered(MadeTrace& run, int from, double per_second) {
  run.add("failed(c1)", between(from + 5, kSeconds + 1, per_second));
  run.add("syn_retransmissions(c1)", between(from, kSeconds + 1, 4 * per_second));
  run.add("retransmissions(c1)", between(from, kSeconds + 1, 4 * per_second));
  run.add("connected(c1)", between(from, kSeconds + 1, -per_second));
  run.add("responses(load)", between(from, kSeconds + 1, -per_second));
  run.add("request_failures(load)", between(from + 5, kSeconds + 1, per_second));
  run.add("open(c1)", between(from, kSeconds + 1, 5 * per_second));
}

inline bool is_not_observable(const Diagnosis& diagnosis, const std::string& cause) {
  const auto untold = names(diagnosis.not_observable);
  return std::find(untold.begin(), untold.end(), cause) != untold.end();
}

// Why a cause is not found.
inline std::string because(const Diagnosis& diagnosis, const std::string& cause) {
  for (const auto* findings : {&diagnosis.ruled_out, &diagnosis.not_observable}) {
    for (const Finding& finding : *findings) {
      if (finding.cause == cause) return finding.because;
    }
  }
  return {};
}

// Every query of what was found can be asked.
inline std::size_t check_queries(MadeTrace& run) {
  std::size_t asked = 0;
  for (const Finding& finding : run.diagnose().found) {
    for (const Evidence& evidence : finding.evidence) {
      if (evidence.query.empty()) continue;
      ++asked;
      auto query = run.reader().query(evidence.query);
      BOOST_TEST_CONTEXT(evidence.query) {
        BOOST_TEST(query.next());
        BOOST_TEST(!query.problem());
      }
    }
  }
  return asked;
}

}  // namespace elblab::diagnosis::test
