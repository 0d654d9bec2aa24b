// Paths of the language, "groups.app.servers.b1": segments between dots.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace elblab::language {

using DottedPath = std::vector<std::string>;

// At least one segment; empty ones stay.
DottedPath segments_of(std::string_view path);
std::string joined(const DottedPath& path);

}  // namespace elblab::language
