#include "live/event_queue.hpp"

#include <time.h>

#include <algorithm>

namespace elblab::live {

Expected<void> EventQueue::open() {
  epoll_ = FileDescriptor(epoll_create1(EPOLL_CLOEXEC));
  if (!epoll_.open()) return refused("making an epoll instance");
  return {};
}

Expected<void> EventQueue::watch(int descriptor, std::uint32_t id) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u32 = id;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0) {
    return refused("watching a descriptor");
  }
  return {};
}

std::span<const std::uint32_t> EventQueue::wait(Duration limit) {
  const Duration::rep nanoseconds = std::max<Duration::rep>(limit.count(), 0);
  const timespec timeout{.tv_sec = nanoseconds / 1'000'000'000,
                         .tv_nsec = nanoseconds % 1'000'000'000};
  const int count = epoll_pwait2(epoll_.get(), events_.data(), kMostEvents, &timeout, nullptr);
  const auto ready = static_cast<std::size_t>(std::max(count, 0));
  for (std::size_t i = 0; i < ready; ++i) ids_[i] = events_[i].data.u32;
  return {ids_.data(), ready};
}

}  // namespace elblab::live
