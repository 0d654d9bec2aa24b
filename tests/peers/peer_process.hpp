// A program of somebody else's that runs in the foreground for the life of the object, with its
// output in a file. It ends with us, whatever way we end.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "live/network/file_descriptor.hpp"
#include "models/net/address.hpp"

namespace elblab::peers {

inline const net::IpAddress kLoopback = net::IpAddress::v4(127, 0, 0, 1);

// The program of this name, also where only an administrator's PATH would find it.
std::optional<std::filesystem::path> find_program(const std::string& name);

class PeerProcess {
 public:
  // Throws what the system refused. command[0] is a path.
  PeerProcess(const std::vector<std::string>& command, std::filesystem::path output);
  // Asks it to end, waits a while, then ends it and its children.
  ~PeerProcess();
  PeerProcess(const PeerProcess&) = delete;
  PeerProcess& operator=(const PeerProcess&) = delete;

  void signal(int number) const;
  // A connection to one of its ports on 127.0.0.1 from `client`. While the port is refused, the
  // peer is not ready: tried again, for ten seconds at most. Throws with the program's output.
  live::FileDescriptor connect(std::uint16_t port, const net::IpAddress& client) const;

 private:
  bool ends_within(std::chrono::milliseconds time) const;

  std::filesystem::path output_;
  pid_t process_ = -1;
  live::FileDescriptor ended_;  // readable once it has
};

}  // namespace elblab::peers
