// Servers behind a peer, and who of them got a connection. They are listening sockets of the test,
// which does one thing after the other: whichever server a connection comes to is asked for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "live/network/file_descriptor.hpp"

namespace elblab::peers {

// A client's connection through a peer, open at both ends.
class PeerConnection {
 public:
  PeerConnection(live::FileDescriptor client, live::FileDescriptor at_server, std::size_t server)
      : client_(std::move(client)), at_server_(std::move(at_server)), server_(server) {}

  std::size_t server() const { return server_; }
  // The client resets it; returns when the peer has let go of the server too. Throws when it does
  // not within ten seconds.
  void end();
  // Both ends reset it: nothing stays behind in TIME_WAIT, and nobody waits.
  void abandon();

 private:
  live::FileDescriptor client_;
  live::FileDescriptor at_server_;
  std::size_t server_;
};

class AnsweringServers {
 public:
  // Numbered from 0, on ports of 127.0.0.1. Throws what the system refused.
  explicit AnsweringServers(std::size_t count);

  std::size_t count() const { return listening_.size(); }
  // "127.0.0.1:3000", as peers' configurations name it.
  static std::string endpoint(std::size_t server);

  // Connections to a server that is gone are refused.
  void go(std::size_t server);
  void come(std::size_t server);
  bool gone(std::size_t server) const { return !listening_[server].open(); }

  static constexpr std::size_t kMostAtOnce = 32;

  // Follows a client's connection to a peer until a server has it and its answer is back at the
  // client: the peer then knows that the server took it. Throws when that does not happen within
  // ten seconds.
  PeerConnection meet(live::FileDescriptor client) const;
  // Connections at once, kMostAtOnce at most: who answers each of the clients, in their order. A
  // peer that takes connections in the order in which they came decides as for one after the other,
  // but is woken once. All are then reset.
  std::vector<std::size_t> answers(std::vector<live::FileDescriptor> clients) const;

 private:
  live::FileDescriptor accept_and_answer(std::size_t server) const;

  std::vector<live::FileDescriptor> listening_;
};

}  // namespace elblab::peers
