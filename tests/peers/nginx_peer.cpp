#include "tests/peers/nginx_peer.hpp"

#include <csignal>
#include <cstdio>
#include <fstream>

#include "tests/live/needs_privileges.hpp"
#include "tests/peers/answering_servers.hpp"
#include "tests/peers/skip.hpp"

namespace elblab::peers {
namespace {

// What `nginx -V` says of how it was built.
std::string nginx_build() {
  const auto program = find_program("nginx");
  if (!program) return {};
  std::string text;
  if (FILE* const pipe = popen((program->string() + " -V 2>&1").c_str(), "r")) {
    char part[512];
    while (std::fgets(part, sizeof part, pipe) != nullptr) text += part;
    pclose(pipe);
  }
  return text;
}

bool is_module(const std::string& build) {
  return build.find("--with-stream=dynamic") != std::string::npos;
}

// Empty when the program has it built in.
std::string stream_module(const std::string& build) {
  if (!is_module(build)) return {};
  const std::string option = "--modules-path=";
  const std::size_t at = build.find(option);
  if (at == std::string::npos) return {};
  const std::size_t from = at + option.size();
  return build.substr(from, build.find_first_of(" \n", from) - from) + "/ngx_stream_module.so";
}

}  // namespace

NginxPeer::Needed::Needed() {
  const std::string build = nginx_build();
  if (build.empty()) skip("nginx is not installed (packages nginx, libnginx-mod-stream)");
  if (build.find("--with-stream") == std::string::npos) skip("nginx is built without stream");
  if (is_module(build) && !std::filesystem::exists(stream_module(build))) {
    skip("nginx is there without its stream module (package libnginx-mod-stream)");
  }
  std::printf("%s", build.substr(0, build.find('\n') + 1).c_str());
}

std::string nginx_server(std::size_t server, int weight) {
  return "server " + AnsweringServers::endpoint(server) +
         (weight == 0 ? std::string(" down") : " weight=" + std::to_string(weight)) +
         " max_fails=0;";
}

NginxPeer::NginxPeer(const std::vector<Group>& groups) : process_(start(groups)) {}

PeerProcess NginxPeer::start(const std::vector<Group>& groups) const {
  write(groups);
  return PeerProcess({find_program("nginx")->string(), "-p", folder_.path().string(), "-c",
                      (folder_ / "nginx.conf").string(), "-e", "stderr"},
                     folder_ / "output");
}

void NginxPeer::reload(const std::vector<Group>& groups) {
  write(groups);
  process_.signal(SIGHUP);
}

void NginxPeer::write(const std::vector<Group>& groups) const {
  std::ofstream file(folder_ / "nginx.conf");
  const std::string module = stream_module(nginx_build());
  if (!module.empty()) file << "load_module " << module << ";\n";
  file << "daemon off;\nuser root;\nworker_processes 1;\nworker_rlimit_nofile 4096;\n"
          "pid nginx.pid;\nerror_log stderr crit;\nevents { worker_connections 2048; }\n"
          "stream {\n";
  for (const Group& group : groups) {
    file << "upstream " << group.name << " {\n";
    for (const std::string& line : group.lines) file << "  " << line << "\n";
    file << "}\nserver { listen 127.0.0.1:" << group.port << "; proxy_pass " << group.name
         << "; }\n";
  }
  file << "}\n";
}

}  // namespace elblab::peers
