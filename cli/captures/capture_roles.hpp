// Which balancer a capture is to be replayed through, and which of the capture's addresses is what:
// the options that every command has which replays packets, and what becomes of them.
#pragma once

#include <CLI/App.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "models/contract/expected.hpp"
#include "pcap/replay/replay.hpp"

namespace elblab::cli {

struct CaptureRoles {
  std::string balancer;  // a file, or a scenario's id
  std::string profile;   // empty: the balancer's own
  std::vector<std::string> map;
  std::vector<std::string> map_server;
  bool guess = false;
  std::vector<std::string> probe_sources;
};

// Registers --map, --map-server, --guess and --probe-source. roles must outlive parsing.
void add_role_options(CLI::App& command, CaptureRoles& roles);

// The file meant by --balancer: a path, or a scenario's id.
Expected<std::filesystem::path> find_balancer(const std::string& what);

// Loads the balancer of `file` and the rules into the options. What is wrong, a message each.
std::vector<std::string> read_roles(const CaptureRoles& roles, const std::filesystem::path& file,
                                    replay::ReplayOptions& options);

}  // namespace elblab::cli
