// The few instructions that hand a device's packets to an AF_XDP socket, loaded with bpf(2).
//
// What the socket cannot take goes on to the kernel's own stack, which drops it in the balancer's
// namespace. Program, map and their tie to the device live as long as the object: after a kill -9
// nothing of them is left.
#pragma once

#include <string>

#include "live/network/file_descriptor.hpp"
#include "live/network/refused.hpp"

namespace elblab::live {

class XdpRedirect {
 public:
  // The device is one of the thread's namespace, the socket is bound to its queue 0.
  Expected<void> attach(const std::string& device, int xdp_socket);

 private:
  FileDescriptor map_;
  FileDescriptor program_;
  FileDescriptor link_;
};

}  // namespace elblab::live
