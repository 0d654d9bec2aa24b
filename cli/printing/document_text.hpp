// Blocks of a document as text for a terminal: the fifth writer beside those of
// analysis/reports/writers.hpp, the only one that knows colours and widths.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "analysis/reports/document.hpp"
#include "cli/text/terminal.hpp"

namespace elblab::cli {

// How many columns the small curves of a document for this terminal may take.
std::size_t small_curve_columns(const Terminal& terminal);

// Labels on the left, findings numbered, with their curves and what to ask next. trace_name: as the
// user gave it.
std::string document_text(const std::vector<reports::Block>& blocks, const std::string& trace_name,
                          const Terminal& terminal);

// A few indented lines, for the verdict on a run: findings with the curve that shows them best,
// their first evidence and the remedies. Empty when nothing is wrong.
std::string short_document_text(const std::vector<reports::Block>& blocks, std::size_t indent,
                                const Terminal& terminal);

}  // namespace elblab::cli
