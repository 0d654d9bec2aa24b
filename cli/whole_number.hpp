// What an option takes that counts something. (CLI11 reads -1 as the largest unsigned number, and
// its own check of the sign prints that number's 309 digits.)
#pragma once

#include <string>

namespace elblab::cli {

// A CLI11 validator: empty for digits, at most 18 of them; else the complaint.
std::string whole_number(const std::string& text);

}  // namespace elblab::cli
