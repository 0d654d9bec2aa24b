#include "tests/fidelity/proc_net.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

namespace elblab::fidelity {

TcpStateCounts count_tcp_states() {
  std::ifstream file("/proc/thread-self/net/tcp");
  if (!file) throw std::runtime_error("/proc/net/tcp cannot be read");
  TcpStateCounts counts;
  std::string line;
  std::getline(file, line);  // headings
  while (std::getline(file, line)) {
    std::istringstream fields(line);
    std::string slot, local, remote, state;
    fields >> slot >> local >> remote >> state;
    // include/net/tcp_states.h
    if (state == "01") ++counts.established;
    if (state == "03") ++counts.syn_received;
    if (state == "06") ++counts.time_wait;
  }
  return counts;
}

std::uint64_t read_tcp_counter(std::string_view name) {
  std::ifstream file("/proc/thread-self/net/snmp");
  std::string headings;
  while (std::getline(file, headings)) {
    if (!headings.starts_with("Tcp:")) continue;
    std::string figures;
    std::getline(file, figures);
    std::istringstream names(headings), values(figures);
    std::string heading, value;
    while (names >> heading && values >> value) {
      if (heading == name) return std::stoull(value);
    }
  }
  throw std::runtime_error("no such TCP counter: " + std::string(name));
}

}  // namespace elblab::fidelity
