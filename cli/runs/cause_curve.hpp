// The curve that shows a cause, for texts.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "analysis/diagnosis/diagnosis.hpp"

namespace elblab::cli {

// "time_wait(c1)" -> its series; nullopt: there is none.
std::optional<trace::SeriesInfo> series_named(const trace::Reader& trace,
                                              const std::string& measure);

// One line: the level that shows a cause best, over the run; its counts where it has no level.
// Empty without columns.
std::string cause_curve(const diagnosis::Finding& finding, const trace::Reader& trace,
                        std::size_t columns);

}  // namespace elblab::cli
