// Where packets go by their destination address.
#pragma once

#include <cstdint>

#include "models/net/address.hpp"

namespace elblab::network {

// A place of a Fabric where packets come in and go out, numbered by the world: a host's link, or a
// link to another Fabric.
using PortIndex = std::uint32_t;

struct Route {
  net::Subnet destination;  // longest prefix wins
  PortIndex port = 0;
};

}  // namespace elblab::network
