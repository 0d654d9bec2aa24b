// What a table of a sweep says of itself before its rows: two tables with one header are of one
// sweep, and their rows belong together.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/sweeps/axis.hpp"
#include "models/contract/expected.hpp"

namespace elblab::cli {

struct SweepHeader {
  struct Column {
    std::string name;  // "detection_s(names/b1)"
    std::string unit;  // "s"; empty: counts
    bool operator==(const Column&) const = default;
  };

  std::string scenario;
  std::string title;
  std::string run;
  std::string program;                // "elblab 0.1.0 (ns-3 3.37)"
  std::string digest;                 // of the scenario's text, 16 hexadecimal digits
  std::vector<std::string> settings;  // what applies to every cell: "path=value"
  std::vector<Axis> axes;
  std::vector<std::uint64_t> seeds;
  std::vector<Column> measures;

  bool operator==(const SweepHeader&) const = default;
};

// Comments ("# …"), each a line of CSV, then the names of the columns. Ends with a line break.
std::string header_text(const SweepHeader& header);

// Begins like the header of a table, whole or not.
bool looks_like_sweep_table(std::string_view text);

// The header at the beginning of a table, and where its rows begin. Error: what is wrong and in
// which line.
struct ReadHeader {
  SweepHeader header;
  std::size_t end = 0;    // in bytes
  std::size_t lines = 0;  // of the header
};
Expected<ReadHeader> read_header(std::string_view text);

// What differs first, in words: "its run is slow, not quick". nullopt: nothing does.
std::optional<std::string> difference(const SweepHeader& theirs, const SweepHeader& ours);

}  // namespace elblab::cli
