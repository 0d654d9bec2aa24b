#include "tests/torture/deed.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <fstream>
#include <iterator>
#include <thread>

#include "analysis/trace/database.hpp"
#include "tests/torture/trace_check.hpp"

namespace elblab::torture {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOthersFile = "what somebody else put there";
// An orphaned run stops within 5 s (cli/signals/stop_signals.hpp).
constexpr std::chrono::seconds kPatience{7};

std::string text_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string shown(const test::Ended& ended) {
  return fmt::format("exit code {}, out:\n{}\nerr:\n{}", ended.exit_code, ended.out, ended.err);
}

}  // namespace

Trial::Trial(const Point& point, Commands& commands, Belongings& belongings)
    : point_(point),
      commands_(commands),
      belongings_(belongings),
      output_(folder_ / Commands::output_of(point.command)),
      temporary_files_(folder_ / "tmp") {
  fs::create_directory(temporary_files_);
  here_.folder = folder_.path().string();
  here_.variables = {"TMPDIR=" + temporary_files_.string()};
  if (point.deed == Deed::full_disk) {
    // Small ones and large ones alike: from a page to more than all of it.
    here_.most_file_bytes = std::uint64_t{1'000} << (point.choice % 13);
  }
  if (point.deed == Deed::full_output) {
    here_.output = point.choice % 2 == 0 ? test::Output::full_disk : test::Output::unread;
  }
}

std::string Trial::run() {
  commands_.length(point_.command);  // measured while nothing else goes on
  std::string complaint;
  {
    test::Program program(commands_.words(point_.command), here_);
    if (point_.deed == Deed::two_writers) {
      usleep(static_cast<useconds_t>(20'000 * point_.moment));
      test::Program second(commands_.words(point_.command), here_);
      const test::Ended first_ended = program.wait();
      complaint = judge_two(first_ended, second.wait());
    } else {
      disturb(program);
      const test::Ended ended = program.wait();
      complaint = judge(ended);
      if (!complaint.empty()) complaint += "\n" + shown(ended);
    }
  }
  std::string left = belongings_.left(temporary_files_, kPatience);
  // Nobody can remove the folder of a program that was killed.
  const bool is_excused = point_.deed == Deed::kill && left.starts_with("the temporary file");
  if (!left.empty() && !is_excused) complaint += "\nleft behind: " + left;
  return complaint;
}

void Trial::wait_for_moment() const {
  const auto length = commands_.length(point_.command).count();
  usleep(static_cast<useconds_t>(1e6 * length * point_.moment));
}

void Trial::disturb(test::Program& program) {
  constexpr std::array kSignals{SIGINT, SIGTERM, SIGHUP, SIGQUIT};
  if (point_.deed == Deed::slow_reader) return read_slowly();
  if (point_.deed == Deed::full_disk || point_.deed == Deed::full_output) return;
  wait_for_moment();
  if (point_.deed == Deed::kill) program.send_signal(SIGKILL);
  if (point_.deed == Deed::signal) {
    signal_ = kSignals.at(point_.choice % kSignals.size());
    program.send_signal(signal_);
    if (point_.choice % 3 == 0) {
      usleep(1'000);
      program.send_signal(signal_);
    }
  }
  if (point_.deed == Deed::removed || point_.deed == Deed::replaced) fs::remove(output_);
  if (point_.deed == Deed::replaced && fs::exists(output_.parent_path())) {
    std::ofstream(output_) << kOthersFile;
  }
}

// Holds a transaction of its own for a while, again and again, as long as the command takes.
void Trial::read_slowly() const {
  const auto end = std::chrono::steady_clock::now() + 2 * commands_.length(point_.command);
  bool was_there = false;
  while (std::chrono::steady_clock::now() < end) {
    const auto database = trace::Database::open(output_, SQLITE_OPEN_READONLY);
    if (!database) {
      usleep(5'000);
      continue;
    }
    trace::Statement rows(*database, "SELECT id FROM connections");
    const bool has_rows = rows.step() == trace::Step::row;
    was_there = was_there || has_rows;
    usleep(static_cast<useconds_t>(1'000 + point_.choice % 200'000));
  }
}

bool Trial::was_told(const test::Ended& ended, const char* words) const {
  return (ended.err + ended.out).find(words) != std::string::npos;
}

std::string Trial::judge(const test::Ended& ended) const {
  const std::string complaint = judge_code(ended);
  return complaint.empty() ? judge_output(ended) : complaint;
}

std::string Trial::judge_code(const test::Ended& ended) const {
  const int code = ended.exit_code;
  switch (point_.deed) {
    case Deed::kill:
      return code == 128 + SIGKILL || code == 0 ? "" : "not killed";
    case Deed::signal:
      if (code == 130) return was_told(ended, "stopped") ? "" : "stopped without a word";
      // Before anything was begun, and after all was done, a signal ends a program as ever.
      return code == 0 || code == 128 + signal_ ? "" : "not stopped";
    case Deed::full_disk:
      if (code == 0) return "";
      return code == 4 && was_told(ended, "cannot write") ? "" : "a full disk is not told";
    case Deed::removed:
    case Deed::replaced:
      if (code == 0) return "";
      return code == 4 && !(ended.err + ended.out).empty() ? "" : "a lost trace is not told";
    case Deed::full_output:
      if (here_.output == test::Output::unread) return code == 141 ? "" : "no code of a filter";
      return code == 4 && was_told(ended, "standard output") ? "" : "a full output is not told";
    case Deed::slow_reader:
    case Deed::two_writers:
      return code == 0 ? "" : "a reader ended the run";
  }
  return {};
}

std::string Trial::judge_output(const test::Ended& ended) const {
  if (point_.deed == Deed::replaced && text_of(output_) == kOthersFile) return {};
  if (point_.command == Command::sweep) {
    const bool is_whole =
        ended.exit_code == 0 && point_.deed != Deed::removed && point_.deed != Deed::replaced;
    return check_table(output_, is_whole);
  }
  const TraceState state = check_trace(output_);
  if (!state.problem.empty()) return "the trace: " + state.problem;
  const bool may_lack = point_.deed == Deed::removed || point_.deed == Deed::replaced;
  if (ended.exit_code == 0 && !state.complete && !may_lack) return "no complete trace, exit code 0";
  return {};
}

// One of them has it, unless the other began when it was done.
std::string Trial::judge_two(const test::Ended& first, const test::Ended& second) const {
  const auto is_refused = [&](const test::Ended& ended) {
    return ended.exit_code == 4 && was_told(ended, "is writing it now");
  };
  const bool one_has_it = first.exit_code == 0 || second.exit_code == 0;
  const bool others_told =
      (first.exit_code == 0 || is_refused(first)) && (second.exit_code == 0 || is_refused(second));
  std::string complaint = one_has_it && others_told ? "" : "two writers";
  if (complaint.empty()) complaint = judge_output(first.exit_code == 0 ? first : second);
  return complaint.empty() ? "" : complaint + "\n" + shown(first) + "\n" + shown(second);
}

}  // namespace elblab::torture
