#include "tests/fidelity/isolated_host.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <string_view>

namespace elblab::fidelity {
namespace {

void write_file(const std::string& path, const std::string& value) {
  const live::FileDescriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.open() || write(file.get(), value.data(), value.size()) < 0) {
    throw std::runtime_error(live::refused("writing " + path).message);
  }
}

// Without privileges the process becomes root of a user namespace of its own, if the machine
// allows that (user_namespaces(7)), in a network namespace that belongs to it: it could not come
// back to the machine's.
void become_root_of_own_namespace() {
  if (geteuid() == 0) return;
  const std::string user = std::to_string(geteuid());
  const std::string group = std::to_string(getegid());
  if (unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
    throw std::runtime_error(live::refused("not root, and making a user namespace").message);
  }
  write_file("/proc/self/setgroups", "deny");
  write_file("/proc/self/uid_map", "0 " + user + " 1");
  write_file("/proc/self/gid_map", "0 " + group + " 1");
}

}  // namespace

IsolatedHost::IsolatedHost(const std::vector<live::HostAddress>& addresses) {
  become_root_of_own_namespace();
  host_ = must(live::NetworkNamespace::make_unnamed());
  peer_ = must(live::NetworkNamespace::make_unnamed());
  const live::VethLinkPlan plan{
      .host_device = "host0", .balancer_device = kPeerDevice, .addresses = addresses, .mtu = 1500};
  host_hardware_ = must(live::make_veth_link(host_, peer_, plan));
}

std::string namespaces_refused() {
  int channel[2];
  if (pipe(channel) != 0) return std::strerror(errno);
  const live::FileDescriptor read_end(channel[0]);
  live::FileDescriptor write_end(channel[1]);
  const pid_t child = fork();
  if (child < 0) return std::strerror(errno);
  if (child == 0) {
    try {
      const IsolatedHost host({{net::IpAddress::v4(10, 9, 0, 1), 8}});
    } catch (const std::exception& error) {
      const std::string_view text = error.what();
      [[maybe_unused]] const auto written = write(channel[1], text.data(), text.size());
    }
    _exit(0);
  }
  write_end.reset();
  std::string reason;
  char text[256];
  for (ssize_t n = 0; (n = read(read_end.get(), text, sizeof text)) > 0;) {
    reason.append(text, static_cast<std::size_t>(n));
  }
  waitpid(child, nullptr, 0);
  return reason;
}

}  // namespace elblab::fidelity
