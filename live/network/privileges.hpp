// Whether this process may build the live world.
#pragma once

#include "models/contract/expected.hpp"

namespace elblab::live {

// Error: what is missing and what to do. Tries in a child process: a network namespace, its name in
// /run/netns, a device, a packet socket.
Expected<void> check_privileges();

}  // namespace elblab::live
