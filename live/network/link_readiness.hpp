// Waits until a device carries packets.
//
// A device that has just come up drops what it is given until the kernel's link watch has given it
// its queue (net/core/link_watch.c); the kernel announces that on rtnetlink.
#pragma once

#include <string>

#include "live/network/failure.hpp"
#include "live/network/file_descriptor.hpp"
#include "models/time/instant.hpp"

namespace elblab::live {

class LinkReadiness {
 public:
  // Listens to announcements of the namespace that the thread is in: before the device comes up.
  [[nodiscard]] Failure listen(const std::string& device);
  // Failure: not ready within the limit.
  [[nodiscard]] Failure wait(Duration limit);

 private:
  bool announced_ready();

  FileDescriptor announcements_;
  std::string device_;
  int index_ = 0;
};

}  // namespace elblab::live
