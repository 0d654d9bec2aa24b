// This machine's own kernel as the host under test, in namespaces of the calling process.
//
// Time is the monotonic clock since construction; packets carry the time at which the device
// handed them over, so that a busy machine does not blur the host's timing. One per process.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "live/network/file_descriptor.hpp"
#include "tests/fidelity/isolated_host.hpp"
#include "tests/fidelity/packet_tap.hpp"
#include "tests/golden/host_under_test.hpp"

namespace elblab::fidelity {

class KernelMachine final : public golden::HostUnderTest {
 public:
  // Throws std::runtime_error where namespaces are refused, or the kernel has no such congestion
  // control. Leaves the thread in the host.
  explicit KernelMachine(std::string_view congestion_control = kCongestionControl);

  // What the host model does too, unless it is told otherwise; a machine may have another default.
  static constexpr std::string_view kCongestionControl = "reno";

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
  void read(golden::SocketHandle socket) override;
  golden::SocketState state(golden::SocketHandle socket) override;
  void use_address(const net::IpAddress& address) override { address_ = address; }
  void read_at_once(bool at_once) override { reads_at_once_ = at_once; }
  void accept_at_once(golden::ListenerHandle listener, bool at_once) override {
    listeners_.at(listener).accepts_at_once = at_once;
  }
  golden::SocketHandle sockets() const override {
    return static_cast<golden::SocketHandle>(sockets_.size());
  }
  void forget_sockets() override;
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

  struct Listener {
    live::FileDescriptor descriptor;
    bool accepts_at_once = false;
  };

  // What applications do when they run: accept and read.
  void attend();
  // Until a packet comes, an application can act, or the deadline.
  void wait(Duration deadline);
  live::FileDescriptor open_socket(int type) const;
  void bind_port(const live::FileDescriptor& socket, std::uint16_t port) const;
  golden::SocketHandle keep(live::FileDescriptor descriptor, bool datagram);
  static void read_all(Socket& socket);
  static void note_error(Socket& socket, int error);
  static bool is_over(const Socket& socket);
  static void learn_phase(Socket& socket);
  void learn_reset(Socket& socket) const;
  static std::uint8_t tcp_state(const Socket& socket);
  static bool handshake_pending(const Socket& socket);

  IsolatedHost isolated_;
  PacketTap tap_;
  std::int64_t started_ns_;
  std::vector<Listener> listeners_;
  std::vector<Socket> sockets_;
  net::IpAddress address_;
  bool reads_at_once_ = true;
};

}  // namespace elblab::fidelity
