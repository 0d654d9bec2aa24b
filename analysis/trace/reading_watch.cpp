#include "analysis/trace/reading_watch.hpp"

#include <fmt/format.h>

#include <ctime>
#include <utility>

namespace elblab::trace {
namespace {

// How many steps of SQLite's machine between two looks: some tens of microseconds.
constexpr int kStepsBetweenWatchLooks = 10'000;

std::chrono::nanoseconds processor_time() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

}  // namespace

ReadingWatch::ReadingWatch(sqlite3* connection, ReadingLimits limits) : limits_(std::move(limits)) {
  sqlite3_progress_handler(connection, kStepsBetweenWatchLooks, look, this);
}

int ReadingWatch::look(void* watch) { return static_cast<ReadingWatch*>(watch)->goes_on() ? 0 : 1; }

bool ReadingWatch::goes_on() {
  if (was_stopped() || is_set(flag_)) return false;
  if (limits_.question.count() == 0) return true;
  const std::chrono::nanoseconds now = processor_time();
  if (!asked_->begun) asked_->begun = now;
  ran_out_ = ran_out_ || now - *asked_->begun > limits_.question;
  return !ran_out_;
}

std::string ReadingWatch::limit_text() const {
  const double seconds = std::chrono::duration<double>(limits_.question).count();
  return fmt::format("one question took more than {:g} s of computing{}", seconds,
                     limits_.raised_by.empty()
                         ? std::string(", which is the limit")
                         : fmt::format("; {} allows more", limits_.raised_by));
}

}  // namespace elblab::trace
