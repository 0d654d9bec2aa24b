#include "models/net/flow_key.hpp"

namespace elblab::net {

const char* to_string(Protocol protocol) {
  switch (protocol) {
    case Protocol::icmp:
      return "icmp";
    case Protocol::tcp:
      return "tcp";
    case Protocol::udp:
      return "udp";
    case Protocol::icmpv6:
      return "icmpv6";
  }
  return "unknown";
}

std::string FlowKey::to_string() const {
  return std::string(net::to_string(protocol)) + ' ' + source.to_string() + " > " +
         destination.to_string();
}

}  // namespace elblab::net
