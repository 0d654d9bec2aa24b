// The option --tolerance of the commands that compare.
#pragma once

#include <string>

namespace elblab::cli {

struct Tolerance {
  double share = 0;
  std::string problem;  // a message for the user; empty when it is a share from 0 to 100 %
};
Tolerance parse_tolerance(const std::string& text);

}  // namespace elblab::cli
