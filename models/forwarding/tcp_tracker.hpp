// Follows a TCP connection that passes by (RFC 9293 §3.6): phases for the timeouts, and the
// sequence numbers for the RST of TO-03.
//
// It judges nothing: every segment of a known binding is passed on, the ends decide (FWD-07).
#pragma once

#include "models/forwarding/connection.hpp"
#include "models/net/packet_view.hpp"
#include "models/telemetry/recorder.hpp"

namespace elblab::forwarding {

// True for the segment that opens a connection: SYN without ACK, RST or FIN.
bool opens_connection(const net::PacketView& segment);

// The client's SYN made the binding.
void start_tracking(Connection& connection, const net::PacketView& syn);

// A segment from `side` passes: updates state, what was seen and sequence numbers. True when it was
// sent again: it brought nothing new.
bool track(Connection& connection, Side side, const net::PacketView& segment);

// Why a binding of this history ends, when it ends by its own timer.
telemetry::Reason end_reason(const Connection& connection);

}  // namespace elblab::forwarding
