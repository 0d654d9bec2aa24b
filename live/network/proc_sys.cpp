#include "live/network/proc_sys.hpp"

#include <fcntl.h>
#include <unistd.h>

#include "live/network/file_descriptor.hpp"

namespace elblab::live {
namespace {

std::string full_path(const std::string& path) { return "/proc/sys/" + path; }

}  // namespace

Expected<std::string> read_proc_sys(const std::string& path) {
  const FileDescriptor file(open(full_path(path).c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.open()) return refused("reading " + full_path(path));
  char text[512];
  const ssize_t size = read(file.get(), text, sizeof text);
  if (size < 0) return refused("reading " + full_path(path));
  std::string value(text, static_cast<std::size_t>(size));
  while (!value.empty() && value.back() == '\n') value.pop_back();
  return value;
}

Expected<void> write_proc_sys(const std::string& path, std::string_view value) {
  const std::string tried = "writing " + std::string(value) + " to " + full_path(path);
  const FileDescriptor file(open(full_path(path).c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.open()) return refused(tried);
  if (write(file.get(), value.data(), value.size()) < 0) return refused(tried);
  return {};
}

bool proc_sys_exists(const std::string& path) { return access(full_path(path).c_str(), F_OK) == 0; }

}  // namespace elblab::live
