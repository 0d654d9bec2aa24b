#include "scenarios/catalogue/catalogue_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "scenarios/language/suggestion.hpp"
#include "scenarios/language/tree_loader.hpp"

namespace elblab::catalogue {

using language::Entry;
using language::Node;

void CatalogueReader::read_area(const Text& text) {
  const auto source = std::make_shared<const language::Source>(text.name, text.yaml);
  const auto tree = language::load_tree(source, diagnostics_);
  if (!tree || !expect(*tree, Node::Kind::map)) return;
  const std::size_t index = catalogue_.areas_.size();
  catalogue_.areas_.push_back({});
  catalogue_.areas_.back().name = std::filesystem::path(text.name).stem().string();
  for (const Entry& entry : tree->entries) {
    if (entry.key == "title") {
      catalogue_.areas_[index].title = text_of(entry.value);
    } else if (entry.key == "about") {
      catalogue_.areas_[index].about = text_of(entry.value);
    } else if (entry.key == "facts") {
      read_rows(entry.value, RowKind::fact, index);
    } else if (entry.key == "cases") {
      read_rows(entry.value, RowKind::test_case, index);
    } else {
      refuse_key(entry, {"title", "about", "facts", "cases"});
    }
  }
}

void CatalogueReader::read_questions(const Text& text) {
  const auto source = std::make_shared<const language::Source>(text.name, text.yaml);
  const auto tree = language::load_tree(source, diagnostics_);
  if (!tree || !expect(*tree, Node::Kind::map)) return;
  for (const Entry& entry : tree->entries) {
    if (entry.key != "questions") {
      refuse_key(entry, {"questions"});
    } else if (expect(entry.value, Node::Kind::map)) {
      for (const Entry& question : entry.value.entries) read_question(question);
    }
  }
}

Catalogue::Loaded CatalogueReader::take() {
  for (const Reference& reference : references_) resolve(reference);
  return {diagnostics_.take(), std::move(catalogue_)};
}

void CatalogueReader::read_rows(const Node& rows, RowKind kind, std::size_t area) {
  if (!expect(rows, Node::Kind::map)) return;
  for (const Entry& entry : rows.entries) read_row(entry, kind, area);
}

void CatalogueReader::read_row(const Entry& entry, RowKind kind, std::size_t area) {
  const auto id = parse_row_id(entry.key);
  if (!id) {
    diagnostics_.error(entry.key_place, fmt::format("'{}' is no name of a row", entry.key),
                       "like BW-07 or STK-S02");
    return;
  }
  const std::size_t index = catalogue_.rows_.size();
  if (!catalogue_.by_id_.emplace(entry.key, index).second) {
    diagnostics_.error(entry.key_place, fmt::format("{} is told twice", entry.key));
    return;
  }
  catalogue_.families_[id->family].push_back(index);
  catalogue_.rows_.push_back({entry.key, kind, area, {}, {}});
  Area& owner = catalogue_.areas_[area];
  (kind == RowKind::fact ? owner.facts : owner.cases).push_back(index);
  if (kind == RowKind::fact) {
    catalogue_.rows_[index].says = text_of(entry.value);
  } else if (expect(entry.value, Node::Kind::map)) {
    read_case(entry.value, index);
  }
}

void CatalogueReader::read_case(const Node& node, std::size_t row) {
  for (const Entry& entry : node.entries) {
    if (entry.key == "says") {
      catalogue_.rows_[row].says = text_of(entry.value);
    } else if (entry.key == "exercises") {
      read_references(entry.value, false, row);
    } else {
      refuse_key(entry, {"says", "exercises"});
    }
  }
  if (node.find("says") == nullptr) {
    diagnostics_.error(node.place, fmt::format("{} says nothing", catalogue_.rows_[row].id));
  }
}

void CatalogueReader::read_question(const Entry& entry) {
  const std::size_t index = catalogue_.questions_.size();
  catalogue_.questions_.push_back({});
  Question& question = catalogue_.questions_.back();
  question.number = entry.key;
  if (!expect(entry.value, Node::Kind::map)) return;
  for (const Entry& part : entry.value.entries) {
    if (part.key == "asks") {
      question.asks = text_of(part.value);
    } else if (part.key == "words") {
      question.words = words_of(part.value);
    } else if (part.key == "run") {
      read_references(part.value, true, index);
    } else if (part.key == "profile") {
      question.profile = text_of(part.value);
    } else if (part.key == "note") {
      question.note = text_of(part.value);
    } else {
      refuse_key(part, {"asks", "words", "run", "profile", "note"});
    }
  }
  if (question.asks.empty()) {
    diagnostics_.error(entry.key_place, fmt::format("question {} asks nothing", entry.key));
  }
}

void CatalogueReader::read_references(const Node& list, bool of_question, std::size_t index) {
  if (!expect(list, Node::Kind::list)) return;
  for (const Node& item : list.items) {
    if (expect(item, Node::Kind::scalar)) {
      references_.push_back({item.place, item.text, of_question, index});
    }
  }
}

void CatalogueReader::resolve(const Reference& reference) {
  const auto mentions = mentions_in(reference.text);
  const bool is_one = mentions.size() == 1 && mentions.front().length == reference.text.size();
  const auto rows = is_one ? catalogue_.rows_of(mentions.front()) : std::vector<const Row*>();
  if (rows.empty()) {
    diagnostics_.error(reference.place, fmt::format("there is no row {}", reference.text));
    return;
  }
  auto& ids = reference.of_question ? catalogue_.questions_[reference.index].run
                                    : catalogue_.rows_[reference.index].exercises;
  for (const Row* row : rows) {
    std::string id = rows.size() == 1 && !mentions.front().last ? reference.text : row->id;
    if (std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(std::move(id));
  }
}

std::string CatalogueReader::text_of(const Node& node) {
  if (!expect(node, Node::Kind::scalar)) return {};
  if (node.text.empty()) diagnostics_.error(node.place, "a text is missing here");
  return node.text;
}

std::vector<std::string> CatalogueReader::words_of(const Node& node) {
  std::vector<std::string> words;
  if (!expect(node, Node::Kind::list)) return words;
  for (const Node& item : node.items) words.push_back(text_of(item));
  return words;
}

bool CatalogueReader::expect(const Node& node, Node::Kind kind) {
  if (node.kind == kind) return true;
  diagnostics_.error(node.place,
                     fmt::format("{} is expected here, not {}", language::kind_name(kind),
                                 language::kind_name(node.kind)));
  return false;
}

void CatalogueReader::refuse_key(const Entry& entry, const std::vector<std::string>& known) {
  diagnostics_.error(entry.key_place, fmt::format("unknown key '{}'", entry.key),
                     language::did_you_mean(language::nearest(entry.key, known)));
}

}  // namespace elblab::catalogue
