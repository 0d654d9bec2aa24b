#include "cli/printing/replay_progress.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/expectations/text.hpp"
#include "cli/printing/progress_display.hpp"

namespace elblab::cli {
namespace {

constexpr std::size_t kReplayProgressColumns = 20;
constexpr std::size_t kRecordHeader = 16;
constexpr std::chrono::seconds kPatience{1};
constexpr std::chrono::milliseconds kRedraw{100};
constexpr std::chrono::seconds kLine{10};

}  // namespace

ReplayProgressDisplay::ReplayProgressDisplay(Terminal& terminal, std::uint64_t total_bytes,
                                             bool quiet)
    : terminal_(terminal),
      total_bytes_(std::max<std::uint64_t>(total_bytes, 1)),
      quiet_(quiet),
      begun_(Clock::now()),
      next_(begun_ + (terminal.is_interactive() ? Clock::duration(kPatience) : kLine)) {}

ReplayProgressDisplay::~ReplayProgressDisplay() { clear(); }

bool ReplayProgressDisplay::show(const replay::ReplayProgress& progress) {
  if (StopSignals::came()) return false;
  const auto now = Clock::now();
  if (quiet_ || now < next_) return true;
  next_ = now + (terminal_.is_interactive() ? Clock::duration(kRedraw) : kLine);
  const double done =
      std::min(1.0, static_cast<double>(progress.bytes + kRecordHeader * progress.records) /
                        static_cast<double>(total_bytes_));
  const std::string text =
      fmt::format("{} {:.0f} %  {} records, {} s of trace time", bar(done, kReplayProgressColumns),
                  100 * done, expectations::number_text(static_cast<double>(progress.records)),
                  expectations::number_text(to_seconds(progress.trace_time)));
  if (terminal_.is_interactive()) {
    terminal_.draw_over(0, fitted(text, terminal_.width() - 1));
    drawn_ = true;
  } else {
    terminal_.write(text + "\n");
  }
  terminal_.flush();
  return true;
}

void ReplayProgressDisplay::clear() {
  if (!drawn_) return;
  terminal_.draw_over(0, {});
  terminal_.flush();
  drawn_ = false;
}

double ReplayProgressDisplay::wall_seconds() const {
  return std::chrono::duration<double>(Clock::now() - begun_).count();
}

}  // namespace elblab::cli
