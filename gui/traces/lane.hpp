// A worker thread with a trace::Reader of its own, and a queue of work for it.
//
// Work is done in the order of posting, one at a time. The reader is opened by the thread when the
// first work comes and anew after reopen(), so the thread that posts never waits for a file.
// Destruction leaves out what has not begun, and ends the questions of what has. One question may
// take 30 s of computing, or the trace cannot be read (Reader::problem()).
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "analysis/trace/reader.hpp"

namespace elblab::gui {

class Lane {
 public:
  // reader is nullptr when the file cannot be opened; error says why.
  struct Opened {
    const trace::Reader* reader = nullptr;
    std::optional<Error> error;
  };
  using Work = std::function<void(const Opened&)>;

  explicit Lane(std::filesystem::path path);
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;
  ~Lane();

  void post(Work work);
  // The next work sees the file as it is then.
  void reopen();

 private:
  void run();
  void open();
  trace::ReadingLimits limits() const;

  const std::filesystem::path path_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Work> queue_;
  bool stop_ = false;
  std::atomic<bool> leaving_{false};
  bool stale_ = true;
  // Of the thread:
  std::unique_ptr<trace::Reader> reader_;
  Opened opened_;
  std::thread thread_;
};

}  // namespace elblab::gui
