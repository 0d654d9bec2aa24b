// One axis of a sweep: a setting of the scenario and the values that it takes in turn.
//
//   PATH=A..B       up to 10 values from A to B, both among them, evenly spaced: 1s..50s is 1s 8s
//                   15s … 50s, 1..10 is every whole number
//   PATH=A..B/STEP  A, A + STEP, …, as far as B: 10/s..50/s/20/s
//   PATH=V,V,…      these values, as --set takes them; commas inside [], {} and quotes part nothing
//
// Ends and step have one unit, which every value keeps; what the setting takes is checked when a
// cell is decoded (sweep.hpp). A range never has more decimals than its ends and step are written
// with.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "models/contract/expected.hpp"

namespace elblab::cli {

struct Axis {
  std::string path;                 // "balancer.groups.app.health_check.interval"
  std::vector<std::string> values;  // at least one, each once: "1s"

  bool operator==(const Axis&) const = default;
};

// A grid with more cells is refused; so is an axis with more values.
inline constexpr std::size_t kMostCells = 25'000;

// Of --over. Error: the text, and what is wrong with it.
Expected<Axis> read_axis(std::string_view text);

}  // namespace elblab::cli
