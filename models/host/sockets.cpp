#include "models/host/sockets.hpp"

namespace elblab::host {

const char* to_string(SocketError error) {
  switch (error) {
    case SocketError::none:
      return "none";
    case SocketError::address_in_use:
      return "address in use";
    case SocketError::address_not_available:
      return "address not available";
    case SocketError::connection_refused:
      return "connection refused";
    case SocketError::connection_reset:
      return "connection reset";
    case SocketError::timed_out:
      return "timed out";
    case SocketError::host_unreachable:
      return "host unreachable";
    case SocketError::not_connected:
      return "not connected";
  }
  return "unknown";
}

}  // namespace elblab::host
