// Small scenarios for live tests, and what they leave in the system.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "analysis/trace/reader.hpp"
#include "live/network/namespace_name.hpp"
#include "scenarios/language/scenario.hpp"
#include "tests/temporary_folder.hpp"

namespace elblab::live::test {

// Hosts c1 and b1, b2 behind listener `web` (tcp port 80, served on port 90), 100 short connections
// per second for `length`, then a second of rest. more: further lines of the file.
language::Scenario short_connections(std::chrono::seconds length, const std::string& more = {});
// The run `all` of a file's text. Throws with the file's errors.
language::Scenario scenario_from(const std::string& text);

using testing::TemporaryFolder;

// The sum of a series, which must be there.
double total_of(const trace::Reader& reader, const std::string& measure, const std::string& object);

// Names in /run/netns that this process, by its id, has made.
std::vector<std::string> namespaces_of(pid_t process);

}  // namespace elblab::live::test
