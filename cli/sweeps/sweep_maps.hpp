// The table of a sweep as blocks of a report: over two axes a map of each measure, over one a
// table, over more a map for every combination of the others.
#pragma once

#include <string>
#include <vector>

#include "analysis/reports/document.hpp"
#include "cli/sweeps/sweep_table.hpp"

namespace elblab::cli {

// What was run, in one line: "UHC-15 quick: 64 cells × 3 seeds".
std::string title_of(const SweepTable& table);

// Of several seeds a cell shows the mean. O(cells × seeds × measures).
std::vector<reports::Block> map_blocks(const SweepTable& table);

// A page of one table or several.
reports::Document sweep_document(const std::vector<SweepTable>& tables);

}  // namespace elblab::cli
