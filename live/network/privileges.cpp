#include "live/network/privileges.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live/network/file_descriptor.hpp"
#include "live/network/network_device.hpp"
#include "live/network/network_namespace.hpp"

namespace elblab::live {
namespace {

Expected<void> try_everything() {
  const auto made = NetworkNamespace::make_named("probe");
  if (!made) return made.error();
  const NamespaceScope scope(*made);
  if (!scope.entered()) return scope.entered();
  if (auto done = bring_up("lo", Arp::on); !done) return done;
  const FileDescriptor socket(::socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.open()) return refused("opening a packet socket");
  return {};
}

[[noreturn]] void report_from_child(int output) {
  const auto tried = try_everything();
  if (!tried) {
    const std::string& reason = tried.error().message;
    [[maybe_unused]] const auto written = write(output, reason.data(), reason.size());
  }
  _exit(0);
}

std::string read_to_end(int input) {
  std::string text;
  char part[256];
  for (ssize_t size = 0; (size = read(input, part, sizeof part)) > 0;) {
    text.append(part, static_cast<std::size_t>(size));
  }
  return text;
}

}  // namespace

Expected<void> check_privileges() {
  int channel[2];
  if (pipe(channel) != 0) return refused("making a pipe");
  const FileDescriptor input(channel[0]);
  FileDescriptor output(channel[1]);
  const pid_t child = fork();
  if (child < 0) return refused("starting a process");
  if (child == 0) report_from_child(output.get());
  output.reset();
  const std::string reason = read_to_end(input.get());
  waitpid(child, nullptr, 0);
  if (reason.empty()) return {};
  return Error{
      "live traffic needs root, or CAP_SYS_ADMIN, CAP_NET_ADMIN and CAP_NET_RAW, to build "
      "its own network namespaces: " +
      reason + ". Run it with sudo, or in a container started with --privileged."};
}

}  // namespace elblab::live
