// Two fresh network namespaces of the calling process, joined by a veth link: the host under test
// with its address, and a peer whose end of the link is read and written raw.
//
// Both are unnamed and vanish with the process, whatever way it ends. Needs root, or a machine that
// lets users make user namespaces. The calling process must have one thread.
#pragma once

#include <string>

#include "live/network/network_namespace.hpp"
#include "live/network/veth_link.hpp"
#include "tests/must.hpp"

namespace elblab::fidelity {

class IsolatedHost {
 public:
  // Throws std::runtime_error where the machine does not allow it.
  explicit IsolatedHost(const std::vector<live::HostAddress>& addresses);

  const live::NetworkNamespace& host() const { return host_; }
  const live::NetworkNamespace& peer() const { return peer_; }
  // To whom frames that the peer sends go.
  const live::HardwareAddress& host_hardware() const { return host_hardware_; }

  static constexpr const char* kPeerDevice = "peer0";

 private:
  live::NetworkNamespace host_;
  live::NetworkNamespace peer_;
  live::HardwareAddress host_hardware_{};
};

// Why namespaces cannot be made here; empty if they can. Tries it in a child process.
std::string namespaces_refused();

}  // namespace elblab::fidelity
