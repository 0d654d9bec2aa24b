// The trace of a capture, made by replaying it: what lets a capture be diagnosed like a run.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/captures/capture_roles.hpp"
#include "cli/exit_code.hpp"
#include "models/contract/expected.hpp"

namespace elblab::cli {

// A folder in the system's one for temporary files, removed with all that is in it.
class ScratchFolder {
 public:
  ScratchFolder() = default;
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  Expected<void> make();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

ExitCode exit_code_of(const replay::ReplayError& error);

struct CaptureTrace {
  ExitCode code = ExitCode::holds;  // anything else: there is no trace, and `errors` say why
  std::vector<std::string> errors;
  std::vector<std::string> notes;  // what was guessed, and what the capture lacks
  std::vector<config::LoadBalancer> balancers;
  std::vector<replay::EndpointRule> rules;  // asked for and guessed
};

// Replays `capture` into a trace at `path`; an existing trace there is replaced.
CaptureTrace trace_of_capture(const std::filesystem::path& capture, const CaptureRoles& roles,
                              const std::filesystem::path& path);

// Whether a file begins like a capture (pcap or pcapng); false for what cannot be read.
bool looks_like_capture(const std::filesystem::path& path);

}  // namespace elblab::cli
