// From the YAML of docs/catalogue to a Catalogue, with located errors.
#pragma once

#include "scenarios/catalogue/catalogue.hpp"
#include "scenarios/language/diagnostics.hpp"
#include "scenarios/language/tree.hpp"

namespace elblab::catalogue {

class CatalogueReader {
 public:
  // In the order they are told in; the area is named like its file.
  void read_area(const Text& text);
  void read_questions(const Text& text);
  // Resolves what rows and questions say about others. Ends the reader.
  Catalogue::Loaded take();

 private:
  // Names of rows as they stand in a file; what they mean is known when everything is read.
  struct Reference {
    language::Place place;
    std::string text;
    bool of_question = false;
    std::size_t index = 0;  // of the question or the row that it stands in
  };

  void read_rows(const language::Node& rows, RowKind kind, std::size_t area);
  void read_row(const language::Entry& entry, RowKind kind, std::size_t area);
  void read_case(const language::Node& node, std::size_t row);
  void read_question(const language::Entry& entry);
  void read_references(const language::Node& list, bool of_question, std::size_t index);
  void resolve(const Reference& reference);
  std::string text_of(const language::Node& node);
  std::vector<std::string> words_of(const language::Node& node);
  bool expect(const language::Node& node, language::Node::Kind kind);
  void refuse_key(const language::Entry& entry, const std::vector<std::string>& known);

  Catalogue catalogue_;
  language::Diagnostics diagnostics_;
  std::vector<Reference> references_;
};

}  // namespace elblab::catalogue
