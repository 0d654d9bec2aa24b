#include "gui/traces/lane.hpp"

#include <chrono>
#include <utility>

namespace elblab::gui {
namespace {

// Whose trace it is nobody knows; somebody waits before a window.
constexpr std::chrono::seconds kLongestQuestion{30};
constexpr std::size_t kMostSeries = 50'000;  // their tree of names takes seconds

}  // namespace

Lane::Lane(std::filesystem::path path) : path_(std::move(path)), thread_([this] { run(); }) {}

Lane::~Lane() {
  leaving_ = true;  // also a question that is being answered
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Lane::post(Work work) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
}

void Lane::reopen() {
  const std::lock_guard lock(mutex_);
  stale_ = true;
}

void Lane::run() {
  while (true) {
    Work work;
    bool stale = false;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stop_ || !queue_.empty(); });
      if (stop_) return;
      work = std::move(queue_.front());
      queue_.pop_front();
      stale = std::exchange(stale_, false);
    }
    if (stale) open();
    work(opened_);
  }
}

trace::ReadingLimits Lane::limits() const {
  trace::ReadingLimits limits;
  limits.question = kLongestQuestion;
  limits.series = kMostSeries;
  limits.stop = &leaving_;
  return limits;
}

void Lane::open() {
  reader_.reset();
  opened_ = {};
  auto opened = trace::Reader::open(path_, limits());
  if (opened) {
    reader_ = std::move(*opened);
    opened_.reader = reader_.get();
  } else {
    opened_.error = opened.error();
  }
}

}  // namespace elblab::gui
