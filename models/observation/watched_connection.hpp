// What the packets of a host's link have told about one of its TCP connections so far. Plain data;
// connection_watch.hpp acts on it. Names follow RFC 9293 §3.3.1, from the host's point of view.
#pragma once

#include <cstdint>

#include "models/net/flow_key.hpp"
#include "models/time/instant.hpp"

namespace elblab::observation {

struct WatchedConnection {
  enum class State : std::uint8_t {
    syn_sent,
    syn_received,
    established,  // and everything after it, up to the end: see the FIN flags
    time_wait,    // the host closed first, and both FINs are acknowledged
  };

  net::Endpoint local;
  net::Endpoint remote;
  State state = State::syn_sent;
  bool client = false;           // the host sent the first SYN
  bool fin_sent = false;         // by the host
  bool fin_known = false;        // a FIN of the peer was seen; it ends at peer_fin_end
  bool fin_received = false;     // and everything before it
  bool local_fin_first = false;  // the host's FIN left before the peer's came
  bool syn_unanswered = false;   // TIME_WAIT: a SYN came; what the host answers decides

  std::uint32_t initial_send = 0;  // ISS
  std::uint32_t send_next = 0;
  std::uint32_t send_unacknowledged = 0;
  std::uint32_t initial_receive = 0;  // IRS
  std::uint32_t receive_next = 0;     // in order, acknowledged yet or not
  std::uint32_t receive_acknowledged = 0;
  std::uint32_t receive_limit = 0;  // end of the window that the host has offered
  std::uint32_t peer_fin_end = 0;
  std::uint8_t window_scale = 0;  // of the host's windows
  std::uint8_t syn_acks = 0;      // sent again so often

  std::uint64_t bytes_acknowledged = 0;  // payload sent
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_unconfirmed = 0;  // of those, not acknowledged by the host yet
  std::uint32_t retransmissions = 0;

  Instant opened_at;
  Instant established_at = kNever;
  Instant expires = kNever;  // of TIME_WAIT, or of a SYN+ACK that nothing answers

  bool fin_acknowledged() const { return fin_sent && send_unacknowledged == send_next; }
  // Client to server.
  net::FlowKey flow() const {
    const net::FlowKey outwards{local, remote, net::Protocol::tcp};
    return client ? outwards : outwards.reversed();
  }
};

}  // namespace elblab::observation
