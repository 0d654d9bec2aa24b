// This machine's own kernel as the host under test, in namespaces of the calling process.
//
// Time is the monotonic clock since construction; packets carry the time at which the device
// handed them over, so that a busy machine does not blur the host's timing. One per process.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "live/network/file_descriptor.hpp"
#include "tests/fidelity/isolated_host.hpp"
#include "tests/fidelity/packet_tap.hpp"
#include "tests/golden/host_under_test.hpp"

namespace elblab::fidelity {

class KernelMachine final : public golden::HostUnderTest {
 public:
  // Throws std::runtime_error where namespaces are refused. Leaves the thread in the host.
  KernelMachine();

  void set_sysctl(std::string_view name, std::int64_t value) override;
  golden::ListenerHandle listen(std::uint16_t port, int backlog) override;
  void stop_listening(golden::ListenerHandle listener) override;
  std::optional<golden::SocketHandle> accept(golden::ListenerHandle listener) override;
  golden::ConnectOutcome connect(const net::Endpoint& destination,
                                 std::uint16_t source_port) override;
  golden::SocketHandle open_udp(std::uint16_t port,
                                const std::optional<net::Endpoint>& peer) override;
  void send(golden::SocketHandle socket, std::span<const std::uint8_t> bytes) override;
  void shutdown(golden::SocketHandle socket) override;
  void close(golden::SocketHandle socket) override;
  void abort(golden::SocketHandle socket) override;
  golden::SocketState state(golden::SocketHandle socket) override;
  golden::HostGauges gauges() override;
  void inject(std::span<const std::uint8_t> packet) override { tap_.send(packet); }
  Duration now() override;
  std::optional<golden::EmittedPacket> next_packet(Duration deadline) override;

 private:
  struct Socket {
    live::FileDescriptor descriptor;
    bool datagram = false;
    golden::SocketState state;
  };

  golden::SocketHandle keep(live::FileDescriptor descriptor, bool datagram);
  static void read_all(Socket& socket);
  static void note_error(Socket& socket, int error);
  static bool handshake_pending(const Socket& socket);

  IsolatedHost isolated_;
  PacketTap tap_;
  std::int64_t started_ns_;
  std::vector<live::FileDescriptor> listeners_;
  std::vector<Socket> sockets_;
};

}  // namespace elblab::fidelity
