// The pages of docs/catalogue: what the catalogue says, where the sources act on it, which
// scenarios show it.
#pragma once

#include <map>
#include <string>

#include "scenarios/catalogue/coverage.hpp"

namespace elblab::catalogue {

// File names in docs/catalogue and Markdown: README.md, one page for each area, questions.md.
// Links are relative, so they lead from docs/catalogue into the source tree. Equal input gives
// equal text; no line numbers, so that moving code within its file changes nothing.
std::map<std::string, std::string> pages(const Coverage& coverage);

}  // namespace elblab::catalogue
