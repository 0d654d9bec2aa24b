// Curves of recorded measures, at a resolution that a page can show.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/reports/document.hpp"
#include "analysis/trace/reader.hpp"
#include "scenarios/language/expectation.hpp"

namespace elblab::reports {

// "time_wait(c1)" -> its name and object; nullopt for anything else.
std::optional<language::Measure> parse_measure(const std::string& text);

// A gauge as it is, a counter as a rate per second, at most kMostPoints of them; longer runs show
// the mean of what each point stands for, between its lowest and highest. nullopt: no such series.
inline constexpr std::size_t kMostPoints = 360;
std::optional<Curve> curve_of(const trace::Reader& trace, const language::Measure& measure);
// "/s" after the unit of a counter.
std::string unit_of(const trace::Reader& trace, const language::Measure& measure);

}  // namespace elblab::reports
