// What a run must show: a condition on a recorded measure.
//
//   - {measure: time_wait(c1), stat: max, within: [27950, 28232]}
//   - {measure: connected(c1), stat: mean, window: 60s, about: 470.5/s, tolerance: 5%}
//   - {measure: connected(c1), stat: mean, from: 60s, relative_to: symptom, about: 2, tolerance:
//   5%}
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/time/instant.hpp"

namespace elblab::language {

// name(object): the name of a recorded series and the object it belongs to ("balancer", a host, a
// workload, a server as "group/server"). docs/measures.md lists the names.
struct Measure {
  std::string name;
  std::string object;
  std::string to_string() const { return object.empty() ? name : name + "(" + object + ")"; }
};

enum class Stat : std::uint8_t {
  total,  // of a counter: sum over the phase
  mean,   // of a counter: rate per second; of a gauge: average over time
  max,
  min,
  last,
};

struct Expectation {
  Measure measure;
  Stat stat = Stat::total;
  Instant from = kStart;  // phase of the run that counts
  Instant to = kNever;
  std::optional<Duration> window;  // every sliding window of this length must satisfy it
  // Relative to the same measure and stat of another run of the scenario: the value compared is
  // this run's divided by that run's (same seed).
  std::string relative_to;
  // The condition: low <= value <= high, either end open.
  std::optional<double> low;
  std::optional<double> high;
  bool low_exclusive = false;
  bool high_exclusive = false;
  std::string expected_text;  // as a person reads it: "470.5 ± 5 %"
  std::string unit;           // "/s", "", "B"
  int line = 0;               // in the scenario file
};

// What the diagnosis of a run must come to.
//
//   - {diagnosis: client_ports}
//   - {diagnosis: [client_ports, packet_loss]}
//   - {diagnosis: none}
struct DiagnosisExpectation {
  // The most explaining causes, as many as are named here, in any order; empty: nothing is wrong.
  std::vector<std::string> causes;
  std::string expected_text;  // "client_ports and packet_loss"
  int line = 0;               // in the scenario file
};

}  // namespace elblab::language
