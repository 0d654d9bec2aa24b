// What the timers of connections do when they run out.
#pragma once

#include "models/host/tcp/active_open.hpp"
#include "models/host/tcp/passive_open.hpp"

namespace elblab::host {

class TcpTimers {
 public:
  TcpTimers(TcpShared& shared, TcpLifecycle& lifecycle, TcpOutput& output, TcpReceiver& receiver,
            ActiveOpen& active, PassiveOpen& passive)
      : shared_(shared),
        lifecycle_(lifecycle),
        output_(output),
        receiver_(receiver),
        active_(active),
        passive_(passive) {}

  Instant next_deadline() const;
  // Everything due at `now`: connection timers and the ends of TIME_WAIT.
  void advance(Instant now);

 private:
  void expired(TcpConnection& connection, Instant now);
  void acknowledge(TcpConnection& connection, Instant now);
  void deliver_early_data(TcpConnection& connection, Instant now);
  void fire(TcpConnection& connection, Instant now);
  void retransmission(TcpConnection& connection, Instant now);
  void window_probe(TcpConnection& connection, Instant now);
  void reordering(TcpConnection& connection, Instant now);
  void give_up(TcpConnection& connection, Instant now);
  // tcp_retries2 is a time: that of so many doublings from 200 ms (retransmits_timed_out).
  bool out_of_patience(const TcpConnection& connection, Instant now);

  TcpShared& shared_;
  TcpLifecycle& lifecycle_;
  TcpOutput& output_;
  TcpReceiver& receiver_;
  ActiveOpen& active_;
  PassiveOpen& passive_;
};

}  // namespace elblab::host
