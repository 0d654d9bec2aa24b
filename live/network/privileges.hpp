// Whether this process may build the live world.
#pragma once

#include <optional>
#include <string>

namespace elblab::live {

// What is missing and what to do, in one message; nullopt if everything is allowed. Tries in a
// child process: a network namespace, its name in /run/netns, a device, a packet socket.
std::optional<std::string> live_refused();

}  // namespace elblab::live
