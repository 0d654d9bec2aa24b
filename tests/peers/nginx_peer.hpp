// nginx with its stream module: TCP in, TCP out, one worker, so that one state decides.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/peers/peer_process.hpp"
#include "tests/temporary_folder.hpp"

namespace elblab::peers {

class NginxPeer {
 public:
  // An upstream of its own behind a port of its own. Lines are directives of its block.
  struct Group {
    std::uint16_t port = 0;
    std::string name;
    std::vector<std::string> lines;
  };

  // For a test program: ends it as skipped, and says why, where it cannot run.
  struct Needed {
    Needed();
  };

  explicit NginxPeer(const std::vector<Group>& groups);

  // New configuration for the running program. It is in force on ports that no earlier one had
  // when these take connections; the worker with the old one may live on, and knows only its own.
  void reload(const std::vector<Group>& groups);
  const PeerProcess& process() const { return process_; }

 private:
  void write(const std::vector<Group>& groups) const;
  PeerProcess start(const std::vector<Group>& groups) const;

  testing::TemporaryFolder folder_;
  PeerProcess process_;
};

// "server 127.0.0.1:3000 weight=5 max_fails=0;". nginx knows no weight 0: such a server is down.
std::string nginx_server(std::size_t server, int weight);

}  // namespace elblab::peers
