// Any text as a scenario file: a file whose every run decodes, or errors that stand in the text.
#include <algorithm>
#include <string>

#include "scenarios/language/scenario_file.hpp"
#include "tests/fuzz/expect.hpp"

namespace {

using namespace elblab::language;  // NOLINT: a program of its own
using elblab::fuzz::expect;

void check_errors(const std::vector<Diagnostic>& errors, std::string_view text) {
  for (const Diagnostic& error : errors) {
    expect(!error.message.empty(), "an error says something");
    expect(error.to_string().starts_with("x.yaml:"), "an error names the file");
    expect(error.line >= 0 && error.line <= 1 + std::ranges::count(text, '\n'),
           "an error stands in the text");
  }
}

void check_run(const ScenarioFile& file, const std::string& run, Variant variant) {
  const auto decoded = file.decode(run, {}, variant);
  expect(decoded.scenario.has_value(), "a run of a file that loaded decodes");
  expect(decoded.errors.empty(), "a run that decodes has no errors");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto loaded = ScenarioFile::parse(text, "x.yaml");
  expect((loaded.file == nullptr) != loaded.errors.empty(), "a file or errors");
  check_errors(loaded.errors, text);
  if (!loaded.file) return 0;
  expect(!loaded.file->runs().empty(), "a file has a run");
  for (const std::string& run : loaded.file->runs()) {
    check_run(*loaded.file, run, Variant::as_written);
  }
  for (const std::string& run : loaded.file->live_runs()) {
    check_run(*loaded.file, run, Variant::live);
  }
  return 0;
}
