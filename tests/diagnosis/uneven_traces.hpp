// Made traces with uneven traffic, and what is found in them.
#pragma once

#include <boost/test/unit_test.hpp>
#include <string>

#include "tests/diagnosis/checks.hpp"
#include "tests/diagnosis/made_trace.hpp"

namespace elblab::diagnosis::test {

inline const Finding& of(const Diagnosis& diagnosis, const std::string& cause) {
  for (const Finding& finding : diagnosis.found) {
    if (finding.cause == cause) return finding;
  }
  BOOST_FAIL("not found: " << cause);
  return diagnosis.found.front();
}

inline MadeTrace with_shares(double of_b1, double of_b2) {
  MadeTrace run;
  run.set("scheduled(app/b1)", of_b1).set("scheduled(app/b2)", of_b2);
  run.set("served(b1)", of_b1).set("served(b2)", of_b2);
  return run;
}

inline MadeTrace::Sessions meeting(int client, const std::string& server, int per_second) {
  MadeTrace::Sessions sessions;
  sessions.client = static_cast<std::uint8_t>(client);
  sessions.server = server;
  sessions.per_second = per_second;
  return sessions;
}

// b2 is there from second 60 on: 100 connections per second go to b1 before, and half of them
// after.
inline MadeTrace joined_later() {
  MadeTrace run;
  const auto shared = [](int second) { return second > 60 ? 50.0 : 100.0; };
  run.set("scheduled(app/b1)", shared).set("served(b1)", shared);
  run.set("scheduled(app/b2)", between(61, kSeconds + 1, 50));
  run.set("served(b2)", between(61, kSeconds + 1, 50));
  run.set("weight(app/b2)", between(61, kSeconds + 1, 1));
  return run;
}

}  // namespace elblab::diagnosis::test
