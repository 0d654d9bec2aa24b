#include "tests/peers/answering_servers.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <stdexcept>

#include "live/network/refused.hpp"

namespace elblab::peers {
namespace {

constexpr std::uint16_t kFirstPort = 3000;
constexpr int kLimitMs = 10'000;

void reset_when_closed(const live::FileDescriptor& socket) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

// What servers answer: their number as a letter.
constexpr char kNames[] = "abcdefghijklmnopqrstuvwxyz";

std::size_t heard_from(const live::FileDescriptor& client) {
  char heard = 0;
  if (recv(client.get(), &heard, 1, 0) != 1) {
    throw std::runtime_error("the peer closed a client's connection");
  }
  return static_cast<std::size_t>(heard - kNames[0]);
}

void wait_for_input(const live::FileDescriptor& socket, const char* what) {
  pollfd waiting{socket.get(), POLLIN, 0};
  if (poll(&waiting, 1, kLimitMs) != 1) throw std::runtime_error(std::string("no ") + what);
}

}  // namespace

void PeerConnection::end() {
  reset_when_closed(client_);
  client_.reset();
  wait_for_input(at_server_, "end of the connection at the server");
  char byte = 0;
  if (recv(at_server_.get(), &byte, 1, 0) > 0) throw std::runtime_error("data from nowhere");
  at_server_.reset();
}

void PeerConnection::abandon() {
  reset_when_closed(client_);
  reset_when_closed(at_server_);
  client_.reset();
  at_server_.reset();
}

AnsweringServers::AnsweringServers(std::size_t count) : listening_(count) {
  for (std::size_t server = 0; server < count; ++server) come(server);
}

std::string AnsweringServers::endpoint(std::size_t server) {
  return "127.0.0.1:" + std::to_string(kFirstPort + server);
}

void AnsweringServers::go(std::size_t server) { listening_[server].reset(); }

void AnsweringServers::come(std::size_t server) {
  live::FileDescriptor socket(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int yes = 1;
  setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(kFirstPort + server));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(socket.get(), 64) != 0) {
    throw std::runtime_error(live::refused("listening on " + endpoint(server)).message);
  }
  listening_[server] = std::move(socket);
}

live::FileDescriptor AnsweringServers::accept_and_answer(std::size_t server) const {
  live::FileDescriptor accepted(accept4(listening_[server].get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!accepted.open() || send(accepted.get(), &kNames[server], 1, MSG_NOSIGNAL) != 1) {
    throw std::runtime_error(live::refused("answering from " + endpoint(server)).message);
  }
  return accepted;
}

PeerConnection AnsweringServers::meet(live::FileDescriptor client) const {
  std::vector<pollfd> waiting;
  for (const live::FileDescriptor& socket : listening_) {
    waiting.push_back({socket.get(), POLLIN, 0});  // one that is gone is -1: passed over
  }
  waiting.push_back({client.get(), POLLIN, 0});
  if (poll(waiting.data(), waiting.size(), kLimitMs) < 1) {
    throw std::runtime_error("no server got the connection");
  }
  for (std::size_t server = 0; server < count(); ++server) {
    if ((waiting[server].revents & POLLIN) == 0) continue;
    live::FileDescriptor accepted = accept_and_answer(server);
    wait_for_input(client, "answer at the client");
    if (heard_from(client) != server) {
      throw std::runtime_error("the client did not get the answer of " + endpoint(server));
    }
    return {std::move(client), std::move(accepted), server};
  }
  throw std::runtime_error("the peer closed the client's connection");
}

std::vector<std::size_t> AnsweringServers::answers(
    std::vector<live::FileDescriptor> clients) const {
  constexpr std::size_t kUnknown = sizeof kNames;
  std::vector<std::size_t> answered(clients.size(), kUnknown);
  std::vector<live::FileDescriptor> accepted;
  std::vector<pollfd> waiting;
  for (std::size_t missing = clients.size(); missing > 0;) {
    waiting.clear();
    for (const auto& socket : listening_) waiting.push_back({socket.get(), POLLIN, 0});
    for (std::size_t i = 0; i < clients.size(); ++i) {
      waiting.push_back({answered[i] == kUnknown ? clients[i].get() : -1, POLLIN, 0});
    }
    if (poll(waiting.data(), waiting.size(), kLimitMs) < 1) {
      throw std::runtime_error("no server answered for " + std::to_string(missing) +
                               " connections");
    }
    for (std::size_t server = 0; server < count(); ++server) {
      if (waiting[server].revents != 0) accepted.push_back(accept_and_answer(server));
    }
    for (std::size_t i = 0; i < clients.size(); ++i) {
      if (waiting[count() + i].revents == 0) continue;
      answered[i] = heard_from(clients[i]);
      --missing;
    }
  }
  for (const auto& socket : clients) reset_when_closed(socket);
  for (const auto& socket : accepted) reset_when_closed(socket);
  return answered;
}

}  // namespace elblab::peers
