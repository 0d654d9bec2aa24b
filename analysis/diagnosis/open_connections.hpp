// Groups that share out open connections (weighted least connections, SCH-05): whether servers have
// like numbers of them is what such a group is judged by; new ones go to whoever has room.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/diagnosis/observations.hpp"

namespace elblab::diagnosis {

// The mean number open at each server over the columns in which somebody was there, where the
// group's algorithm was least connections all the time and there were enough of them to be shared
// out. nullopt: it is judged by new connections like every other. O(columns × servers).
std::optional<std::vector<double>> shared_out_open(const Observations& seen,
                                                   const std::string& group,
                                                   const std::vector<std::string>& servers);

}  // namespace elblab::diagnosis
