// Finds questions, scenarios and rows by words that a user types.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/catalogue/coverage.hpp"

namespace elblab::catalogue {

struct Matches {
  std::vector<const Question*> questions;
  std::vector<const KnownScenario*> scenarios;  // by title and area, built cases by their sentence
  std::vector<const Row*> cases;                // not built yet
  std::vector<const Row*> facts;
  // Not every word was found together: these have most of them.
  bool is_partial = false;

  bool empty() const {
    return questions.empty() && scenarios.empty() && cases.empty() && facts.empty();
  }
};

// In the order of the catalogue and of the scenarios. A word matches words that it begins
// ("uneven" finds "unevenly"), and words of four letters or more that it is a longer form of
// ("timeouts" finds "timeout"). Words that say nothing ("why", "the") are left out unless there are
// no others. When nothing has all the words: what has most of them, at least half. O(text).
Matches find_words(const Coverage& coverage, std::string_view words);

// The words of a text in small letters: letters and digits, and what joins them: "keep-alive".
std::vector<std::string> words_of(std::string_view text);
// Each word once, in order of first use; for suggestions.
std::vector<std::string> vocabulary(const Coverage& coverage);

}  // namespace elblab::catalogue
