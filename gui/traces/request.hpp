// A question to a trace that is under way, and how to take it back.
#pragma once

#include <atomic>
#include <memory>

namespace elblab::gui {

// Polled by long work on the worker thread, at least every 100 ms.
class CancelFlag {
 public:
  bool cancelled() const { return flag_->load(std::memory_order_relaxed); }
  // For work that polls by itself: trace::Reader::query(). Valid as long as this object.
  const std::atomic<bool>* stop() const { return flag_.get(); }
  // For queries that poll it themselves; lives as long as this flag.
  const std::atomic<bool>& flag() const { return *flag_; }

 private:
  friend class Request;
  std::shared_ptr<std::atomic<bool>> flag_ = std::make_shared<std::atomic<bool>>(false);
};

// A handle; copies mean the same question. Destroying it changes nothing.
class Request {
 public:
  Request() = default;
  explicit Request(const CancelFlag& flag) : flag_(flag.flag_) {}

  // The answer is not delivered any more; work that has not begun is left out. GUI thread.
  void cancel();

 private:
  std::shared_ptr<std::atomic<bool>> flag_;
};

// The last question of a kind: asking anew drops the one before, and so does the end of the asker.
class LatestRequest {
 public:
  LatestRequest() = default;
  LatestRequest(const LatestRequest&) = delete;
  LatestRequest& operator=(const LatestRequest&) = delete;
  ~LatestRequest() { request_.cancel(); }

  LatestRequest& operator=(Request request);
  void cancel() { request_.cancel(); }

 private:
  Request request_;
};

}  // namespace elblab::gui
