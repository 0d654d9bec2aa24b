// The rows of a question as a CSV file.
#pragma once

#include <cstdint>

#include "analysis/trace/query.hpp"
#include "cli/traces/output_file.hpp"

namespace elblab::cli {

// Header and rows, until either side fails; gives the number of rows. The caller closes the file.
std::uint64_t write_rows(trace::Query& query, OutputFile& file);

}  // namespace elblab::cli
