// Rows, questions and scenarios for programs.
#pragma once

#include <nlohmann/json.hpp>

#include "scenarios/catalogue/answers.hpp"
#include "scenarios/catalogue/search.hpp"

namespace elblab::cli {

using Json = nlohmann::ordered_json;

Json json_of(const catalogue::KnownScenario& scenario);
// id, kind, area, says; a fact with where it is implemented and what shows it, a case with what it
// is about and its scenario or null. Without sources the keys about code are null.
Json json_of(const catalogue::Row& row, const catalogue::Coverage& coverage);
Json json_of(const catalogue::Question& question, const catalogue::Coverage& coverage);
Json json_of(const catalogue::Matches& matches, const catalogue::Coverage& coverage);
Json json_of(const catalogue::Totals& totals, bool knows_sources);

// With a line end; bytes that are no UTF-8 are replaced.
std::string json_text(const Json& json);

}  // namespace elblab::cli
