#include "gui/traces/lane.hpp"

#include <utility>

namespace elblab::gui {

Lane::Lane(std::filesystem::path path) : path_(std::move(path)), thread_([this] { run(); }) {}

Lane::~Lane() {
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

void Lane::open() {
  reader_.reset();
  opened_ = {};
  auto opened = trace::Reader::open(path_);
  if (opened) {
    reader_ = std::move(*opened);
    opened_.reader = reader_.get();
  } else {
    opened_.error = opened.error();
  }
}

}  // namespace elblab::gui
