#include "tests/peers/probed_listeners.hpp"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <map>
#include <stdexcept>

#include "live/network/refused.hpp"

namespace elblab::peers {
namespace {

constexpr std::uint16_t kFirstPort = 3000;
constexpr int kLimitMs = 10'000;

live::FileDescriptor listen_on(std::uint16_t port) {
  live::FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int yes = 1;
  setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(socket.get(), 64) != 0) {
    throw std::runtime_error(live::refused("listening on port " + std::to_string(port)).message);
  }
  return socket;
}

// Sockets of probes that the checker gave up end early: no error here, the result tells.
void read_request(const live::FileDescriptor& probe) {
  std::string request;
  std::array<char, 2048> part;
  while (!request.ends_with("\r\n\r\n")) {
    const ssize_t size = recv(probe.get(), part.data(), part.size(), 0);
    if (size <= 0) return;
    request.append(part.data(), static_cast<std::size_t>(size));
  }
}

void reset_when_closed(const live::FileDescriptor& socket) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

std::string with_code(const std::string& code) {
  return "HTTP/1.1 " + code + "\r\nContent-Length: 0\r\n\r\n";
}

const std::map<std::string, std::vector<RawAnswer>>& answers_by_result() {
  static const std::map<std::string, std::vector<RawAnswer>> table{
      {"L7OK", {{{with_code("200 OK")}}, {{with_code("202 Accepted")}}, {{with_code("401 Who")}}}},
      {"L7STS", {{{with_code("500 No")}}, {{with_code("404 No")}}, {{with_code("302 There")}}}},
      {"L7RSP", {{{"SSH-2.0-OpenSSH_9.2\r\n"}}, {{}}}}};
  return table;
}

}  // namespace

ProbedListeners::ProbedListeners(std::size_t count) : held_(count), turns_(count, 0) {
  for (std::size_t server = 0; server < count; ++server) {
    listening_.push_back(listen_on(static_cast<std::uint16_t>(kFirstPort + server)));
  }
}

std::string ProbedListeners::endpoint(std::size_t server) const {
  return "127.0.0.1:" + std::to_string(kFirstPort + server);
}

std::size_t ProbedListeners::next() {
  std::vector<pollfd> waiting;
  for (const auto& socket : listening_) waiting.push_back({socket.get(), POLLIN, 0});
  if (poll(waiting.data(), waiting.size(), kLimitMs) < 1) throw std::runtime_error("no probe came");
  // The one whose turn is longest ago comes first, so that none keeps the others waiting.
  std::size_t server = waiting.size();
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    if (waiting[i].revents == 0) continue;
    if (server == waiting.size() || turns_[i] < turns_[server]) server = i;
  }
  held_[server] =
      live::FileDescriptor(accept4(listening_[server].get(), nullptr, nullptr, SOCK_CLOEXEC));
  read_request(held_[server]);
  return server;
}

void ProbedListeners::bring_about(std::size_t server, const std::string& result) {
  const std::vector<RawAnswer>& choice = answers_by_result().at(result);
  answer(server, choice[turns_[server] % choice.size()], [] {});
}

void ProbedListeners::answer(std::size_t server, const RawAnswer& answer,
                             const std::function<void()>& between) {
  ++turns_[server];
  live::FileDescriptor& probe = held_[server];
  const int yes = 1;
  setsockopt(probe.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  for (const std::string& piece : answer.pieces) {
    // The checker may have decided, and closed.
    if (send(probe.get(), piece.data(), piece.size(), MSG_NOSIGNAL) < 0) break;
    between();
  }
  if (answer.ending == RawAnswer::Ending::stay_open) return;
  if (answer.ending == RawAnswer::Ending::reset) reset_when_closed(probe);
  probe.reset();
}

}  // namespace elblab::peers
