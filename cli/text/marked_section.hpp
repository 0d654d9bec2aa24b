// A part of a document that a command writes anew, between "<!-- NAME: begin -->" and
// "<!-- NAME: end -->", each on a line of its own.
#pragma once

#include <filesystem>
#include <string>

namespace elblab::cli {

// Writes `text` to `file`: between its markers if it is there and has them, else as the whole file.
// Empty, or why it could not.
std::string write_marked_section(const std::filesystem::path& file, const std::string& name,
                                 const std::string& text);

}  // namespace elblab::cli
