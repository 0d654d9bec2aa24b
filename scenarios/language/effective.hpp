// One run of a scenario with every default spelled out, as a scenario file of its own.
#pragma once

#include <string>

#include "scenarios/language/document.hpp"

namespace elblab::language {

// `document` was completed by resolve(). Reading the result gives the same scenario again.
std::string effective_yaml(Document document, const std::string& run);

}  // namespace elblab::language
