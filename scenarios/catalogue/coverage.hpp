// What is built of the catalogue: rows, the sources that cite them, the scenarios that show them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/catalogue/citations.hpp"

namespace elblab::catalogue {

// What is asked of a scenario file.
struct KnownScenario {
  std::string id;
  std::string title;
  std::string area;                    // of its folder
  std::vector<std::string> exercises;  // as written: "BW-07", "SCH-15e"
  bool runs_live = false;
  std::string file;
};

struct RowCoverage {
  // A case: the scenario of that name. Not owned.
  const KnownScenario* scenario = nullptr;
  // ... and of the rows that the case is about those that this scenario does not exercise.
  std::vector<const Row*> left_out;
  // A fact: the scenarios that exercise it, and the cases that will.
  std::vector<const KnownScenario*> shown_by;
  std::vector<const Row*> planned;
  // Files from the top of the source tree, sorted, each once.
  std::vector<std::string> implemented_in;
  std::vector<std::string> only_set_in;  // empty where it is implemented
  std::vector<std::string> tested_in;
  // Questions that name the case.
  std::vector<const Question*> asked_in;
};

struct Totals {
  std::size_t cases = 0;
  std::size_t built = 0;    // cases, in full
  std::size_t in_part = 0;  // cases whose scenario leaves something out
  std::size_t facts = 0;
  std::size_t implemented = 0;
  std::size_t shown = 0;
  std::size_t neither = 0;

  Totals& operator+=(const Totals& other);
};

class Coverage {
 public:
  // All three are kept by reference and must outlive this. `citations` nullptr: no sources at hand,
  // nothing counts as implemented.
  Coverage(const Catalogue& catalogue, const std::vector<KnownScenario>& scenarios,
           const Citations* citations);

  const Catalogue& catalogue() const { return catalogue_; }
  const std::vector<KnownScenario>& scenarios() const { return scenarios_; }
  bool knows_sources() const { return knows_sources_; }

  const RowCoverage& of(const Row& row) const;
  Totals totals_of(const Area& area) const;
  // nullptr when no scenario has this id, whatever its case.
  const KnownScenario* scenario(std::string_view id) const;

 private:
  std::size_t index_of(const Row& row) const;
  void count_scenarios();
  void count_left_out();
  void count_plans();
  void count_citations(const Citations& citations);
  void count_questions();

  const Catalogue& catalogue_;
  const std::vector<KnownScenario>& scenarios_;
  bool knows_sources_;
  std::vector<RowCoverage> rows_;  // as catalogue_.rows()
};

}  // namespace elblab::catalogue
