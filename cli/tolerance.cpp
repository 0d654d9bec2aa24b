#include "cli/tolerance.hpp"

#include <fmt/format.h>

#include "scenarios/language/quantities.hpp"

namespace elblab::cli {

Expected<double> parse_tolerance(const std::string& text) {
  const auto share = language::parse_share(text);
  // Written this way a value that is not a number is refused too.
  if (share && *share >= 0 && *share <= 1) return *share;
  return Error{
      fmt::format("--tolerance {}: expected a share from 0% to 100%, for example 5%", text)};
}

}  // namespace elblab::cli
