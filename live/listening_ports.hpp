// Whether somebody in a namespace listens on a TCP port, whoever it is.
#pragma once

#include <cstdint>

#include "live/network/network_namespace.hpp"
#include "live/network/refused.hpp"

namespace elblab::live {

// On any local address, of either family. Reads /proc/net/tcp and tcp6: for waiting until a server
// is ready, not for the data path. Error: the namespace could not be looked into.
Expected<bool> ask_listening(const NetworkNamespace& network, std::uint16_t port);

}  // namespace elblab::live
