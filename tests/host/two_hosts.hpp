// Two hosts over a scripted wire in virtual time: every test's world.
//
// The wire delays, and may lose, duplicate and delay further (so reorder) each packet, as drawn
// from a seeded stream; a filter may drop what a test wants dropped; a rate serialises. Ties in
// time are broken by a sequence number, so a run depends on its seed only.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <queue>
#include <vector>

#include "models/host/host.hpp"
#include "models/net/packet_view.hpp"

namespace elblab::host::testing {

using namespace std::chrono_literals;

inline const net::IpAddress kClientAddress = net::IpAddress::v4(10, 0, 0, 1);
inline const net::IpAddress kServerAddress = net::IpAddress::v4(10, 0, 0, 2);

struct Wire {
  Duration delay = 1ms;
  double loss = 0;
  double duplication = 0;
  double reordering = 0;  // probability of `extra` more delay
  Duration extra = 5ms;
  std::uint64_t bits_per_second = 0;  // 0: no serialisation
  // True: the packet is lost. Sees every packet sent.
  std::function<bool(const net::PacketView&)> drop;
  // Boxes at the ends: each packet as a host sent it, before it can be lost, and as it is about to
  // reach one. They may change it in place.
  using Box = std::function<void(bool client, std::span<std::uint8_t> packet, Instant now)>;
  Box leaving;
  Box arriving;
};

// Keeps what a host tells.
class Rows final : public telemetry::Recorder {
 public:
  void record(const telemetry::Event& event) override { events.push_back(event); }
  void record(const telemetry::ConnectionRecord& connection) override {
    connections.push_back(connection);
  }
  void sample(telemetry::SeriesId, Instant, double) override {}
  std::vector<telemetry::Event> events;
  std::vector<telemetry::ConnectionRecord> connections;
};

class TwoHosts {
 public:
  struct Options {
    Wire wire;
    Sysctls client_sysctls;
    Sysctls server_sysctls;
    InitialSequence client_isn = InitialSequence::hashed_clock;
    bool v6 = false;
    std::uint64_t seed = 1;
    Duration time_wait = 60s;
  };
  explicit TwoHosts(Options options);

  Host& client() { return *ends_[0].host; }
  Host& server() { return *ends_[1].host; }
  Rows& client_rows() { return ends_[0].rows; }
  Rows& server_rows() { return ends_[1].rows; }
  net::IpAddress client_address() const { return ends_[0].address; }
  net::IpAddress server_address() const { return ends_[1].address; }
  Wire& wire() { return wire_; }
  Instant now() const { return now_; }
  std::uint64_t packets() const { return sequence_; }

  // Until `until`, or until nothing is left to happen.
  void run_until(Instant until);
  void run_for(Duration d) { run_until(now_ + d); }
  // False when `done` did not become true in time.
  bool run_until_or_timeout(const std::function<bool()>& done, Duration timeout);
  // kNever: nothing will happen by itself.
  Instant next_event() const;

 private:
  struct End final : net::PacketOutput {
    void send(std::span<const std::uint8_t> packet) override { world->carry(*this, packet); }
    TwoHosts* world = nullptr;
    End* peer = nullptr;
    net::IpAddress address;
    Rows rows;
    std::unique_ptr<Host> host;
    Instant wire_free;
  };
  struct InFlight {
    Instant at;
    std::uint64_t sequence = 0;
    End* to = nullptr;
    std::vector<std::uint8_t> bytes;
    bool operator>(const InFlight& other) const {
      return at != other.at ? at > other.at : sequence > other.sequence;
    }
  };

  void carry(End& from, std::span<const std::uint8_t> sent);
  void put(End& to, Instant at, std::span<const std::uint8_t> packet);
  void step();

  Wire wire_;
  random::Stream stream_;
  Instant now_ = kStart + 1s;
  std::uint64_t sequence_ = 0;
  End ends_[2];
  std::priority_queue<InFlight, std::vector<InFlight>, std::greater<>> in_flight_;
};

// An application that keeps what it hears, and may act on it.
class Listener : public SocketEvents {
 public:
  explicit Listener(Host& host) : host_(host) {}

  void connected(SocketId id, Instant now) override {
    ++connected_count;
    if (on_connected) on_connected(id, now);
  }
  void acceptable(ListenerId id, Instant now) override {
    ++acceptable_count;
    if (accept_at_once) sockets.push_back(host_.accept(id, *this, now));
  }
  void received(SocketId id, std::span<const std::uint8_t> bytes, Instant now) override {
    if (keep_bytes) data.insert(data.end(), bytes.begin(), bytes.end());
    for (const std::uint8_t byte : bytes) {
      if (check_pattern && byte != pattern_byte(received_bytes)) ++wrong_bytes;
      ++received_bytes;
    }
    if (on_received) on_received(id, now);
  }
  void peer_finished(SocketId id, Instant now) override {
    ++finished_count;
    if (close_on_finish) host_.close(id, now);
    if (on_finished) on_finished(id, now);
  }
  void sent_all(SocketId, Instant) override { ++sent_all_count; }
  void closed(SocketId, SocketError error, Instant now) override {
    ++closed_count;
    errors.push_back(error);
    closed_at = now;
  }
  void datagram(SocketId id, const net::Endpoint& from, std::span<const std::uint8_t> bytes,
                Instant now) override {
    data.insert(data.end(), bytes.begin(), bytes.end());
    last_from = from;
    if (on_datagram) on_datagram(id, from, now);
  }

  bool accept_at_once = true;
  bool close_on_finish = true;
  bool keep_bytes = false;
  bool check_pattern = false;
  std::function<void(SocketId, Instant)> on_connected;
  std::function<void(SocketId, Instant)> on_received;
  std::function<void(SocketId, Instant)> on_finished;
  std::function<void(SocketId, const net::Endpoint&, Instant)> on_datagram;

  std::vector<SocketId> sockets;
  std::vector<std::uint8_t> data;
  std::vector<SocketError> errors;
  net::Endpoint last_from;
  Instant closed_at;
  std::uint64_t received_bytes = 0;
  std::uint64_t wrong_bytes = 0;
  int connected_count = 0;
  int acceptable_count = 0;
  int finished_count = 0;
  int sent_all_count = 0;
  int closed_count = 0;

 private:
  Host& host_;
};

}  // namespace elblab::host::testing
