// Probes servers, and judges them: what one node of a balancer does for every server of its groups
// (HC-13). An application on the sockets of a management host, the same in every world.
//
//   tcp    connect; connected is a success                                  (HC-22)
//   http   connect, GET, status line; a code of the list is a success       (HC-30..36)
//   udp    ICMP echo; after the reply a datagram; no Port Unreachable until
//          the deadline is a success, and silence is health                 (HC-40..42)
//
// A probe has one deadline, set when it starts and never moved, whatever comes in pieces meanwhile.
// Probes of a server start one interval after the other, from start to start, whatever they take
// (the timeout is at most the interval, HC-05); the first one at a random moment of the first
// interval (HC-12), from a stream of its own. Each ends as success or failure, with a reason:
// also one that could not be sent. Every probe has a socket of its own, so that a Port Unreachable
// meets the probe that it quotes, and a late one nobody.
//
// Pure: its clock are advance() and the events of its sockets. Sockets, echoes and watch must
// outlive it. Memory: about 300 bytes for each server. A step costs O(log servers).
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "models/health/check.hpp"
#include "models/health/http_answer.hpp"
#include "models/health/judgement.hpp"
#include "models/random/stream.hpp"
#include "models/time/deadline_tree.hpp"
#include "models/workload/socket_application.hpp"
#include "models/workload/socket_map.hpp"

namespace elblab::health {

// What sends ICMP echo requests. The reply goes to Prober::echo_reply with the number.
class EchoSender {
 public:
  virtual ~EchoSender() = default;
  // False: it has no address of that IP version.
  virtual bool send_echo(const net::IpAddress& to, std::uint16_t number, Instant now) = 0;
};

using TargetNumber = std::uint32_t;

// The end of a probe.
struct ProbeResult {
  TargetNumber target = 0;
  Instant started;
  Instant ended;
  // none: it passed. timed_out, refused_by_peer, reset_by_peer, unreachable: of its connection;
  // wrong_code, bad_answer, no_answer: of an HTTP answer; echo_lost, port_unreachable: of UDP;
  // could_not_send: nothing left the node; no_listener: see Check::impossible.
  telemetry::Reason reason = telemetry::Reason::none;
  int status = 0;  // HTTP: of the answer
  Verdict before = Verdict::unknown;
  Verdict after = Verdict::unknown;

  bool passed() const { return reason == telemetry::Reason::none; }
};

class ProbeWatch {
 public:
  virtual ~ProbeWatch() = default;
  virtual void probe_ended(const ProbeResult& result) = 0;
  // Something came back so long after the probe had started: the handshake of a TCP probe, the
  // status line of an HTTP probe, the echo reply of a UDP probe, in time or too late.
  virtual void probe_answered(TargetNumber target, Duration took) = 0;
};

class Prober final : public workload::SocketApplication {
 public:
  // Each with its own address and port; identifiers of echo requests are the sender's.
  Prober(host::Sockets& sockets, EchoSender& echoes, ProbeWatch& watch)
      : sockets_(sockets), echoes_(echoes), watch_(watch) {}

  // Numbered 0, 1, 2 …; not probed yet. stream: where its first probe's moment comes from.
  TargetNumber add(random::Stream stream);
  // From now on it is probed; what is known of it is `initial`. Precondition: it is not probed.
  void begin(TargetNumber target, const Check& check, Verdict initial, Instant now);
  // Other settings: for every probe that starts from now on. One under way ends by those that it
  // began with, so that they take effect within the old interval and timeout (HC-17). A shorter
  // interval counts from the last start. Precondition: it is probed.
  void change(TargetNumber target, const Check& check, Instant now);
  // No more probes; one under way is forgotten without a result.
  void stop(TargetNumber target, Instant now);

  bool probes(TargetNumber target) const { return targets_[target].check.has_value(); }
  Verdict verdict(TargetNumber target) const { return targets_[target].judgement.verdict(); }

  // A reply to the echo request of this number.
  void echo_reply(const net::IpAddress& from, std::uint16_t number, Instant now);

  void start(Instant) override {}
  Instant next_deadline() const override { return timers_.earliest(); }
  void advance(Instant now) override;

 private:
  enum class Phase : std::uint8_t { idle, connecting, answer, echo, silence };
  struct Echo {
    TargetNumber target = 0;
    Instant sent;
  };
  struct Target {
    explicit Target(const random::Stream& first_probe) : stream(first_probe) {}

    random::Stream stream;
    std::optional<Check> check;  // nullopt: not probed
    Judgement judgement{1};
    Instant next_start;
    // Of the probe under way.
    Phase phase = Phase::idle;
    std::uint16_t echo_number = 0;
    std::optional<std::uint16_t> late_echo;  // of the probe before, if its reply has not come
    Instant started;
    Instant deadline;
    host::SocketId socket = 0;
    HttpAnswer answer;
    std::vector<int> success_codes;
  };

  // SocketApplication
  void on_connected(host::SocketId socket, Instant now) override;
  void on_received(host::SocketId socket, std::span<const std::uint8_t> bytes,
                   Instant now) override;
  void on_peer_finished(host::SocketId socket, Instant now) override;
  void on_closed(host::SocketId socket, host::SocketError error, Instant now) override;
  void on_datagram(host::SocketId socket, const net::Endpoint& from,
                   std::span<const std::uint8_t> bytes, Instant now) override;

  void start_probe(TargetNumber number, Instant now);
  void start_connection(TargetNumber number, Instant now);
  void start_echo(TargetNumber number, Instant now);
  void send_datagram(TargetNumber number, Instant now);
  void forget_echoes(Target& target);
  void deadline_reached(TargetNumber number, Instant now);
  void end(TargetNumber number, telemetry::Reason reason, Instant now);
  // Leaves the probe under way, and its socket.
  void leave(Target& target, Instant now);
  void set_timer(TargetNumber number);

  host::Sockets& sockets_;
  EchoSender& echoes_;
  ProbeWatch& watch_;
  std::vector<Target> targets_;
  DeadlineTree timers_;  // by target: the deadline of its probe, or when the next one starts
  workload::SocketMap by_socket_;
  std::unordered_map<std::uint16_t, Echo> by_echo_;  // at most two for each target
  std::uint16_t next_echo_ = 0;
};

}  // namespace elblab::health
