#include "cli/whole_number.hpp"

#include <fmt/format.h>

namespace elblab::cli {

std::string whole_number(const std::string& text) {
  constexpr std::size_t kMostDigits = 18;
  const bool digits = !text.empty() && text.size() <= kMostDigits &&
                      text.find_first_not_of("0123456789") == std::string::npos;
  return digits ? std::string() : fmt::format("'{}' is not a whole number from 0 to 10^18", text);
}

}  // namespace elblab::cli
