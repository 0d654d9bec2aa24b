// What a call on the system answers: nothing when it went well, else what was tried and why the
// system refused ("making veth pair eth0: Operation not permitted").
#pragma once

#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace elblab::live {

using Failure = std::optional<std::string>;

// error: an errno value; the thread's errno when left out.
inline std::string refused(std::string_view tried, int error = errno) {
  return std::string(tried) + ": " + std::generic_category().message(error);
}

}  // namespace elblab::live
