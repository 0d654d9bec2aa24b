#include "cli/captures/capture_trace.hpp"

#include <fmt/format.h>
#include <stdlib.h>

#include <memory>
#include <system_error>

#include "cli/printing/replay_progress.hpp"
#include "cli/text/terminal.hpp"
#include "pcap/reader.hpp"

namespace elblab::cli {
namespace {

namespace fs = std::filesystem;

CaptureTrace failed(ExitCode code, std::vector<std::string> errors) {
  CaptureTrace trace;
  trace.code = code;
  trace.errors = std::move(errors);
  return trace;
}

std::uint64_t bytes_of(const fs::path& path) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  return error ? 0 : size;
}

}  // namespace

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

ExitCode exit_code_of(const replay::ReplayError& error) {
  return error.cause == replay::ReplayError::Cause::bad_input ? ExitCode::bad_input
                                                              : ExitCode::could_not_run;
}

Expected<void> ScratchFolder::make() {
  std::error_code error;
  const fs::path parent = fs::temp_directory_path(error);
  std::string name = (parent / "elblab-XXXXXX").string();
  if (error || ::mkdtemp(name.data()) == nullptr) {
    return Error{fmt::format("cannot make a folder in {} for temporary files; TMPDIR names another",
                             parent.empty() ? "/tmp" : parent.string())};
  }
  path_ = name;
  return {};
}

CaptureTrace trace_of_capture(const fs::path& capture, const CaptureRoles& roles,
                              const fs::path& path) {
  std::error_code ignored;
  if (fs::equivalent(path, capture, ignored)) {
    return failed(ExitCode::bad_input,
                  {path.string() + ": is the capture itself; name another file for the trace"});
  }
  const auto balancer = find_balancer(roles.balancer);
  if (!balancer) return failed(ExitCode::bad_input, {balancer.error().message});
  replay::ReplayOptions options;
  options.capture = capture;
  options.trace = path;
  auto errors = read_roles(roles, *balancer, options);
  if (!errors.empty()) return failed(ExitCode::bad_input, std::move(errors));
  Terminal err(stderr);
  ReplayProgressDisplay progress(err, bytes_of(capture), false);
  options.on_progress = [&](const replay::ReplayProgress& at) { return progress.show(at); };
  const auto report = replay::replay(options);
  progress.clear();
  if (!report) return failed(exit_code_of(report.error()), {report.error().message});
  if (report->stopped) return failed(ExitCode::interrupted, {"stopped"});
  CaptureTrace trace;
  trace.notes = report->roles.sentences;
  trace.balancers = std::move(options.balancers);
  trace.rules = report->roles.rules;
  return trace;
}

bool looks_like_capture(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error) && pcap::Reader::open(path).has_value();
}

}  // namespace elblab::cli
