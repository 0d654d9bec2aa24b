// The other end of one TCP connection of the host, driven segment by segment by a golden case.
//
// It sends what it is told and only counts along: its own sequence numbers, and what it has
// received in order from the host. It never answers by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "models/net/flow_key.hpp"
#include "models/net/packet_view.hpp"
#include "models/net/tcp_options.hpp"
#include "tests/golden/scene.hpp"

namespace elblab::golden {

class TcpPeer {
 public:
  // host_port 0: the host is the client; the peer adopts the first SYN sent to its endpoint.
  TcpPeer(Scene& scene, const net::Endpoint& local, std::uint16_t host_port = 0,
          std::uint32_t initial_sequence = 1'000'000);
  ~TcpPeer();
  TcpPeer(const TcpPeer&) = delete;
  TcpPeer& operator=(const TcpPeer&) = delete;

  // Sends a segment in sequence, acknowledging all that came (when flags hold ACK).
  void send(std::uint8_t flags, std::string_view payload = {});
  // Sends a segment with numbers relative to the initial ones; the peer's own do not move.
  void send_at(std::uint8_t flags, std::uint32_t sequence, std::uint32_t acknowledgment,
               std::string_view payload = {});

  // Options of every SYN (default: MSS 1460 only).
  void set_syn_options(const net::TcpOptions& options) { syn_options_ = options; }
  // Timestamps on every segment from now on.
  void set_timestamp(std::uint32_t value) { timestamp_ = value; }
  // The window of every segment from now on, as it stands in the header.
  void set_window(std::uint16_t window) { window_ = window; }
  // Raw option bytes after the others; a multiple of four.
  void set_raw_options(std::vector<std::uint8_t> bytes) { raw_options_ = std::move(bytes); }

  // Waits for a segment of the host carrying all of these flags; each is found once.
  bool wait_for(std::uint8_t flags, Duration limit = std::chrono::seconds(3));
  // The host connects: SYN+ACK and the host's ACK.
  bool accept_connection();
  // The peer connects: SYN, SYN+ACK, ACK; the host sees the delay as the round-trip time.
  bool open_connection(Duration delay = {});

  std::uint16_t host_port() const { return host_port_; }
  const net::Endpoint& local() const { return local_; }
  std::uint32_t initial_sequence() const { return initial_sequence_; }
  std::uint32_t host_initial_sequence() const { return host_initial_; }
  // What the peer sends next, and expects next, relative to the initial numbers.
  std::uint32_t next_sequence() const { return next_ - initial_sequence_; }
  std::uint32_t expected_sequence() const { return expected_ - host_initial_; }
  std::uint64_t segments_received() const { return segments_received_; }

 private:
  friend class Scene;
  bool owns(const net::FlowKey& from_host) const;
  bool adopts(const net::FlowKey& from_host);
  void receive(const net::PacketView& segment);
  void emit(std::uint8_t flags, std::uint32_t sequence, std::uint32_t acknowledgment,
            std::string_view payload);

  Scene& scene_;
  net::Endpoint local_;
  std::uint16_t host_port_;
  std::uint32_t initial_sequence_;
  std::uint32_t next_;
  std::uint32_t host_initial_ = 0;
  std::uint32_t expected_ = 0;
  bool host_known_ = false;
  std::uint32_t host_timestamp_ = 0;
  std::uint64_t segments_received_ = 0;
  std::vector<std::uint8_t> unseen_flags_;  // of segments no wait_for() has taken yet
  std::uint16_t window_ = 64240;
  net::TcpOptions syn_options_;
  std::optional<std::uint32_t> timestamp_;
  std::vector<std::uint8_t> raw_options_;
};

}  // namespace elblab::golden
