// haproxy as a checker of servers: each in a group of its own, with its own rise and fall.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "tests/peers/haproxy_peer.hpp"

namespace elblab::peers {

struct CheckedServer {
  std::string endpoint;
  unsigned rise = 1;               // successes in a row that bring it up
  unsigned fall = 1;               // failures in a row that take it down
  std::vector<std::string> lines;  // keywords of its group: which check
};

// What haproxy knows of a server.
struct CheckState {
  bool up = false;
  unsigned against = 0;  // results in a row that speak against it
  std::string result;    // of the last check, in haproxy's words: "L7OK"; "INI": none yet

  friend bool operator==(const CheckState&, const CheckState&) = default;
};

class HaproxyChecks {
 public:
  HaproxyChecks(const std::vector<CheckedServer>& servers, std::chrono::milliseconds interval);

  CheckState state(std::size_t server) const;
  // Up as after a success; without it a server is up at start, and the first failure takes it down.
  void make_fully_up(std::size_t server) const;
  // Returns when it has read what was there to read.
  void wait_until_it_has_read() const;

 private:
  HaproxyPeer haproxy_;
};

}  // namespace elblab::peers
