#include "gui/traces/request.hpp"

#include <utility>

namespace elblab::gui {

void Request::cancel() {
  if (flag_) flag_->store(true, std::memory_order_relaxed);
}

LatestRequest& LatestRequest::operator=(Request request) {
  request_.cancel();
  request_ = std::move(request);
  return *this;
}

}  // namespace elblab::gui
