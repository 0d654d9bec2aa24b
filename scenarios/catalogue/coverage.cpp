#include "scenarios/catalogue/coverage.hpp"

#include <algorithm>
#include <cctype>

namespace elblab::catalogue {
namespace {

void add_once(std::vector<std::string>& files, const std::string& file) {
  const auto at = std::lower_bound(files.begin(), files.end(), file);
  if (at == files.end() || *at != file) files.insert(at, file);
}

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

}  // namespace

Totals& Totals::operator+=(const Totals& other) {
  cases += other.cases;
  built += other.built;
  in_part += other.in_part;
  facts += other.facts;
  implemented += other.implemented;
  shown += other.shown;
  neither += other.neither;
  return *this;
}

Coverage::Coverage(const Catalogue& catalogue, const std::vector<KnownScenario>& scenarios,
                   const Citations* citations)
    : catalogue_(catalogue),
      scenarios_(scenarios),
      knows_sources_(citations != nullptr),
      rows_(catalogue.rows().size()) {
  count_scenarios();
  count_left_out();
  count_plans();
  count_questions();
  if (citations != nullptr) count_citations(*citations);
}

const RowCoverage& Coverage::of(const Row& row) const { return rows_[index_of(row)]; }

Totals Coverage::totals_of(const Area& area) const {
  Totals totals;
  totals.cases = area.cases.size();
  totals.facts = area.facts.size();
  for (const std::size_t index : area.cases) {
    if (rows_[index].scenario == nullptr) continue;
    ++(rows_[index].left_out.empty() ? totals.built : totals.in_part);
  }
  for (const std::size_t index : area.facts) {
    const bool implemented = !rows_[index].implemented_in.empty();
    const bool shown = !rows_[index].shown_by.empty();
    totals.implemented += implemented ? 1 : 0;
    totals.shown += shown ? 1 : 0;
    totals.neither += implemented || shown ? 0 : 1;
  }
  return totals;
}

const KnownScenario* Coverage::scenario(std::string_view id) const {
  const auto found = std::find_if(scenarios_.begin(), scenarios_.end(),
                                  [&](const KnownScenario& s) { return same_name(s.id, id); });
  return found == scenarios_.end() ? nullptr : &*found;
}

std::size_t Coverage::index_of(const Row& row) const {
  return static_cast<std::size_t>(&row - catalogue_.rows().data());
}

void Coverage::count_scenarios() {
  for (const KnownScenario& scenario : scenarios_) {
    const Row* own = catalogue_.row(scenario.id);
    if (own != nullptr && own->kind == RowKind::test_case)
      rows_[index_of(*own)].scenario = &scenario;
    for (const std::string& id : scenario.exercises) {
      const Row* row = catalogue_.row(id);
      if (row == nullptr) continue;  // of a file that is not of this catalogue
      auto& shown_by = rows_[index_of(*row)].shown_by;
      if (shown_by.empty() || shown_by.back() != &scenario) shown_by.push_back(&scenario);
    }
  }
}

void Coverage::count_left_out() {
  for (const Row& row : catalogue_.rows()) {
    RowCoverage& covered = rows_[index_of(row)];
    if (covered.scenario == nullptr) continue;
    for (const std::string& id : row.exercises) {
      const Row* about = catalogue_.row(id);
      const auto& shown_by = of(*about).shown_by;
      const bool shown =
          std::find(shown_by.begin(), shown_by.end(), covered.scenario) != shown_by.end();
      if (!shown) covered.left_out.push_back(about);
    }
  }
}

void Coverage::count_plans() {
  for (const Row& row : catalogue_.rows()) {
    if (of(row).scenario != nullptr) continue;
    for (const std::string& id : row.exercises) {
      rows_[index_of(*catalogue_.row(id))].planned.push_back(&row);
    }
  }
}

void Coverage::count_citations(const Citations& citations) {
  for (const Citation& citation : citations.found) {
    RowCoverage& row = rows_[index_of(*citation.row)];
    if (citation.by == Citing::code) add_once(row.implemented_in, citation.file);
    if (citation.by == Citing::setting) add_once(row.only_set_in, citation.file);
    if (citation.by == Citing::test) add_once(row.tested_in, citation.file);
  }
  for (RowCoverage& row : rows_) {
    if (!row.implemented_in.empty()) row.only_set_in.clear();
  }
}

void Coverage::count_questions() {
  for (const Question& question : catalogue_.questions()) {
    for (const std::string& id : question.run) {
      rows_[index_of(*catalogue_.row(id))].asked_in.push_back(&question);
    }
  }
}

}  // namespace elblab::catalogue
