#include "models/workload/server.hpp"

#include <algorithm>

namespace elblab::workload {

void Server::start(Instant now) {
  started_ = true;
  if (parameters_.listening) open_port(now);
}

bool Server::set_listening(bool wanted, Instant now) {
  parameters_.listening = wanted;
  moved();
  if (!started_ || wanted == listening()) return true;
  if (!wanted) {
    close_port(now);
    return true;
  }
  open_port(now);
  return listening();
}

bool Server::denies(const net::IpAddress& source) const {
  return std::ranges::any_of(parameters_.deny,
                             [&](const net::Subnet& subnet) { return subnet.contains(source); });
}

}  // namespace elblab::workload
