// Holds two traces of one scenario against each other: a simulated run against a live one, a run
// against its replay, two versions of the program.
//
// Four looks, from coarse to fine: expectations side by side, series with a distance, outcomes of
// connections, scheduler decisions; and the first point at which the two part. identical: equal
// digests. equivalent: every difference is within its bound. different: one is not.
//
// Time: linear in the rows of both traces, some seconds per million connections. Sources of the
// bounds: bounds.hpp; of the distances: distance.hpp. docs/agreement.md explains both.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/comparison/bounds.hpp"
#include "analysis/expectations/evaluate.hpp"
#include "analysis/trace/reader.hpp"
#include "models/contract/expected.hpp"
#include "scenarios/language/expectation.hpp"

namespace elblab::comparison {

enum class Agreement : std::uint8_t { identical, equivalent, different };
std::string_view to_string(Agreement agreement);

// One expectation on both traces. Within: the figures are close, and both hold or neither does.
struct ExpectationPair {
  expectations::Verdict a;
  expectations::Verdict b;
  // False for an expectation relative to another run, whose traces are not at hand: its figure is
  // compared, and neither side is judged.
  bool judged = true;
  double difference = 0;  // b - a, in the measure's unit; of windows the larger at either end
  double bound = 0;
  bool within = false;
};

// One series over time.
struct SeriesDifference {
  std::string measure;  // "time_wait(c1)"
  trace::SeriesKind kind = trace::SeriesKind::gauge;
  std::string unit;
  double a = 0;  // total of a counter, peak of a gauge
  double b = 0;
  double gap = 0;       // in the unit, see distance.hpp
  double bound = 0;     // likewise
  double distance = 0;  // the gap as a share of the larger of a and b, 0 … 1
  bool within = false;
  Instant widest_at = kStart;
  double widest_a = 0;  // there: the sum so far of a counter, the level of a gauge
  double widest_b = 0;
  Instant parts_at = kNever;  // the first moment beyond the bound
  std::string_view reason;    // why its bound is not the common one, or why it is not judged
  bool judged = true;         // else within, whatever the gap
  // "a" or "b" when the other trace does not have it; within only when nothing happened in it.
  std::string only_in;
};

// Connections of one object and role that ended one way; or events of a kind ("packet_dropped"),
// where `role` is the kind. The balancer's nodes count as one: which of them gets a connection
// depends on the client's port, and live clients get the kernel's ports.
struct OutcomeDifference {
  std::string object;
  std::string role;
  std::string reason;
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  double bound = 0;  // in connections or events
  bool within = false;
  std::string_view why_not_judged;  // then it is within, whatever the difference; else empty
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

// The servers in the order in which they were chosen. Told, not judged: which node of the balancer
// gets a connection, and so whose turn it is, depends on the client's port, and live clients take
// the kernel's ports.
struct DecisionOrder {
  std::uint64_t decisions_a = 0;
  std::uint64_t decisions_b = 0;
  std::uint64_t alike = 0;  // how many agree before the first that does not
  std::string next_a;       // that one; empty where there is none
  std::string next_b;
};

struct Comparison {
  // What differs in how the two came about and does not keep them from being compared: run, seed,
  // settings.
  std::vector<std::string> notes;
  Agreement agreement = Agreement::different;
  std::vector<ExpectationPair> expectations;
  std::vector<SeriesDifference> series;  // in the order of a's, then those only b has
  std::vector<OutcomeDifference> outcomes;
  std::vector<DecisionDifference> decisions;
  DecisionOrder order;
  // A sentence: the earliest thing that differs at all (a sample, an event, a connection). Empty
  // when identical, and between two worlds: of those every row differs, by its nanoseconds and by
  // the port that a kernel chose.
  std::string first_difference;
  // A sentence: the earliest moment at which a series is beyond its bound. Empty when none is.
  std::string parting;

  std::size_t beyond_bounds() const;  // how many of all the differences
};

// expectations: those of the run (of both traces' scenario text); may be empty. Fails for traces
// that cannot be compared: of two scenarios, incomplete or damaged.
Expected<Comparison> compare(const trace::Reader& a, const trace::Reader& b,
                             const std::vector<language::Expectation>& expectations,
                             const Bounds& bounds);

}  // namespace elblab::comparison
