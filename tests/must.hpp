// For tests: what an edge gave, which must have gone well; and what it said when it must not.
#pragma once

#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "models/contract/expected.hpp"

namespace elblab {

// Ends the test with the message if it failed: both Boost.Test and Qt Test report exceptions.
template <typename T, typename E>
T must(Expected<T, E> answer) {
  if (!answer) throw std::runtime_error(answer.error().message);
  if constexpr (!std::is_void_v<T>) return std::move(*answer);
}

// Empty when it went well.
template <typename T, typename E>
std::string message_of(const Expected<T, E>& answer) {
  return answer ? std::string() : answer.error().message;
}

}  // namespace elblab
