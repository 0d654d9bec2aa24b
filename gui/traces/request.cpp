#include "gui/traces/request.hpp"

#include <utility>

namespace elblab::gui {

bool Request::under_way() const {
  return state_ && !state_->ended && !state_->cancelled.load(std::memory_order_relaxed);
}

void Request::cancel() {
  if (state_) state_->cancelled.store(true, std::memory_order_relaxed);
}

LatestRequest& LatestRequest::operator=(Request request) {
  request_.cancel();
  request_ = std::move(request);
  return *this;
}

}  // namespace elblab::gui
