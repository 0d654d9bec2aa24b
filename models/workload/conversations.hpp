// Plays TCP conversations of a script: each begins at its time on a fresh port, sends its requests,
// takes the responses, pauses and ends as the script says.
//
// request_timeout is the patience for a connection, for each response (beyond the server's own
// delay) and for a server that is to close. What is met unanswered is aborted; nothing is tried
// again. A conversation that goes its scripted way to the end counts in the tally as as_captured,
// any other by how it differed. Left open ones count when they have said all they have to say, and
// no longer once somebody ends them.
//
// ClientCounters: a request is an exchange that expects a response; an attempt that never became a
// connection counts as one failed request.
#pragma once

#include "models/workload/client.hpp"
#include "models/workload/conversation_script.hpp"
#include "models/workload/script_cursor.hpp"
#include "models/workload/slot_pool.hpp"
#include "models/workload/socket_map.hpp"
#include "models/workload/timer_heap.hpp"

namespace elblab::workload {

class Conversations final : public Client {
 public:
  // `sockets` must outlive the client, and the client its sockets. Precondition: parameters.script.
  Conversations(const ClientParameters& parameters, host::Sockets& sockets, net::IpAddress source);

  void start(Instant now) override;
  Instant next_deadline() const override;
  void advance(Instant now) override;

 private:
  using Difference = ConversationTally::Difference;
  enum class Phase : std::uint8_t {
    connecting,
    thinking,  // before a request
    awaiting_answer,
    awaiting_sent,  // the last request is not acknowledged yet, and RST would throw it away
    holding,        // everything said; this side closes when the pause is over
    awaiting_end,   // everything said; the server closes
    left_open,
  };
  struct Talk {
    host::SocketId socket = 0;
    std::uint32_t conversation = 0;
    std::uint32_t said = 0;        // exchanges that are over
    std::uint64_t sent = 0;        // bytes of this side's stream
    std::uint64_t received = 0;    // bytes of the server's stream
    std::uint64_t answer_end = 0;  // where in it the current answer ends
    Instant asked_at;
    Phase phase = Phase::connecting;
  };

  // SocketApplication
  void on_connected(host::SocketId socket, Instant now) override;
  void on_received(host::SocketId socket, std::span<const std::uint8_t> bytes,
                   Instant now) override;
  void on_peer_finished(host::SocketId socket, Instant now) override;
  void on_sent_all(host::SocketId socket, Instant now) override;
  void on_closed(host::SocketId socket, host::SocketError error, Instant now) override;

  const Conversation& conversation(std::uint32_t slot) const;
  const Exchange& exchange(std::uint32_t slot) const;  // the current one
  bool last_exchange(std::uint32_t slot) const;
  void begin(std::uint32_t index, Instant now);
  void go_on(std::uint32_t slot, Instant now);
  void ask(std::uint32_t slot, Instant now);
  std::uint16_t flags_of_request(std::uint32_t slot) const;
  void sent_without_answer(std::uint32_t slot, Instant now);
  void all_said(std::uint32_t slot, Instant now);
  void hold(std::uint32_t slot, Instant now);
  void close_own(std::uint32_t slot, Instant now);
  void timer_due(std::uint32_t slot, Instant now);
  void abort(std::uint32_t slot, Difference difference, host::SocketError error, Instant now);
  void end(std::uint32_t slot, std::optional<Difference> difference, host::SocketError error);
  void wait(std::uint32_t slot, Phase phase, Duration at_most, Instant now);

  std::shared_ptr<const ConversationScript> script_;
  std::shared_ptr<ConversationTally> tally_;
  ScriptCursor cursor_;
  SlotPool<Talk> talks_;
  SocketMap slots_;
  // Asking for a deadline drops stale timers from the front, which changes nothing seen outside.
  mutable TimerHeap<SlotRef> timers_;
};

}  // namespace elblab::workload
