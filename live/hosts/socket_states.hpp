// How many TCP sockets of a namespace are in which state, asked of the kernel over sock_diag(7).
//
// Asked only for states that are short or rare and for listeners, so that many thousand established
// connections or TIME_WAITs cost nothing; what remains is one walk of the kernel's hash table,
// about 0.2 ms.
#pragma once

#include <cstdint>

#include "live/network/file_descriptor.hpp"
#include "live/network/refused.hpp"

namespace elblab::live {

class SocketStates {
 public:
  struct Counts {
    std::uint64_t syn_sent = 0;
    std::uint64_t syn_received = 0;
    std::uint64_t close_wait = 0;
    std::uint64_t closing = 0;  // FIN_WAIT_1, CLOSING, LAST_ACK
    std::uint64_t fin_wait_2 = 0;
    // Of those: orphans, which the kernel keeps among its TIME_WAITs (tcp_time_wait()).
    std::uint64_t fin_wait_2_orphans = 0;
    // Of the listener whose accept queue is fullest for its size: Recv-Q and Send-Q of ss -ltn.
    bool listening = false;
    std::uint64_t accept_queue = 0;
    std::uint64_t backlog = 0;
  };

  // The thread must be in the namespace.
  Expected<void> open();
  // Both families. False: the kernel did not answer.
  bool count(Counts& counts);

 private:
  bool ask();
  FileDescriptor socket_;
};

}  // namespace elblab::live
