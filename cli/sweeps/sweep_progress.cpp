#include "cli/sweeps/sweep_progress.hpp"

#include <fmt/format.h>

#include "analysis/expectations/text.hpp"
#include "cli/printing/progress_display.hpp"

namespace elblab::cli {
namespace {

constexpr std::size_t kBarColumns = 20;
constexpr std::chrono::seconds kLineInterval{10};

}  // namespace

SweepProgress::SweepProgress(std::size_t runs, std::size_t done, Terminal& terminal, bool quiet)
    : runs_(runs), done_before_(done), done_(done), terminal_(terminal), quiet_(quiet) {}

SweepProgress::~SweepProgress() { clear(); }

std::string SweepProgress::text() const {
  using expectations::count_text;
  std::string text = fmt::format("{} of {} runs", count_text(done_), count_text(runs_));
  const double passed = std::chrono::duration<double>(Clock::now() - begin_).count();
  const auto made = static_cast<double>(done_ - done_before_);
  if (made == 0 || passed <= 0) return text;
  text += fmt::format("  {}/s", expectations::number_text(made / passed));
  if (done_ == runs_) return text;
  return text + fmt::format("  {} left",
                            wall_time_text(static_cast<double>(runs_ - done_) * passed / made));
}

void SweepProgress::ended() {
  ++done_;
  if (quiet_ || terminal_.is_interactive()) return;
  if (Clock::now() < next_line_ && done_ < runs_) return;
  next_line_ = Clock::now() + kLineInterval;
  terminal_.write(text() + "\n");
  terminal_.flush();
}

void SweepProgress::redraw() {
  if (quiet_ || !terminal_.is_interactive()) return;
  const double share = static_cast<double>(done_) / static_cast<double>(runs_);
  const std::string line = bar(share, kBarColumns) + " " + text();
  terminal_.draw_over(0, fitted(line, terminal_.width() - 1));
  terminal_.flush();
  drawn_ = true;
}

void SweepProgress::clear() {
  if (!drawn_) return;
  terminal_.draw_over(0, {});
  terminal_.flush();
  drawn_ = false;
}

}  // namespace elblab::cli
