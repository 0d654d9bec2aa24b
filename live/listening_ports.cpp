#include "live/listening_ports.hpp"

#include <fstream>
#include <sstream>
#include <string>

namespace elblab::live {
namespace {

constexpr const char* kListen = "0A";  // TCP_LISTEN, include/net/tcp_states.h

// Columns: number, local address:port, remote address:port, state; all hexadecimal (proc(5)).
bool listens_in(const char* file_name, std::uint16_t port) {
  std::ifstream file(file_name);
  std::string line;
  std::getline(file, line);  // the heading
  while (std::getline(file, line)) {
    std::istringstream columns(line);
    std::string number;
    std::string local;
    std::string remote;
    std::string state;
    columns >> number >> local >> remote >> state;
    const auto colon = local.rfind(':');
    if (state != kListen || colon == std::string::npos) continue;
    if (std::stoul(local.substr(colon + 1), nullptr, 16) == port) return true;
  }
  return false;
}

}  // namespace

Expected<bool> ask_listening(const NetworkNamespace& network, std::uint16_t port) {
  const NamespaceScope scope(network);
  if (!scope.entered()) return scope.entered().error();
  return listens_in("/proc/thread-self/net/tcp", port) ||
         listens_in("/proc/thread-self/net/tcp6", port);
}

}  // namespace elblab::live
