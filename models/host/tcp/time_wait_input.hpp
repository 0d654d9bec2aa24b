// Segments of flows in TIME_WAIT (rows 13–16; tcp_timewait_state_process; RFC 6191, RFC 1337).
#pragma once

#include <optional>

#include "models/host/tcp/tcp_lifecycle.hpp"
#include "models/host/tcp/tcp_output.hpp"

namespace elblab::host {

class TimeWaitInput {
 public:
  TimeWaitInput(TcpShared& shared, TcpLifecycle& lifecycle, TcpOutput& output)
      : shared_(shared), lifecycle_(lifecycle), output_(output) {}

  // The ISN for a new connection when the segment is a SYN that may take the flow over and
  // `listening`; the record is gone then. Otherwise the segment is dealt with.
  std::optional<std::uint32_t> receive(std::uint32_t slot, const Segment& segment, bool listening,
                                       Instant now);

 private:
  void answer(std::uint32_t slot, const Segment& segment, Instant now);

  TcpShared& shared_;
  TcpLifecycle& lifecycle_;
  TcpOutput& output_;
};

}  // namespace elblab::host
