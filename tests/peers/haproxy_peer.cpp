#include "tests/peers/haproxy_peer.hpp"

#include <cstdio>
#include <fstream>

#include "tests/peers/answering_servers.hpp"
#include "tests/peers/skip.hpp"

namespace elblab::peers {

HaproxyPeer::Needed::Needed() {
  const auto program = find_program("haproxy");
  if (!program) skip("haproxy is not installed (package haproxy)");
  if (FILE* const pipe = popen((program->string() + " -v").c_str(), "r")) {
    char line[256];
    if (std::fgets(line, sizeof line, pipe) != nullptr) std::printf("%s", line);
    pclose(pipe);
  }
}

std::string haproxy_server(std::size_t server, int weight) {
  const std::string number = std::to_string(server + 1);
  return "server b" + number + " " + AnsweringServers::endpoint(server) + " id " + number +
         " weight " + std::to_string(weight);
}

HaproxyPeer::HaproxyPeer(const std::vector<Group>& groups) : process_(start(groups)) {}

PeerProcess HaproxyPeer::start(const std::vector<Group>& groups) const {
  std::ofstream file(folder_ / "haproxy.cfg");
  file << "global\n  maxconn 1000\n  nbthread 1\n"
          "defaults\n  mode tcp\n  timeout connect 10s\n  timeout client 60s\n"
          "  timeout server 60s\n";
  for (const Group& group : groups) {
    file << "listen port-" << group.port << "\n  bind 127.0.0.1:" << group.port << "\n";
    for (const std::string& line : group.lines) file << "  " << line << "\n";
  }
  file.close();
  return PeerProcess(
      {find_program("haproxy")->string(), "-db", "-f", (folder_ / "haproxy.cfg").string()},
      folder_ / "output");
}

}  // namespace elblab::peers
