// Plays UDP conversations of a script: each on a socket of its own with a fresh port, datagram by
// datagram, waiting for each reply that the script has.
//
// A reply that is missing after request_timeout (beyond the server's own delay) is given up; the
// conversation goes on, and counts as no_reply when it is over. An ICMP port unreachable ends it.
#pragma once

#include <vector>

#include "models/workload/client.hpp"
#include "models/workload/conversation_script.hpp"
#include "models/workload/script_cursor.hpp"
#include "models/workload/slot_pool.hpp"
#include "models/workload/socket_map.hpp"
#include "models/workload/timer_heap.hpp"

namespace elblab::workload {

class DatagramConversations final : public Client {
 public:
  // `sockets` must outlive the client, and the client its sockets. Precondition: parameters.script.
  DatagramConversations(const ClientParameters& parameters, host::Sockets& sockets,
                        net::IpAddress source);

  void start(Instant now) override;
  Instant next_deadline() const override;
  void advance(Instant now) override;

 private:
  using Difference = ConversationTally::Difference;
  struct Talk {
    host::SocketId socket = 0;
    std::uint32_t conversation = 0;
    std::uint32_t said = 0;    // exchanges that are over
    std::uint32_t number = 0;  // of the request that waits for its reply
    Instant asked_at;
    bool waiting = false;  // for a reply, else for the time of the next datagram
    bool missed_reply = false;
  };

  // SocketApplication
  void on_datagram(host::SocketId socket, const net::Endpoint& from,
                   std::span<const std::uint8_t> bytes, Instant now) override;
  void on_closed(host::SocketId socket, host::SocketError error, Instant now) override;

  const Exchange& exchange(const Talk& talk) const;
  void begin(std::uint32_t index, Instant now);
  void go_on(std::uint32_t slot, Instant now);
  void ask(std::uint32_t slot, Instant now);
  void reply_missed(std::uint32_t slot, host::SocketError error, Instant now);
  void end(std::uint32_t slot, std::optional<Difference> difference, Instant now);
  void wait(std::uint32_t slot, Duration time, Instant now);

  std::shared_ptr<const ConversationScript> script_;
  std::shared_ptr<ConversationTally> tally_;
  ScriptCursor cursor_;
  SlotPool<Talk> talks_;
  SocketMap slots_;
  mutable TimerHeap<SlotRef> timers_;  // as Conversations
  std::vector<std::uint8_t> buffer_;
};

}  // namespace elblab::workload
