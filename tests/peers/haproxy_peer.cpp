#include "tests/peers/haproxy_peer.hpp"

#include <sys/socket.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <stdexcept>

#include "live/network/refused.hpp"
#include "tests/peers/answering_servers.hpp"
#include "tests/peers/skip.hpp"

namespace elblab::peers {
namespace {

constexpr std::uint16_t kCommandPort = 9'999;

}  // namespace

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
       << "  stats socket ipv4@127.0.0.1:" << kCommandPort << " level admin\n"
       << "defaults\n  mode tcp\n  timeout connect 10s\n  timeout client 60s\n"
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

std::string HaproxyPeer::command(const std::string& line) const {
  const live::FileDescriptor socket = process_.connect(kCommandPort, kLoopback);
  const std::string sent = line + "\n";
  if (send(socket.get(), sent.data(), sent.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(sent.size())) {
    throw std::runtime_error(live::refused("sending a command to haproxy").message);
  }
  std::string answer;
  std::array<char, 8192> part;
  ssize_t size = 0;
  while ((size = recv(socket.get(), part.data(), part.size(), 0)) > 0) {
    answer.append(part.data(), static_cast<std::size_t>(size));
  }
  if (size < 0) throw std::runtime_error(live::refused("hearing haproxy's answer").message);
  return answer;
}

}  // namespace elblab::peers
