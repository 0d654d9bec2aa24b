// What the sockets of one namespace have in common. Owned by KernelSockets; its parts hold a
// reference.
#pragma once

#include <cstdint>
#include <vector>

#include "live/network/file_descriptor.hpp"
#include "live/network/network_namespace.hpp"
#include "models/host/socket_notices.hpp"
#include "models/observation/silent_ends.hpp"

namespace elblab::live {

// What applications asked of the sockets and the kernel does not count by itself. Totals.
struct SocketCounters {
  std::uint64_t connections_opened = 0;       // a SYN was sent for connect()
  std::uint64_t connections_established = 0;  // of those
  std::uint64_t connections_failed = 0;       // of those, ended before they were established
  std::uint64_t refused_locally = 0;          // EADDRNOTAVAIL and kin: no SYN was sent
  std::uint64_t out_of_descriptors = 0;       // calls that failed for want of a file descriptor
  std::uint64_t datagrams_not_taken = 0;      // the send buffer was full: lost
};

class KernelContext {
 public:
  // Both must outlive the context.
  KernelContext(const NetworkNamespace& network, observation::SilentEnds& ends);

  // A non-blocking socket in the namespace; not open, and counted, when the system gives none.
  FileDescriptor open_socket(int family, int type);
  // Edges of these epoll events are told under this id. False: the system refused.
  bool watch(int descriptor, std::uint64_t id, std::uint32_t events);

  // Work that a portion left over: done at the next handle().
  struct Unfinished {
    std::uint64_t id = 0;
    std::uint32_t events = 0;
  };

  const NetworkNamespace& network;
  observation::SilentEnds& ends;
  FileDescriptor epoll;
  host::SocketNotices notices;
  SocketCounters counters;
  std::vector<Unfinished> unfinished;
  // What failed for want of a descriptor, which any socket of the process may free: tried again at
  // `retry_at`.
  void retry_later(const Unfinished& work, Instant now);
  std::vector<Unfinished> starved;
  Instant retry_at = kNever;
};

}  // namespace elblab::live
