// Verdicts as JUnit XML, for CI servers: one test suite per scenario; one test case per run and
// seed
// ("runs") and per expectation on it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cli/runs/verdict.hpp"

namespace elblab::cli {

std::string junit_xml(const RunPlan& plan, const std::vector<JobOutcome>& outcomes,
                      const std::vector<ScenarioVerdict>& verdicts);
// Empty, or why the file could not be written.
std::string write_junit(const std::filesystem::path& file, const std::string& xml);

// For text and attribute values: markup escaped; bytes that XML 1.0 §2.2 does not allow, and
// malformed UTF-8, become '?'.
std::string xml_escaped(std::string_view text);

}  // namespace elblab::cli
