// A TCP server asked by hand over a perfect network of 1 ms each way: a bare client that only
// records what it hears.
#pragma once

#include <boost/test/unit_test.hpp>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "models/workload/cpu_queue.hpp"
#include "models/workload/responder.hpp"
#include "tests/workload/fake_network.hpp"

namespace elblab::workload::testing {

using host::SocketError;
using host::SocketId;

struct Recorded final : host::SocketEvents {
  std::vector<std::uint8_t> bytes;
  Instant first_byte = kNever;
  Instant last_byte = kNever;
  bool is_connected = false;
  bool finished = false;
  std::optional<SocketError> error;
  std::string text() const { return {bytes.begin(), bytes.end()}; }
  void connected(SocketId, Instant) override { is_connected = true; }
  void received(SocketId, std::span<const std::uint8_t> more, Instant now) override {
    if (bytes.empty()) first_byte = now;
    last_byte = now;
    bytes.insert(bytes.end(), more.begin(), more.end());
  }
  void peer_finished(SocketId, Instant) override { finished = true; }
  void closed(SocketId, SocketError e, Instant) override { error = e; }
};

struct ResponderWorld {
  FakeNetwork network;
  ServerParameters service;
  std::unique_ptr<Responder> server;
  Recorded client;
  SocketId socket = 0;

  ResponderWorld() { service.port = 80; }
  void start() {
    server = std::make_unique<Responder>(service, network);
    server->start(network.now());
  }
  void run(std::int64_t ms) { network.run({server.get()}, at_ms(ms)); }
  SocketId connect(host::SocketEvents& events, const net::IpAddress& source = {}) {
    const net::Endpoint server_at{net::IpAddress::v4(10, 0, 0, 2), 80};
    return network.connect({source, 0}, server_at, events, network.now()).socket;
  }
  void connect_one() {
    socket = connect(client);
    run(10);
    BOOST_REQUIRE(client.is_connected);
  }
  // A whole request as bytes; `offset` is where the client's stream stands.
  static std::vector<std::uint8_t> request(std::uint64_t size, std::uint64_t response,
                                           std::uint64_t offset, std::uint16_t flags = 0,
                                           Duration delay = Duration{0}) {
    RequestHeader header;
    header.delay = delay;
    header.request_bytes = size;
    header.response_bytes = response;
    header.flags = flags;
    const auto head = header.write();
    std::vector<std::uint8_t> bytes(head.begin(), head.end());
    for (std::uint64_t i = kRequestHeaderBytes; i < size; ++i) {
      bytes.push_back(host::pattern_byte(offset + i));
    }
    return bytes;
  }
  void send(const std::vector<std::uint8_t>& bytes) {
    BOOST_REQUIRE(network.send(socket, bytes, network.now()) == SocketError::none);
  }
  void send(std::string_view text) { send(std::vector<std::uint8_t>(text.begin(), text.end())); }
};

// The same where requests need a CPU.
struct CpuResponderWorld : ResponderWorld {
  CpuParameters cpu;
  std::unique_ptr<CpuQueue> cpus;

  void start(std::uint64_t seed = 1) {
    cpus = std::make_unique<CpuQueue>(cpu, random::Stream(seed, "cpu"));
    server = std::make_unique<Responder>(service, network, cpus.get());
    server->start(network.now());
  }
  void run(std::int64_t ms) { network.run({server.get(), cpus.get()}, at_ms(ms)); }
  void connect_one() {
    socket = connect(client);
    run(10);
    BOOST_REQUIRE(client.is_connected);
  }
};

}  // namespace elblab::workload::testing
