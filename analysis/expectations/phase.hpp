// The samples of a series that belong to a phase of a run, and what a statistic makes of them.
//
// A sample at t speaks for the stretch of time since the sample before it (since the start of the
// run for the first): the increment of a counter happened there, and a gauge's level stands for
// it. So a sample belongs to the phase [from, to) when from < t <= to; a sample at the very start
// of the run belongs to a phase that begins there. Whole samples only: what a phase covers is the
// sum of their stretches, and a rate is divided by that.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "analysis/trace/reader.hpp"
#include "scenarios/language/expectation.hpp"

namespace elblab::expectations {

// A sample with the length of time it speaks for.
struct Stretch {
  Instant end;
  Duration length{};
  double value = 0;
};

// The phase's samples in the order of time, O(samples before `to`). Samples of one instant are one
// stretch: a counter's increments add up, of a gauge's levels the last counts.
std::vector<Stretch> read_phase(const trace::Reader& trace, const trace::SeriesInfo& series,
                                Instant from, Instant to);

// `phase` must not be empty. A counter's mean is a rate per second, a gauge's an average weighted
// by time.
double statistic_of(std::span<const Stretch> phase, language::Stat stat, trace::SeriesKind kind);

// The statistic of every run of `length` consecutive samples, the first first: phase.size() -
// length + 1 values, none when the phase is shorter. Precondition: length > 0. O(phase.size()).
std::vector<double> sliding_statistic(std::span<const Stretch> phase, std::size_t length,
                                      language::Stat stat, trace::SeriesKind kind);

}  // namespace elblab::expectations
