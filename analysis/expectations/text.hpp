// Numbers and conditions as a person reads them in a verdict.
#pragma once

#include <cstdint>
#include <string>

#include "analysis/trace/reader.hpp"
#include "scenarios/language/expectation.hpp"

namespace elblab::expectations {

// 28232 -> "28,232", 470.42 -> "470.4", 2.0143 -> "2.01", 0.00912 -> "0.00912". Whole numbers
// stand without decimals; others with one decimal from 100 on (none from a million on), two from 1
// on, three significant digits below.
std::string number_text(double value);
std::string count_text(std::uint64_t count);
// A difference: "+3.2", "-3.2", "0".
std::string signed_text(double value);

// "/s" for a counter's mean, "B" or "ms" where a bare number would mislead, else "". The
// expectation's own unit goes first.
std::string unit_of(const language::Expectation& expectation, const trace::SeriesInfo& series);

// "470.4/s", "12.5 ms", "28,232"
std::string with_unit(const std::string& number, const std::string& unit);

// "60 s", "1.5 s"
std::string duration_text(Duration duration);

// "mean 470.4/s", "peak 28,232", "140,890" (a total); relative: "mean 2.01 × symptom".
// low and high differ from value only with a window: "mean 468.1 … 472.3/s in every 60 s".
std::string measured_text(const language::Expectation& expectation, const std::string& unit,
                          double low, double high);

// The expectation's own text if it has one, else from its bounds: "27,950 … 28,232", "0",
// "above 0", "at most 3/s".
std::string expected_text(const language::Expectation& expectation, const std::string& unit);

}  // namespace elblab::expectations
