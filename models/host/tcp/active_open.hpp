// connect(): ports, SYN, and what a SYN may be answered with (rows 2–5, 17–19, 28).
#pragma once

#include "models/host/tcp/tcp_input.hpp"

namespace elblab::host {

class ActiveOpen {
 public:
  ActiveOpen(TcpShared& shared, TcpLifecycle& lifecycle, TcpOutput& output, TcpInput& input)
      : shared_(shared), lifecycle_(lifecycle), output_(output), input_(input) {}

  ConnectResult connect(net::Endpoint source, const net::Endpoint& destination,
                        SocketEvents& events, Instant now);
  // A segment of a connection in SYN_SENT.
  void receive(TcpConnection& connection, const Segment& segment, Instant now);
  // A segment of a connection whose SYN crossed the peer's (RFC 9293 §3.5, figure 7).
  void receive_crossed(TcpConnection& connection, const Segment& segment, Instant now);
  // The SYN's retransmission timer ran out (row 5).
  void timed_out(TcpConnection& connection, Instant now);

 private:
  // A port for the flow; false: EADDRNOTAVAIL.
  bool choose_port(net::Endpoint& source, const net::Endpoint& destination,
                   EphemeralPorts::SetId set, Instant now);
  // The flow is in TIME_WAIT here and may be taken over (tcp_twsk_unique).
  bool reusable(const net::Endpoint& source, const net::Endpoint& destination, Instant now) const;
  void start(TcpConnection& connection, Instant now);
  void established(TcpConnection& connection, const Segment& segment, Instant now);
  void simultaneous(TcpConnection& connection, const Segment& segment, Instant now);
  void take_options(TcpConnection& connection, const Segment& segment, Instant now);
  void refused_locally(const net::Endpoint& source, const net::Endpoint& destination, Instant now);

  TcpShared& shared_;
  TcpLifecycle& lifecycle_;
  TcpOutput& output_;
  TcpInput& input_;
};

}  // namespace elblab::host
