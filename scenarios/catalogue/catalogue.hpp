// The catalogue: every fact about the service and every case that shows some, each in a sentence,
// and the questions that lead a user to them.
//
// Its text is docs/catalogue/*.yaml, one file for each area and one for the questions; the program
// carries a copy. What is implemented and shown is not in it: that follows from the sources and the
// scenarios (coverage.hpp).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/catalogue/row_id.hpp"
#include "scenarios/language/scenario_file.hpp"

namespace elblab::catalogue {

// What a YAML file of the catalogue is called and says.
struct Text {
  std::string name;  // "docs/catalogue/stress.yaml"
  std::string yaml;
};

enum class RowKind : std::uint8_t {
  fact,       // how the service behaves: "BW-07"
  test_case,  // shows facts in a run: "TW-01"; built when a scenario of that name exists
};

struct Row {
  std::string id;
  RowKind kind = RowKind::fact;
  std::size_t area = 0;  // index into areas()
  std::string says;      // one sentence
  // A case: the rows it is about, ranges expanded; an item as it is cited, "SCH-15e".
  std::vector<std::string> exercises;
};

struct Area {
  std::string name;  // "stress": of its file, and of the folder of its scenarios
  std::string title;
  std::string about;
  std::vector<std::size_t> facts;  // indices into rows(), in the order of the file
  std::vector<std::size_t> cases;
};

struct Question {
  std::string number;              // "1.8"
  std::string asks;                // ends with a question mark
  std::vector<std::string> words;  // what a user may call it
  std::vector<std::string> run;    // rows that answer it, the first one first; may be empty
  std::string profile;             // empty: any
  std::string note;                // may be empty
};

class Catalogue {
 public:
  struct Loaded;
  // `areas` in the order they are told in. Located errors for what is no catalogue: unknown keys, a
  // row told twice, a question or a case about rows that do not exist.
  static Loaded load(const std::vector<Text>& areas, const Text& questions);
  // What the program carries. Throws std::runtime_error when that is broken, which a test excludes.
  static const Catalogue& built_in();

  const std::vector<Area>& areas() const { return areas_; }
  const std::vector<Row>& rows() const { return rows_; }
  const std::vector<Question>& questions() const { return questions_; }

  // By name, in any case; "SCH-15e" finds SCH-15. nullptr when there is none. O(log rows).
  const Row* row(std::string_view id) const;
  const Area* area(std::string_view name) const;
  const Question* question(std::string_view number) const;
  // Whether there are rows that are named like this one, of the same family. "UTF-16" has none.
  bool has_family_of(const RowId& id) const { return families_.contains(id.family); }
  // The row, or those of the range, in the order of the catalogue. Empty when one of its ends does
  // not exist.
  std::vector<const Row*> rows_of(const Mention& mention) const;

 private:
  friend class CatalogueReader;

  std::vector<Area> areas_;
  std::vector<Row> rows_;
  std::vector<Question> questions_;
  std::map<std::string, std::size_t, std::less<>> by_id_;  // index into rows_
  std::map<std::string, std::vector<std::size_t>, std::less<>> families_;
};

struct Catalogue::Loaded {
  std::vector<language::Diagnostic> errors;  // empty: the catalogue is whole
  Catalogue catalogue;
};

// The texts that the program carries: areas in order, then the questions. Generated at build time
// from docs/catalogue.
std::vector<Text> built_in_areas();
Text built_in_questions();

}  // namespace elblab::catalogue
