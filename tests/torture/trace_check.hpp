// Whether what stands where a trace was written is one, whole up to its last commit.
#pragma once

#include <filesystem>
#include <string>

namespace elblab::torture {

struct TraceState {
  bool exists = false;
  bool complete = false;
  std::string problem;  // empty: none
};

// Looks with SQLite's own check, and counts the rows.
TraceState check_trace(const std::filesystem::path& path);

// Of a sweep's table: lines are whole, but for the last one of a sweep that was killed.
std::string check_table(const std::filesystem::path& path, bool finished);

}  // namespace elblab::torture
