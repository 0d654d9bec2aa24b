// A file of /proc/net that is read again and again: opened once inside its namespace, of which it
// goes on telling wherever the thread is (proc_pid_net(5)).
#pragma once

#include <string>
#include <string_view>

#include "live/network/file_descriptor.hpp"
#include "live/network/refused.hpp"

namespace elblab::live {

class ProcFile {
 public:
  // name: below /proc/net. The thread must be in the namespace.
  Expected<void> open(const std::string& name);
  // The whole file as it is now; valid until the next read. Empty when it cannot be read.
  std::string_view read();

 private:
  FileDescriptor descriptor_;
  std::string text_;
};

}  // namespace elblab::live
