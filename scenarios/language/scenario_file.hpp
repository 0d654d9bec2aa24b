// A scenario file: loading, overriding, decoding, with located errors.
//
// Strict YAML: unknown and duplicate keys, missing units, wrong types, values out of range and
// unknown names are refused, each with the place it stands, the source line, a caret and, where one
// is near, a suggestion. Nothing in a file can make this throw or hang; files over 1 MiB are
// refused unread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/language/scenario.hpp"

namespace elblab::language {

// A located message. line and column count from 1; 0 when the problem has no place (empty file).
struct Diagnostic {
  std::string file;
  int line = 0;
  int column = 0;
  int length = 1;       // how many characters the caret underlines
  std::string message;  // "unknown key 'dealy' in link"
  std::string source_line;
  std::string suggestion;  // "did you mean 'delay'?"; may be empty

  // file:line:column: message, the source line, the caret with the suggestion. No trailing newline.
  std::string to_string() const;
};

// "workload.burst.short_connections" = "376/s", from the command line or a run's `set`.
struct Override {
  std::string path;
  std::string value;  // YAML
};

class ScenarioFile {
 public:
  // Exactly one of the two is filled: errors (at least one) or the file.
  struct Loaded;
  static Loaded load(const std::filesystem::path& path);
  static Loaded parse(std::string_view text, const std::string& file_name);
  ~ScenarioFile();

  const std::string& id() const;
  const std::string& title() const;
  const std::string& area() const;  // name of the folder the file stands in
  const std::string& profile() const;
  const std::vector<std::string>& exercises() const;
  std::vector<std::string> runs() const;  // in file order; at least one
  // Those that are run live, in file order. Empty: the file has no `live` section.
  std::vector<std::string> live_runs() const;
  const std::vector<std::uint64_t>& seeds() const;  // at least one
  // Text for the user after the verdict; placeholders like {max time_wait(c1)} name recorded values
  // of the first run: "{<stat> <measure>}". Empty when the file gives none.
  const std::string& why() const;
  const std::string& remedy() const;
  const std::string& text() const;
  const std::string& file() const;

  // Decodes one run: the base, the run's `set`, for the live variant the `set` of the live section
  // and of its run, then the overrides. Without a live section both variants are the same; with
  // one, only its runs have a live variant.
  struct Decoded;
  Decoded decode(const std::string& run, const std::vector<Override>& overrides = {},
                 Variant variant = Variant::as_written) const;

 private:
  class Impl;
  explicit ScenarioFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

struct ScenarioFile::Loaded {
  std::vector<Diagnostic> errors;
  std::unique_ptr<ScenarioFile> file;
};

struct ScenarioFile::Decoded {
  std::vector<Diagnostic> errors;
  std::optional<Scenario> scenario;
  // Of a file without a live section: why it could not be run live as it is. Those of a file with
  // one are among the errors of the live variant.
  std::vector<Diagnostic> live_errors;
};

// The JSON Schemas (draft 2020-12) of scenario files and of balancer files, for editors; and the
// reference page. All come from the one table of fields that drives the parser.
std::string json_schema();
std::string balancer_json_schema();
std::string reference_markdown();

}  // namespace elblab::language
