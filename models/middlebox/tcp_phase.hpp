// Follows a TCP connection through a NAT box just as far as its timeouts ask (RFC 5382 §5): SYN,
// FIN and RST, by their flags alone.
//
// It judges nothing and knows no sequence numbers: a FIN counts though it may yet be lost behind
// the box, a RST though the ends may not believe it. That is what lets an outer port come free
// before the server has done with the old connection (FTC-14).
#pragma once

#include "models/middlebox/translation.hpp"
#include "models/telemetry/recorder.hpp"

namespace elblab::middlebox {

// A segment passes that came from `side`: updates phase and what was seen. A session that is over
// stays over; whoever begins it anew says so by starting with Phase::opening and nothing seen.
void follow(Session& session, Side side, std::uint8_t tcp_flags);

// Why a session of this history ends when its time is over. The side that began it is the client.
telemetry::Reason end_reason(const Session& session);

}  // namespace elblab::middlebox
