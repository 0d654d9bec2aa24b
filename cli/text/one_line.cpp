#include "cli/text/one_line.hpp"

#include "analysis/export/safe_text.hpp"

namespace elblab::cli {

std::string one_line(std::string_view text) { return exports::safe_line(text); }

}  // namespace elblab::cli
