// A question to a trace: whether it is under way, and how to take it back.
#pragma once

#include <atomic>
#include <memory>

namespace elblab::gui {

// Polled by long work on the worker thread, at least every 100 ms.
class CancelFlag {
 public:
  bool cancelled() const { return state_->cancelled.load(std::memory_order_relaxed); }
  // For work that polls by itself: trace::Reader::query(). Valid as long as this object.
  const std::atomic<bool>* stop() const { return &state_->cancelled; }
  // For queries that poll it themselves; lives as long as this flag.
  const std::atomic<bool>& flag() const { return state_->cancelled; }
  // The question was answered, or dropped without an answer. GUI thread.
  void end() const { state_->ended = true; }

 private:
  friend class Request;
  struct State {
    std::atomic<bool> cancelled = false;
    bool ended = false;  // of the GUI thread
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

// A handle; copies mean the same question. Destroying it changes nothing.
class Request {
 public:
  Request() = default;
  explicit Request(const CancelFlag& flag) : state_(flag.state_) {}

  // An answer may still come. One that was dropped because the file could not be read any more is
  // not under way: who still wants it asks again. GUI thread.
  bool under_way() const;
  // The answer is not delivered any more; work that has not begun is left out. GUI thread.
  void cancel();

 private:
  std::shared_ptr<CancelFlag::State> state_;
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
  bool under_way() const { return request_.under_way(); }

 private:
  Request request_;
};

}  // namespace elblab::gui
