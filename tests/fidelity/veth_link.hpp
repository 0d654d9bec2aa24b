// Two fresh network namespaces of the calling process, joined by a veth pair.
//
// The host's namespace holds `host0` with its address and the kernel's own TCP/IP; the peer's
// namespace holds `peer0` without an address, to be read and written raw. Nothing outside the two
// is touched, and both vanish with the process (namespaces(7)), whatever way it ends.
//
// Needs root, or a machine that lets users make user namespaces.
//
// The calling process is left in the host's namespace; it must have one thread.
#pragma once

#include <cstdint>
#include <string>

#include "models/net/address.hpp"
#include "tests/fidelity/file_descriptor.hpp"

namespace elblab::fidelity {

class VethLink {
 public:
  // Throws std::system_error where the machine does not allow it.
  VethLink(const net::IpAddress& host_address, unsigned prefix_length);

  void enter_host();
  void enter_peer();
  // Whose frames peer0 sends go to this Ethernet address.
  const std::uint8_t* host_hardware_address() const { return host_hardware_; }

  static constexpr const char* kHostDevice = "host0";
  static constexpr const char* kPeerDevice = "peer0";

 private:
  void prepare_peer();
  void prepare_host(const net::IpAddress& address, unsigned prefix_length);

  FileDescriptor peer_namespace_;
  FileDescriptor host_namespace_;
  std::uint8_t host_hardware_[6] = {};
};

// Why namespaces cannot be made here; empty if they can. Tries it in a child process.
std::string namespaces_refused();

// Writes /proc/sys/net/... of the namespace the process is in. Throws std::system_error.
void write_sysctl(const std::string& path, const std::string& value);
std::string read_sysctl(const std::string& path);

}  // namespace elblab::fidelity
