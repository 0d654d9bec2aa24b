// Are two traces of one (scenario, run, seed) the same? If not: where do they part?
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "analysis/trace/reader.hpp"

namespace elblab::cli {

// nullopt: equal digests. Otherwise the first thing that differs, as a sentence for a person:
// the earliest sample of a series, a count of events, the length of the run, or a table.
std::optional<std::string> difference(const trace::Reader& a, const trace::Reader& b);
// The same for files; a trace that cannot be opened is a difference too.
std::optional<std::string> difference(const std::filesystem::path& a,
                                      const std::filesystem::path& b);

}  // namespace elblab::cli
