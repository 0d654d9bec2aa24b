// Words as lines no wider than the terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace elblab::cli {

// `label` stands before the first line and its width in blanks before the others; words are parted
// at blanks. Every line ends with a line break; no words, no lines. A word wider than the room
// stands on a line of its own. `label` and `text` may hold escape sequences (columns_of).
std::string paragraph(std::string_view label, std::string_view text, std::size_t width);

}  // namespace elblab::cli
