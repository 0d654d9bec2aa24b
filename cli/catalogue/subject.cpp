#include "cli/catalogue/subject.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "cli/text/letter_case.hpp"
#include "scenarios/catalogue/search.hpp"
#include "scenarios/language/suggestion.hpp"

namespace elblab::cli {
namespace {

using catalogue::Area;
using catalogue::Catalogue;
using catalogue::Coverage;
using catalogue::Row;
using catalogue::RowKind;

// "1.8" or "10.5"; not "100.125.0.0/16", and not "499".
bool looks_like_question(const std::string& word) {
  const bool plain = word.find_first_not_of("0123456789.") == std::string::npos;
  return plain && word.find('.') != std::string::npos && word.front() != '.' && word.size() <= 8;
}

// "BW-7" and "BW07" too: letters, perhaps a hyphen, digits; but not "m2" or "X-Forwarded-For".
bool looks_like_row(const std::string& word) {
  const std::size_t digit = word.find_first_of("0123456789", 2);
  if (word.size() < 4 || word.size() > 12 || digit == std::string::npos) return false;
  if (std::isalpha(static_cast<unsigned char>(word[0])) == 0) return false;
  return word.find('-') != std::string::npos && word.find_first_of("./_") == std::string::npos;
}

// Rows of a name or of a range; case does not matter.
std::vector<const Row*> rows_named(const std::string& word, const Catalogue& catalogue) {
  if (const Row* row = catalogue.row(word)) return {row};
  const std::string name = upper(word);
  const auto mentions = catalogue::mentions_in(name);
  if (mentions.size() != 1 || mentions.front().length != name.size()) return {};
  return catalogue.rows_of(mentions.front());
}

// The area of a name, of a folder of scenarios, or of a family of rows ("BW").
std::string area_named(const std::string& word, const Coverage& coverage) {
  if (const Area* area = coverage.catalogue().area(word)) return area->name;
  for (const auto& scenario : coverage.scenarios()) {
    if (lower(scenario.area) == lower(word)) return scenario.area;
  }
  const std::string family = upper(word) + "-";
  for (const Row& row : coverage.catalogue().rows()) {
    if (row.id.starts_with(family)) return coverage.catalogue().areas()[row.area].name;
  }
  return {};
}

}  // namespace

std::string suggested_of(const std::string& word, const std::vector<std::string>& known) {
  const std::string near = language::nearest(word, known);
  return near.empty() ? std::string() : fmt::format("; did you mean '{}'?", near);
}

std::vector<const catalogue::Question*> questions_below(const std::string& number,
                                                        const Catalogue& catalogue) {
  std::vector<const catalogue::Question*> questions;
  for (const auto& question : catalogue.questions()) {
    if (question.number == number || question.number.starts_with(number + ".")) {
      questions.push_back(&question);
    }
  }
  return questions;
}

std::string suggested_row(const std::string& word, const Coverage& coverage) {
  std::vector<std::string> known;
  for (const Row& row : coverage.catalogue().rows()) known.push_back(row.id);
  for (const auto& scenario : coverage.scenarios()) known.push_back(scenario.id);
  return suggested_of(upper(word), known);
}

std::string suggested_question(const std::string& number, const Catalogue& catalogue) {
  std::vector<std::string> known;
  for (const auto& question : catalogue.questions()) known.push_back(question.number);
  return suggested_of(number, known);
}

std::string suggested_word(const std::string& word, const Coverage& coverage) {
  std::vector<std::string> known;
  for (const Area& area : coverage.catalogue().areas()) known.push_back(area.name);
  for (std::string& one : catalogue::vocabulary(coverage)) known.push_back(std::move(one));
  return suggested_of(lower(word), known);
}

Expected<Subject> subject_of(const std::string& word, const Coverage& coverage) {
  Subject subject;
  if (word.empty()) return subject;
  subject.rows = rows_named(word, coverage.catalogue());
  if (const auto* scenario = coverage.scenario(word)) {
    const bool is_case = subject.rows.size() == 1 && subject.rows[0]->kind == RowKind::test_case;
    if (!is_case) subject.scenario = {scenario};
  }
  if (subject.is_found()) return subject;
  if (looks_like_question(word)) {
    subject.questions = questions_below(word, coverage.catalogue());
    if (subject.questions.empty()) {
      return Error{
          fmt::format("no question {}{}", word, suggested_question(word, coverage.catalogue()))};
    }
    return subject;
  }
  subject.area = area_named(word, coverage);
  if (subject.area.empty() && looks_like_row(word)) {
    const std::string near = suggested_row(word, coverage);
    const auto id = catalogue::parse_row_id(upper(word));
    const bool has_family = id && coverage.catalogue().has_family_of(*id);
    if (has_family || !near.empty()) return Error{fmt::format("no row '{}'{}", word, near)};
  }
  return subject;
}

}  // namespace elblab::cli
