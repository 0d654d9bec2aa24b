// A client and a server on the real kernel with one of several ways between them, for bench/live.
#pragma once

#include <memory>
#include <string>

#include "live/network/network_namespace.hpp"
#include "live/network/veth_link.hpp"
#include "live/packet_io/packet_io.hpp"
#include "models/net/address.hpp"

namespace elblab::live {

enum class Way : std::uint8_t {
  kernel,          // the kernel's own routing, ip_forward=1
  ring,            // packet ring, each packet to the other port untouched
  ring_forwarder,  // packet ring, fullNAT in the engine
  xdp,
  xdp_forwarder,
};

// What stands between the ports: a thread that waits for packets and passes them on.
class PassingThread {
 public:
  virtual ~PassingThread() = default;
};

class LiveTopology {
 public:
  static constexpr std::uint16_t kServerPort = 9000;

  // Error: why it cannot be built here.
  Expected<void> build(Way way);

  const NetworkNamespace& client() const { return client_; }
  const NetworkNamespace& server() const { return server_; }
  const HardwareAddress& client_hardware() const { return client_hardware_; }
  net::IpAddress client_address() const;
  // Where clients send: the server itself, or the balancer's virtual address.
  net::Endpoint destination() const;
  // Packets that the server's device has received.
  std::uint64_t delivered() const;

 private:
  Expected<void> make_links();
  Expected<void> let_kernel_forward();
  Expected<void> open_ports(Way way);

  Way way_ = Way::kernel;
  NetworkNamespace client_, balancer_, server_;
  HardwareAddress client_hardware_{}, server_hardware_{};
  std::unique_ptr<PacketIo> ports_[2];  // of the client, of the server
  std::unique_ptr<PassingThread> passing_;
};

}  // namespace elblab::live
