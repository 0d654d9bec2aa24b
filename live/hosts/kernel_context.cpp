#include "live/hosts/kernel_context.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <cerrno>

namespace elblab::live {
namespace {
constexpr Duration kRetryPause = std::chrono::milliseconds(10);
}

KernelContext::KernelContext(const NetworkNamespace& of, observation::SilentEnds& silent_ends)
    : network(of), ends(silent_ends), epoll(epoll_create1(EPOLL_CLOEXEC)) {}

FileDescriptor KernelContext::open_socket(int family, int type) {
  if (!network.enter()) return {};
  FileDescriptor descriptor(::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!descriptor.open() && (errno == EMFILE || errno == ENFILE)) ++counters.out_of_descriptors;
  return descriptor;
}

bool KernelContext::watch(int descriptor, std::uint64_t id, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = id;
  return epoll_ctl(epoll.get(), EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void KernelContext::retry_later(const Unfinished& work, Instant now) {
  starved.push_back(work);
  if (retry_at == kNever) retry_at = now + kRetryPause;
}

}  // namespace elblab::live
