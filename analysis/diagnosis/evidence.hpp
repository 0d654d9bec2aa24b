// What the evidence of every cause is made of: figures as text, the stretch of time something
// lasted, the SQL that gives a figure, a handful of connections.
#pragma once

#include <string>
#include <vector>

#include "analysis/diagnosis/cause.hpp"

namespace elblab::diagnosis {

// "28,232"; rounded to a whole number.
std::string count_text(double count);
// "4 %", "0.3 %", "100 %"
std::string percent_text(double share);
// "30.0 s"
std::string time_text(Instant when);
// "a", "a and b", "a, b and 3 more"
std::string list_text(const std::vector<std::string>& names);

// From the beginning of the first column that is not zero to the end of the last; from == to: none.
struct Span {
  Instant from = kStart;
  Instant to = kStart;
};
Span span_of(const Curve& curve, const Grid& grid);

std::string measure_text(std::string_view measure, const std::string& object);
// SELECT sum / max … over the samples of a measure.
std::string sum_query(const std::string& measure);
std::string max_query(const std::string& measure);

// The hosts (or other objects) whose counter is not zero, those with the largest sum first.
struct Share {
  std::string object;
  double amount = 0;
};
std::vector<Share> shares_of(const Observations& seen, std::string_view measure,
                             MeasureScope scope);
std::vector<std::string> names_of(const std::vector<Share>& shares);

// Ids of up to five such connections.
std::vector<std::uint64_t> some_connections(const Observations& seen,
                                            const ConnectionFilter& filter);

// Of clients whose connections were given up, or ended without an answer, from then on.
std::vector<std::uint64_t> some_given_up(const Observations& seen, Instant from);

// A level is seen at its samples only. What fills and empties between two of them is not seen, and
// not ruled out: true where answers stayed unexplained that were late by less than a sample
// interval, and something that was fully used for `share` of an interval may have held them up.
bool may_hide_between_samples(const Case& run, double share);

// The finding of a cause that was looked at and is none, and of one that cannot be seen.
Finding ruled_out(Finding finding, std::string because);
Finding not_observable(Finding finding, std::string because);

}  // namespace elblab::diagnosis
