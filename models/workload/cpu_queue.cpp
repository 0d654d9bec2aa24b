#include "models/workload/cpu_queue.hpp"

#include <algorithm>

namespace elblab::workload {

CpuQueue::CpuQueue(const CpuParameters& parameters, random::Stream stream)
    : parameters_(parameters), stream_(stream) {
  running_.reserve(parameters_.cpus);
}

Duration CpuQueue::draw() {
  if (parameters_.distribution == CpuTimeDistribution::fixed) return parameters_.time;
  return from_seconds(stream_.exponential(to_seconds(parameters_.time)));
}

CpuQueue::Job CpuQueue::submit(CpuUser& user, std::uint32_t request, Instant now) {
  const Job job = jobs_.acquire();
  Entry& entry = jobs_[job.slot];
  entry.user = &user;
  entry.request = request;
  entry.submitted = now;
  entry.demand = draw();
  if (busy() < cpus()) {
    begin(job.slot, now);
  } else {
    queue_.push(job);
    ++waiting_;
  }
  return job;
}

void CpuQueue::cancel(const Job& job) {
  if (!jobs_.current(job)) return;
  if (jobs_[job.slot].running) {
    jobs_[job.slot].user = nullptr;
    return;
  }
  jobs_.release(job.slot);
  --waiting_;
  drop_cancelled();
}

void CpuQueue::advance(Instant now) {
  while (next_deadline() <= now) {
    std::pop_heap(running_.begin(), running_.end(), later);
    const Running over = running_.back();
    running_.pop_back();
    const Entry entry = jobs_[over.slot];
    jobs_.release(over.slot);
    finished_time_ += entry.demand;
    begin_next(over.due);
    if (entry.user != nullptr) entry.user->computed(entry.request, now);
  }
}

void CpuQueue::begin_next(Instant at) {
  while (!queue_.empty()) {
    const SlotRef next = queue_.front();
    queue_.pop();
    if (!jobs_.current(next)) continue;
    --waiting_;
    begin(next.slot, std::max(at, jobs_[next.slot].submitted));
    return;
  }
}

void CpuQueue::begin(std::uint32_t slot, Instant at) {
  moved();
  jobs_[slot].running = true;
  running_.push_back({at + jobs_[slot].demand, next_order_++, at, slot});
  std::push_heap(running_.begin(), running_.end(), later);
}

// Keeps a queue behind a long job from filling with clients that came and went.
void CpuQueue::drop_cancelled() {
  constexpr std::size_t kFew = 64;
  if (queue_.size() < 2 * std::size_t{waiting_} + kFew) return;
  for (std::size_t left = queue_.size(); left > 0; --left) {
    const SlotRef job = queue_.front();
    queue_.pop();
    if (jobs_.current(job)) queue_.push(job);
  }
}

Duration CpuQueue::busy_time(Instant now) const {
  Duration sum = finished_time_;
  for (const Running& running : running_) {
    sum += std::max(Duration(0), std::min(now, running.due) - running.since);
  }
  return sum;
}

}  // namespace elblab::workload
