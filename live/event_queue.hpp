// Waits for descriptors to become readable, with a deadline to the nanosecond. epoll(7),
// epoll_pwait2(2).
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <span>

#include "live/network/file_descriptor.hpp"
#include "live/network/refused.hpp"
#include "models/time/instant.hpp"

namespace elblab::live {

class EventQueue {
 public:
  Expected<void> open();
  // `id` is told whenever the descriptor is readable (level-triggered).
  Expected<void> watch(int descriptor, std::uint32_t id);
  // The ids of what is readable, after waiting for at most `limit`; at once for zero or less. Valid
  // until the next call. A signal ends the waiting.
  std::span<const std::uint32_t> wait(Duration limit);

 private:
  static constexpr std::size_t kMostEvents = 256;

  FileDescriptor epoll_;
  std::array<epoll_event, kMostEvents> events_{};
  std::array<std::uint32_t, kMostEvents> ids_{};
};

}  // namespace elblab::live
