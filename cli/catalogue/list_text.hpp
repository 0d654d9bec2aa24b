// What `elblab list` prints: scenarios, and the ways to them from questions, rows and words.
#pragma once

#include <string>
#include <vector>

#include "cli/text/terminal.hpp"
#include "scenarios/catalogue/search.hpp"

namespace elblab::cli {

class ListText {
 public:
  // Both must outlive this.
  ListText(const catalogue::Coverage& coverage, const Terminal& terminal)
      : coverage_(coverage), terminal_(terminal) {}

  // Every scenario, by area.
  std::string everything() const;
  // An area of the catalogue or a folder: its scenarios, and its cases that are not built yet.
  std::string area(const std::string& name) const;
  // A fact: who shows it and who will. A case: the scenario, or what is nearest to it.
  std::string row(const catalogue::Row& row) const;
  std::string scenario(const catalogue::KnownScenario& scenario) const;
  // One question with all there is to run for it; several in two lines each.
  std::string questions(const std::vector<const catalogue::Question*>& questions) const;
  // `all` false: at most some of each kind, and how many more there are.
  std::string matches(const catalogue::Matches& matches, bool all) const;

 private:
  std::string title_of(const std::string& area) const;
  std::string question(const catalogue::Question& question) const;
  std::string question_in_short(const catalogue::Question& question) const;
  std::string fact(const catalogue::Row& row) const;
  std::string test_case(const catalogue::Row& row) const;
  std::string section(std::string_view title) const;

  const catalogue::Coverage& coverage_;
  const Terminal& terminal_;
};

}  // namespace elblab::cli
