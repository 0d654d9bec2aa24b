#include "live/hosts/proc_file.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace elblab::live {

Expected<void> ProcFile::open(const std::string& name) {
  const std::string path = "/proc/thread-self/net/" + name;
  descriptor_ = FileDescriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!descriptor_.open()) return refused("opening " + path);
  text_.resize(16 * 1024);
  return {};
}

std::string_view ProcFile::read() {
  std::size_t size = 0;
  for (;;) {
    const ssize_t n = pread(descriptor_.get(), text_.data() + size, text_.size() - size,
                            static_cast<off_t>(size));
    if (n <= 0) break;
    size += static_cast<std::size_t>(n);
    if (size == text_.size()) text_.resize(2 * text_.size());
  }
  return std::string_view(text_).substr(0, size);
}

}  // namespace elblab::live
