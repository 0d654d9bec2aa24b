#include "tests/peers/peer_process.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "live/network/refused.hpp"

namespace elblab::peers {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

sockaddr_in socket_address(const net::IpAddress& address, std::uint16_t port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_port = htons(port);
  result.sin_addr.s_addr = htonl(address.v4_value());
  return result;
}

// In the child. Its name is its group's, so that its own children can be ended with it.
[[noreturn]] void become(const std::vector<std::string>& command, int output) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  execv(arguments[0], arguments.data());
  _exit(127);
}

}  // namespace

std::optional<std::filesystem::path> find_program(const std::string& name) {
  const char* const path = std::getenv("PATH");
  std::istringstream folders(std::string(path != nullptr ? path : "") +
                             ":/usr/sbin:/usr/local/sbin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::filesystem::path program = std::filesystem::path(folder) / name;
    if (!folder.empty() && access(program.c_str(), X_OK) == 0) return program;
  }
  return std::nullopt;
}

PeerProcess::PeerProcess(const std::vector<std::string>& command, std::filesystem::path output)
    : output_(std::move(output)) {
  const live::FileDescriptor file(
      open(output_.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600));
  if (!file.open()) throw std::runtime_error(live::refused("opening " + output_.string()).message);
  process_ = fork();
  if (process_ < 0) throw std::runtime_error(live::refused("starting " + command[0]).message);
  if (process_ == 0) become(command, file.get());
  setpgid(process_, process_);  // whoever of the two is first
  ended_ = live::FileDescriptor(static_cast<int>(syscall(SYS_pidfd_open, process_, 0)));
}

PeerProcess::~PeerProcess() {
  kill(process_, SIGTERM);
  ends_within(milliseconds(5000));
  kill(-process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

void PeerProcess::signal(int number) const { kill(process_, number); }

bool PeerProcess::ends_within(milliseconds time) const {
  pollfd waiting{ended_.get(), POLLIN, 0};
  return poll(&waiting, 1, static_cast<int>(time.count())) == 1;
}

live::FileDescriptor PeerProcess::connect(std::uint16_t port, const net::IpAddress& client) const {
  const sockaddr_in from = socket_address(client, 0);
  const sockaddr_in to = socket_address(kLoopback, port);
  const Clock::time_point limit = Clock::now() + milliseconds(10'000);
  std::string reason;
  do {
    live::FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&from), sizeof from) == 0 &&
        ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) {
      return socket;
    }
    const int error = errno;
    reason = live::refused("connecting to port " + std::to_string(port), error).message;
    if (error != ECONNREFUSED) break;
  } while (!ends_within(milliseconds(1)) && Clock::now() < limit);
  std::ostringstream said;
  said << std::ifstream(output_).rdbuf();
  throw std::runtime_error(reason + "\n" + said.str());
}

}  // namespace elblab::peers
