#include "scenarios/catalogue/catalogue.hpp"

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include "scenarios/catalogue/catalogue_reader.hpp"

namespace elblab::catalogue {
namespace {

std::string cased(std::string_view text, int (*convert)(int)) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(convert(static_cast<unsigned char>(c)));
  return result;
}

// Names of rows are capitals but for the letter of an item: "sc-400A" is SC-400a.
std::string row_name(std::string_view text) {
  std::string name = cased(text, std::toupper);
  const bool ends_in_item = name.size() >= 2 &&
                            std::isalpha(static_cast<unsigned char>(name.back())) != 0 &&
                            std::isdigit(static_cast<unsigned char>(name[name.size() - 2])) != 0;
  if (ends_in_item) name.back() = static_cast<char>(std::tolower(name.back()));
  return name;
}

}  // namespace

Catalogue::Loaded Catalogue::load(const std::vector<Text>& areas, const Text& questions) {
  CatalogueReader reader;
  for (const Text& area : areas) reader.read_area(area);
  reader.read_questions(questions);
  return reader.take();
}

const Catalogue& Catalogue::built_in() {
  static const Catalogue catalogue = [] {
    Loaded loaded = load(built_in_areas(), built_in_questions());
    if (!loaded.errors.empty()) throw std::runtime_error(loaded.errors.front().to_string());
    return std::move(loaded.catalogue);
  }();
  return catalogue;
}

const Row* Catalogue::row(std::string_view id) const {
  const std::string name = row_name(id);
  auto found = by_id_.find(name);
  if (found == by_id_.end()) {
    auto parsed = parse_row_id(name);
    if (!parsed || parsed->item == 0) return nullptr;
    parsed->item = 0;  // an item of a row's list
    found = by_id_.find(parsed->to_string());
  }
  return found == by_id_.end() ? nullptr : &rows_[found->second];
}

const Area* Catalogue::area(std::string_view name) const {
  const std::string wanted = cased(name, std::tolower);
  const auto found =
      std::find_if(areas_.begin(), areas_.end(), [&](const Area& a) { return a.name == wanted; });
  return found == areas_.end() ? nullptr : &*found;
}

const Question* Catalogue::question(std::string_view number) const {
  const auto found = std::find_if(questions_.begin(), questions_.end(),
                                  [&](const Question& q) { return q.number == number; });
  return found == questions_.end() ? nullptr : &*found;
}

std::vector<const Row*> Catalogue::rows_of(const Mention& mention) const {
  const Row* first = row(mention.first.to_string());
  if (first == nullptr || !mention.last) {
    return first == nullptr ? std::vector<const Row*>() : std::vector<const Row*>{first};
  }
  std::vector<const Row*> rows;
  if (row(mention.last->to_string()) == nullptr) return rows;
  for (const std::size_t index : families_.at(mention.first.family)) {
    const unsigned number = parse_row_id(rows_[index].id)->number;
    if (number >= mention.first.number && number <= mention.last->number) {
      rows.push_back(&rows_[index]);
    }
  }
  return rows;
}

}  // namespace elblab::catalogue
