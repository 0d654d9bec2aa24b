// The host model as the host under test, in virtual time.
//
// Nothing waits: next_packet() jumps from one deadline of the model to the next.
#pragma once

#include <array>
#include <deque>
#include <vector>

#include "models/host/host.hpp"
#include "models/telemetry/recorder.hpp"
#include "tests/golden/host_under_test.hpp"

namespace elblab::golden {

class ModelMachine final : public HostUnderTest,
                           private net::PacketOutput,
                           private host::SocketEvents {
 public:
  explicit ModelMachine(std::uint64_t seed);

  void set_sysctl(std::string_view name, std::int64_t value) override;
  ListenerHandle listen(std::uint16_t port, int backlog) override;
  void stop_listening(ListenerHandle listener) override;
  std::optional<SocketHandle> accept(ListenerHandle listener) override;
  ConnectOutcome connect(const net::Endpoint& destination, std::uint16_t source_port) override;
  SocketHandle open_udp(std::uint16_t port, const std::optional<net::Endpoint>& peer) override;
  void send(SocketHandle socket, std::span<const std::uint8_t> bytes) override;
  void shutdown(SocketHandle socket) override;
  void close(SocketHandle socket) override;
  void abort(SocketHandle socket) override;
  void read(SocketHandle socket) override;
  SocketState state(SocketHandle socket) override;
  void use_address(const net::IpAddress& address) override { address_ = address; }
  void read_at_once(bool at_once) override { reads_at_once_ = at_once; }
  void accept_at_once(ListenerHandle listener, bool at_once) override {
    listeners_.at(listener).accepts_at_once = at_once;
  }
  SocketHandle sockets() const override { return static_cast<SocketHandle>(sockets_.size()); }
  void forget_sockets() override;
  HostGauges gauges() override;
  void inject(std::span<const std::uint8_t> packet) override;
  Duration now() override { return now_ - kBegin; }
  std::optional<EmittedPacket> next_packet(Duration deadline) override;

 private:
  // Some time after the start of the run: a model must not depend on being there from 0.
  static constexpr Instant kBegin = kStart + std::chrono::seconds(100);

  struct Socket {
    host::SocketId id = 0;
    std::optional<net::Endpoint> datagrams_to;
    bool closed = false;  // by its application, which hears nothing more
    host::SocketError ended_by = host::SocketError::none;  // what it will hear of when it runs
    SocketState state;
  };

  // net::PacketOutput
  void send(std::span<const std::uint8_t> packet) override;
  // host::SocketEvents
  void connected(host::SocketId id, Instant at) override;
  void received(host::SocketId id, std::span<const std::uint8_t> bytes, Instant at) override;
  void peer_finished(host::SocketId id, Instant at) override;
  void closed(host::SocketId id, host::SocketError error, Instant at) override;
  bool failed(host::SocketId id, host::SocketError error, Instant at) override;
  void datagram(host::SocketId id, const net::Endpoint& from, std::span<const std::uint8_t> bytes,
                Instant at) override;

  struct Listener {
    host::ListenerId id = 0;
    bool accepts_at_once = false;
  };

  SocketHandle keep(host::SocketId id, SocketPhase phase);
  Socket* find(host::SocketId id);
  // What applications do when they run: accept and read.
  void attend();

  Instant now_ = kBegin;
  telemetry::NullRecorder recorder_;
  std::deque<EmittedPacket> emitted_;
  std::vector<Socket> sockets_;
  std::vector<Listener> listeners_;
  net::IpAddress address_ = kHostAddress;
  bool reads_at_once_ = true;
  host::Host host_;
};

}  // namespace elblab::golden
