// The first thing in which two traces differ at all, down to the nanosecond and the last bit.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "analysis/trace/reader.hpp"

namespace elblab::comparison {

// nullopt: equal digests. Otherwise what differs first, as a sentence for a person: the earliest in
// run time of a sample, an event or the end of a connection; failing those, a count, the length of
// the run, or the tables that differ. Reads both traces up to there.
std::optional<std::string> first_difference(const trace::Reader& a, const trace::Reader& b);
// The same for files; a trace that cannot be opened is a difference too.
std::optional<std::string> first_difference(const std::filesystem::path& a,
                                            const std::filesystem::path& b);

}  // namespace elblab::comparison
