// What a person means by a word of the command line: rows, a scenario, an area, questions, or words
// to look for.
#pragma once

#include <string>
#include <vector>

#include "models/contract/expected.hpp"
#include "scenarios/catalogue/coverage.hpp"

namespace elblab::cli {

// Exactly one of the lists is filled, but for a scenario that is called like a fact: then both are.
struct Subject {
  std::vector<const catalogue::Row*> rows;                // one, or a range
  std::vector<const catalogue::KnownScenario*> scenario;  // one that is no case of the catalogue
  std::vector<const catalogue::Question*> questions;      // one, or all that begin so: "10.5"
  std::string area;                                       // of the catalogue, or a folder

  bool is_found() const {
    return !rows.empty() || !scenario.empty() || !questions.empty() || !area.empty();
  }
};

// Not found: words to look for. Error: it is named like a row or a question, and there is none.
// Case does not matter.
Expected<Subject> subject_of(const std::string& word, const catalogue::Coverage& coverage);

// The questions with this number, or those below it ("10.5" has six). Empty: none.
std::vector<const catalogue::Question*> questions_below(const std::string& number,
                                                        const catalogue::Catalogue& catalogue);

// "; did you mean 'BW-07'?", or empty.
std::string suggested_row(const std::string& word, const catalogue::Coverage& coverage);
// The same for a number of a question, for any word of the catalogue, and for what is given.
std::string suggested_question(const std::string& number, const catalogue::Catalogue& catalogue);
std::string suggested_word(const std::string& word, const catalogue::Coverage& coverage);
std::string suggested_of(const std::string& word, const std::vector<std::string>& known);

}  // namespace elblab::cli
