// The namespaces of a scenario and the links between them, without anything that runs in them.
//
//   host --veth pair-- balancer's namespace --veth pair-- host ...
//
// Each host's namespace has its addresses and its settings; the balancer's has a device per host
// and no address, so that its kernel takes nothing of what passes. Everything goes with the object.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "live/network/network_namespace.hpp"
#include "live/network/refused.hpp"
#include "live/packet_io/packet_io.hpp"
#include "scenarios/language/scenario.hpp"

namespace elblab::live {

// The host's end of its link.
inline constexpr const char* kHostDevice = "eth0";

struct HostPlace {
  NetworkNamespace network;
  std::string balancer_device;   // the other end of its link
  std::unique_ptr<PacketIo> io;  // on that device; taken by whoever forwards
  // Settings of the model that this kernel does not have in a namespace and nobody asked for.
  std::vector<std::string> missing_sysctls;
};

struct Topology {
  NetworkNamespace balancer;
  std::vector<HostPlace> hosts;  // as scenario.hosts
};

// Error: what could not be made. Leaves nothing behind then.
Expected<Topology> make_topology(const language::Scenario& scenario, PacketIoKind kind);

}  // namespace elblab::live
