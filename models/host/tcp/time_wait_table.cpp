#include "models/host/tcp/time_wait_table.hpp"

namespace elblab::host {
namespace {
constexpr std::int64_t kTick_ns = 1'000'000;

Instant round_up(Instant t) {
  const std::int64_t ns = t.time_since_epoch().count();
  return Instant{Duration{(ns + kTick_ns - 1) / kTick_ns * kTick_ns}};
}
}  // namespace

std::uint32_t TimeWaitTable::add(const TimeWaitRecord& record, Instant now) {
  std::uint32_t slot = records_.size();
  if (!free_.empty()) {
    slot = free_.back();
    free_.pop_back();
  } else {
    records_.add();
  }
  at(slot) = record;
  link_last(slot, now);
  ++size_;
  return slot;
}

void TimeWaitTable::restart(std::uint32_t slot, Instant now) {
  unlink(slot);
  link_last(slot, now);
}

void TimeWaitTable::remove(std::uint32_t slot) {
  unlink(slot);
  free_.push_back(slot);
  --size_;
}

void TimeWaitTable::link_last(std::uint32_t slot, Instant now) {
  TimeWaitRecord& record = at(slot);
  record.expires = round_up(now + length_);
  record.previous = last_;
  record.next = kNoIndex;
  if (last_ != kNoIndex) {
    at(last_).next = slot;
  } else {
    first_ = slot;
  }
  last_ = slot;
}

void TimeWaitTable::unlink(std::uint32_t slot) {
  const TimeWaitRecord& record = at(slot);
  (record.previous != kNoIndex ? at(record.previous).next : first_) = record.next;
  (record.next != kNoIndex ? at(record.next).previous : last_) = record.previous;
}

}  // namespace elblab::host
