// Plays one golden case: passes time, hands the host's packets to the peers, writes the transcript.
//
// A case starts with the transcript off, brings the host into the state it is about, then calls
// begin(): from there on packets are written down, with times counted from that call.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "models/net/flow_key.hpp"
#include "models/net/packet_view.hpp"
#include "tests/golden/host_under_test.hpp"
#include "tests/golden/transcript.hpp"

namespace elblab::golden {

class TcpPeer;

class Scene {
 public:
  using Observer = std::function<void(const net::PacketView&, Duration at)>;

  explicit Scene(HostUnderTest& host) : host_(host) {}

  HostUnderTest& host() { return host_; }
  const Transcript& transcript() const { return transcript_; }

  // Writes packets down from now on; this moment is 0.
  void begin();
  // Stops writing packets down: for floods, where the case counts instead.
  void hide_packets() { packets_shown_ = false; }
  // Counted from begin().
  Duration now() { return host_.now() - origin_; }

  void wait(Duration length);
  // At a time counted from begin(): for packets paced at a rate.
  void wait_until(Duration at);
  // Waits until the condition holds, at most for `limit`; returns whether it holds.
  bool wait_for(const std::function<bool()>& condition, Duration limit);

  // Puts a packet on the link without writing it down.
  void inject(std::span<const std::uint8_t> packet) { host_.inject(packet); }
  // Also calls the observer for every packet of the host.
  void observe(Observer observer) { observer_ = std::move(observer); }

  void write(std::string text, std::string note = {});
  // Writes "label: text" for a figure: `low..high` if it lies within the table's bounds, else the
  // figure itself, so that a wrong one differs from the expected transcript.
  void write_figure(const std::string& label, double figure, double low, double high);
  // Writes what the application behind a socket sees: "socket: connected, 4 bytes".
  void write_socket(SocketHandle socket);

 private:
  friend class TcpPeer;
  void add(TcpPeer& peer) { peers_.push_back(&peer); }
  void remove(TcpPeer& peer) { std::erase(peers_, &peer); }
  void write_injected(const std::string& text);
  void run_until(Duration deadline, const std::function<bool()>& condition);
  void receive(EmittedPacket& packet);
  TcpPeer* peer_of(const net::PacketView& packet);

  HostUnderTest& host_;
  Transcript transcript_;
  std::vector<TcpPeer*> peers_;
  Observer observer_;
  Duration origin_{};
  bool packets_shown_ = false;
};

// "ECONNREFUSED" and so on; "none".
std::string errno_name(host::SocketError error);

}  // namespace elblab::golden
