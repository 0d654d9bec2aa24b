#include "models/workload/server.hpp"

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

}  // namespace elblab::workload
