// A scenario's topology for people: the balancer forwards, servers serve, and one program of the
// user's runs in a host's namespace, usually a shell. When it ends, everything goes.
//
// No workload, no timeline, no trace.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "live/packet_io/packet_io.hpp"
#include "live/topology.hpp"
#include "models/contract/expected.hpp"
#include "scenarios/language/scenario.hpp"

namespace elblab::live {

struct ShellOptions {
  std::uint64_t seed = 1;
  PacketIoKind packet_io = PacketIoKind::packet_ring;
  std::optional<std::filesystem::path> pcap_folder;
  std::string host;                  // whose namespace the program runs in; empty: first client
  std::vector<std::string> command;  // empty: $SHELL
  bool servers = true;               // false: nobody serves until the user does
  // Serves in place of the scenario's responders: a line for /bin/sh per server, in which {port},
  // {address} and {host} are filled in. The program starts once all of them listen.
  std::string serve;
  std::filesystem::path log_folder;  // of what `serve` says: <folder>/<host>.<port>.log
  // Called when everything is up, before the program starts.
  std::function<void(const Topology&)> announce;
};

// What is wrong with the name of a host to be in; empty is the first client.
std::optional<std::string> unknown_host(const language::Scenario& scenario,
                                        const std::string& host);

// The calling process is to have no other child processes and no other threads. Ctrl-C is the
// program's while it runs; SIGTERM and SIGHUP end it and with it the topology. Gives the program's
// exit status, as shells count it, once it was started and has ended.
Expected<int> run_shell(const language::Scenario& scenario, const ShellOptions& options);

}  // namespace elblab::live
