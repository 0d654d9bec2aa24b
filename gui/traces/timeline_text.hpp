// A change or fault of a scenario in a few words: "b1 stops", "weight of app/b1: 5".
#pragma once

#include <string>

#include "scenarios/language/scenario.hpp"

namespace elblab::gui {

std::string text_of(const language::TimelineEntry& entry);

}  // namespace elblab::gui
