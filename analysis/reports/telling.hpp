// A diagnosis as content: told once, for pages, tickets and terminals alike.
#pragma once

#include <cstddef>
#include <vector>

#include "analysis/diagnosis/diagnosis.hpp"
#include "analysis/reports/document.hpp"

namespace elblab::reports {

// Symptoms, causes with their evidence and what helps, the verdict where the causes do not say it
// all, what was ruled out and what cannot be told. With a trace, its evidence has small curves of
// so many columns, at most two each. Symptoms are paragraphs with the label "seen", the verdict one
// with the label "verdict".
std::vector<Block> tell(const diagnosis::Diagnosis& diagnosis, const trace::Reader* trace = nullptr,
                        std::size_t curve_columns = 0);

}  // namespace elblab::reports
