// How far two runs of different worlds may be apart, and for what reason. docs/agreement.md tells
// the same to a person.
#pragma once

#include <string_view>

#include "models/time/instant.hpp"

namespace elblab::comparison {

// Shares that scale with --tolerance; the rest does not.
struct Bounds {
  double figure = 0.05;     // of an expectation's figure, relative to the larger
  double series = 0.05;     // of a series' gap, relative to the larger total or peak
  double outcomes = 0.02;   // of the connections of one object and role
  double decisions = 0.02;  // of the decisions, per server

  // All of them as with a tolerance for figures of `figure`.
  static Bounds of_tolerance(double figure);
};

// What a measure is allowed beyond the common share.
struct Allowance {
  std::string_view measure;  // its name; empty: every other one
  // In the measure's own unit (counts, ms, B). A handful more or less proves nothing, and of a
  // series of 5 and 7 no share can be taken.
  double floor = 5;
  // Times the common share.
  double widened = 1;
  // Where chance decides the count in both worlds (which packets a lossy link loses), two counts
  // differ by sampling noise although nothing is different: how much one chance counts for. 0: it
  // is not decided by chance.
  double of_one_chance = 0;
  // Why it is not the common one; empty for that.
  std::string_view reason;
};
const Allowance& allowance_of(std::string_view measure);

// Why a figure of a host is shown and not judged where one run is live and the other is not; empty
// for what is judged.
//
// A kernel counts some of what it drops and tells of none: a SYN to a closed port, which it answers
// with a RST, is no drop to it, and is one to the model. What follows from a drop is judged
// (resets, retransmissions, listen_overflows, how connections end).
inline constexpr std::string_view kHostDropsUntold =
    "not judged: a kernel does not tell what it drops";
constexpr std::string_view untold_live(std::string_view measure, bool of_host) {
  return of_host && (measure == "dropped" || measure == "packet_dropped") ? kHostDropsUntold
                                                                          : std::string_view();
}

// Three standard deviations of the difference of two counts that chance decides (Poisson), each
// chance counting for `of_one_chance` (compound Poisson: the variance grows as much).
double sampling_noise(double a, double b, double of_one_chance = 1);

// The same for two counts of a measure: 0 where chance decides nothing. other_chances: the runs had
// different seeds, so that it decides every count.
double sampling_noise(const Allowance& allowance, double a, double b, bool other_chances);

// The bound for two figures of a measure, in its unit. per: what a count is divided by to give the figure, seconds
// for a rate; 1 for the count itself.
double bound_of(const Allowance& allowance, double share, double a, double b, bool other_chances,
                double per = 1);

}  // namespace elblab::comparison
