// What a call on the system answers when it did not go well: what was tried and why the system
// refused ("making veth pair eth0: Operation not permitted").
#pragma once

#include <cerrno>
#include <string>
#include <string_view>
#include <system_error>

#include "models/contract/expected.hpp"

namespace elblab::live {

// error: an errno value; the thread's errno when left out.
inline Error refused(std::string_view tried, int error = errno) {
  return {std::string(tried) + ": " + std::generic_category().message(error)};
}

}  // namespace elblab::live
