// haproxy in one thread: forwards TCP, checks servers, and tells what it knows.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/peers/peer_process.hpp"
#include "tests/temporary_folder.hpp"

namespace elblab::peers {

class HaproxyPeer {
 public:
  // A `listen` section with a port of its own. Lines are its keywords.
  struct Group {
    std::uint16_t port = 0;
    std::vector<std::string> lines;
  };

  // For a test program: ends it as skipped, and says why, where it cannot run.
  struct Needed {
    Needed();
  };

  explicit HaproxyPeer(const std::vector<Group>& groups);
  const PeerProcess& process() const { return process_; }
  // What it answers to a command of its management guide.
  std::string command(const std::string& line) const;

 private:
  PeerProcess start(const std::vector<Group>& groups) const;

  testing::TemporaryFolder folder_;
  PeerProcess process_;
};

// "server b1 127.0.0.1:3000 id 1 weight 5". The id is given because haproxy hashes it, and would
// number servers anew when one of them goes.
std::string haproxy_server(std::size_t server, int weight);

}  // namespace elblab::peers
