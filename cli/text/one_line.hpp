// Text of a file or a person as one line that is safe to show: what would end the line, move a
// terminal's cursor or is no UTF-8 is replaced.
#pragma once

#include <string>
#include <string_view>

namespace elblab::cli {

// Line breaks and tabs become one blank; other control characters (C0, DEL, C1) and bytes that are
// no UTF-8 become "?".
std::string one_line(std::string_view text);

}  // namespace elblab::cli
