// The option --tolerance of the commands that compare.
#pragma once

#include <string>

#include "models/contract/expected.hpp"

namespace elblab::cli {

// A share from 0 to 100 %, as a number from 0 to 1.
Expected<double> parse_tolerance(const std::string& text);

}  // namespace elblab::cli
