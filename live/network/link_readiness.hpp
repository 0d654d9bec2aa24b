// Waits until a device that has been brought up carries packets both ways.
//
// It drops what it is given to send until the kernel's link watch has given it its queue
// (net/core/link_watch.c), and what it receives for an IPv6 address until the kernel, which does
// that in the background even without duplicate address detection, has made the address's local
// route (net/ipv6/addrconf.c). Both are announced on rtnetlink(7), which may lose announcements
// where hundreds of devices come and go: after a while without any the kernel is asked.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "live/network/file_descriptor.hpp"
#include "live/network/refused.hpp"
#include "models/net/address.hpp"
#include "models/time/instant.hpp"

namespace elblab::live {

class LinkReadiness {
 public:
  // Listens to announcements of the namespace that the thread is in: before the device comes up and
  // gets its addresses. addresses: the IPv6 ones it will have.
  Expected<void> listen(const std::string& device, std::vector<net::IpAddress> addresses);
  // Error: not ready within the limit.
  Expected<void> wait(Duration limit);

 private:
  void read_announcements();
  void ask();
  void hear(std::string_view message);
  bool ready() const { return has_queue_ && awaited_.empty(); }

  FileDescriptor announcements_;
  std::string device_;
  int index_ = 0;
  bool has_queue_ = false;
  std::vector<net::IpAddress> awaited_;  // without a local route yet
};

}  // namespace elblab::live
