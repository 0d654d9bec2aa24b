// A temporary folder with scenario files of a test's own.
#pragma once

#include <filesystem>
#include <string>

#include "tests/temporary_folder.hpp"

namespace elblab::test {

// Removed with everything in it at the end.
class ScenarioFolder {
 public:
  std::filesystem::path path() const { return folder_.path(); }
  // Path of a new file of the folder with this text.
  std::string write(const std::string& name, const std::string& text) const;

 private:
  testing::TemporaryFolder folder_;
};

// TW-01 in small: 20 client ports that rest 1 s sustain 20 connections per second; 40/s are asked
// for during 5 s. Its one expectation is that TIME_WAIT takes between `low` and 20 ports.
std::string small_scenario(const std::string& id, int low = 19);
// `text` with the first `from` replaced; the test fails when there is none.
std::string with(std::string text, const std::string& from, const std::string& to);

}  // namespace elblab::test
