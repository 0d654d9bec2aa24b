// The CPUs that the services of a host share: a request needs one of them for a time before it is
// answered (BW-05).
//
//   submit() --> [ one queue, first come first served ] --> CPU 1 … N --> CpuUser::computed()
//
// A CPU is never idle while a request waits, and works on a request without a break. Demands are
// drawn when requests come, so that the n-th request has the n-th demand of the stream whatever
// becomes of the others. A request that is cancelled while it waits costs nothing, one that has
// begun keeps its CPU to the end: nobody interrupts a program because its client has gone.
//
// Nothing depends on advance() being called in time: a request that waited begins at the instant
// when a CPU became free, not when that was noticed, so that a live run has the same capacity.
//
// Scope: processor sharing, context switches and the work of the kernel (interrupts, TCP) are not
// modelled. The random stream is used for the distribution exponential only.
//
// submit, computed: O(log cpus); cancel, waiting: O(1); busy_time: O(cpus). Memory: what waits.
#pragma once

#include <cstdint>
#include <vector>

#include "models/random/stream.hpp"
#include "models/workload/application.hpp"
#include "models/workload/parameters.hpp"
#include "models/workload/ring_queue.hpp"
#include "models/workload/slot_pool.hpp"

namespace elblab::workload {

class CpuUser {
 public:
  virtual ~CpuUser() = default;
  // The request has had its CPU time. Last call for it. May submit and cancel.
  virtual void computed(std::uint32_t request, Instant now) = 0;
};

class CpuQueue final : public Application {
 public:
  using Job = SlotRef;

  // parameters.cpus of at least 1.
  CpuQueue(const CpuParameters& parameters, random::Stream stream);

  // `request` is the user's own number for it. The user must outlive the queue, or cancel. The
  // answer comes from advance(), never from within.
  Job submit(CpuUser& user, std::uint32_t request, Instant now);
  // The user hears nothing more of it. Without effect for a job that is over.
  void cancel(const Job& job);

  void start(Instant) override {}
  Instant next_deadline() const override { return running_.empty() ? kNever : running_[0].due; }
  void advance(Instant now) override;

  std::uint32_t cpus() const { return parameters_.cpus; }
  std::uint32_t busy() const { return static_cast<std::uint32_t>(running_.size()); }
  // Those that were not cancelled.
  std::uint32_t waiting() const { return waiting_; }
  // CPU time spent until now, over all CPUs: at most cpus() * now.
  Duration busy_time(Instant now) const;

 private:
  struct Entry {
    CpuUser* user = nullptr;  // nullptr: cancelled after it had begun
    std::uint32_t request = 0;
    Instant submitted;
    Duration demand{0};
    bool running = false;
  };
  struct Running {
    Instant due;
    std::uint64_t order = 0;  // ties: who began first
    Instant since;
    std::uint32_t slot = 0;
  };

  static bool later(const Running& a, const Running& b) {
    return a.due != b.due ? a.due > b.due : a.order > b.order;
  }
  Duration draw();
  void begin(std::uint32_t slot, Instant at);
  // The next that waits, if any, on a CPU that is free from `at` on.
  void begin_next(Instant at);
  void drop_cancelled();

  CpuParameters parameters_;
  random::Stream stream_;
  SlotPool<Entry> jobs_;
  RingQueue<SlotRef> queue_;      // also those cancelled since, whose slot is stale
  std::vector<Running> running_;  // a heap, the first due in front
  std::uint32_t waiting_ = 0;
  std::uint64_t next_order_ = 0;
  Duration finished_time_{0};  // of jobs that are over
};

}  // namespace elblab::workload
