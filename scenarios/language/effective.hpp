// One run of a scenario with every default spelled out, as a scenario file of its own.
#pragma once

#include <string>

#include "scenarios/language/document.hpp"

namespace elblab::language {

// `document` was completed by resolve(). Reading the result gives the same scenario again; it has
// no live section, since one variant is spelled out.
std::string effective_yaml(Document document, const std::string& run, Variant variant);

}  // namespace elblab::language
