// Holds two traces of one scenario against each other: a simulated run against a live one, a run
// against its replay, two versions of the program.
//
// Four looks, from coarse to fine: expectations side by side, series with a distance, outcomes of
// connections, scheduler decisions; and the first point at which the two part. identical: equal
// digests. equivalent: every difference is within its bound. different: one is not.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/expectations/evaluate.hpp"
#include "analysis/trace/reader.hpp"
#include "scenarios/language/expectation.hpp"

namespace elblab::comparison {

enum class Agreement : std::uint8_t { identical, equivalent, different };

// How far two runs of different worlds may be apart. Shares, unless said otherwise.
struct Bounds {
  double figure = 0.05;     // of a figure, relative to the larger
  double figure_floor = 5;  // and this much absolutely, in the figure's own unit
  double series = 0.10;     // of a series' distance (see SeriesDifference)
  double outcomes = 0.02;   // of the connections, per outcome
  double decisions = 0.02;  // of a server's share of the connections
};

// One expectation on both traces.
struct ExpectationPair {
  expectations::Verdict a;
  expectations::Verdict b;
  double difference = 0;  // b - a, in the measure's unit
  double bound = 0;
  bool within = false;
};

// One series over time. distance: of a counter the largest gap between the two running sums,
// of a gauge the mean gap between the two levels; both as a share of the larger run's total or
// peak.
struct SeriesDifference {
  std::string measure;  // "time_wait(c1)"
  double total_or_peak_a = 0;
  double total_or_peak_b = 0;
  double distance = 0;
  double bound = 0;
  bool within = false;
  Instant widest_at;  // where the gap is largest
};

// Connections of one object and role that ended one way.
struct OutcomeDifference {
  std::string object;
  std::string role;
  std::string reason;
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  double bound = 0;  // in connections
  bool within = false;
};

// Connections that the scheduler gave to one server.
struct DecisionDifference {
  std::string server;  // "app/b1"
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  double share_a = 0;
  double share_b = 0;
  double bound = 0;
  bool within = false;
};

struct Comparison {
  std::string problem;  // why they cannot be compared (another scenario, incomplete); else empty
  Agreement agreement = Agreement::different;
  std::vector<ExpectationPair> expectations;
  std::vector<SeriesDifference> series;
  std::vector<OutcomeDifference> outcomes;
  std::vector<DecisionDifference> decisions;
  // A sentence: the earliest thing that differs (a sample, an event, a connection). Empty when
  // identical.
  std::string first_difference;
};

// expectations: those of the run (of both traces' scenario text); may be empty.
Comparison compare(const trace::Reader& a, const trace::Reader& b,
                   const std::vector<language::Expectation>& expectations, const Bounds& bounds);

}  // namespace elblab::comparison
