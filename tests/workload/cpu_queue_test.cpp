// The CPUs of a server: against the recursion that queueing theory gives for them, against its laws
// and against its formulas for mean waiting times.
#include "models/workload/cpu_queue.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cmath>
#include <numeric>
#include <vector>

using namespace elblab;
using namespace elblab::workload;
using namespace std::chrono_literals;

namespace {

CpuParameters parameters(std::uint32_t cpus, Duration time,
                         CpuTimeDistribution distribution = CpuTimeDistribution::fixed) {
  CpuParameters p;
  p.cpus = cpus;
  p.time = time;
  p.distribution = distribution;
  return p;
}

struct Finished {
  std::uint32_t request = 0;
  Instant at;
};

struct User final : CpuUser {
  std::vector<Finished>* all = nullptr;
  explicit User(std::vector<Finished>& where) : all(&where) {}
  void computed(std::uint32_t request, Instant now) override { all->push_back({request, now}); }
};

// Runs a queue as a world does: to every deadline in its turn.
void run_until(CpuQueue& queue, Instant until) {
  while (queue.next_deadline() <= until) queue.advance(queue.next_deadline());
}

// Requests with exponential gaps. Their demands are those that the queue's stream gives.
struct Load {
  std::vector<Instant> arrivals;
  std::vector<Duration> demands;

  Load(const CpuParameters& p, double per_second, std::size_t count, std::uint64_t seed) {
    random::Stream gaps(seed, "gaps");
    random::Stream stream = demands_of(seed);
    Instant at = kStart;
    for (std::size_t i = 0; i < count; ++i) {
      at += from_seconds(gaps.exponential(1 / per_second));
      arrivals.push_back(at);
      demands.push_back(p.distribution == CpuTimeDistribution::fixed
                            ? p.time
                            : from_seconds(stream.exponential(to_seconds(p.time))));
    }
  }
  static random::Stream demands_of(std::uint64_t seed) { return {seed, "cpu"}; }
};

// When each request is over, by the recursion of Kiefer and Wolfowitz: the next begins when it is
// there and the CPU that is free first is free.
std::vector<Instant> recursion(const Load& load, std::uint32_t cpus) {
  std::vector<Instant> free_at(cpus, kStart);
  std::vector<Instant> over;
  for (std::size_t i = 0; i < load.arrivals.size(); ++i) {
    const auto first = std::min_element(free_at.begin(), free_at.end());
    *first = std::max(*first, load.arrivals[i]) + load.demands[i];
    over.push_back(*first);
  }
  return over;
}

// When each request is over in the queue, by request.
std::vector<Instant> simulated(CpuQueue& queue, const Load& load) {
  std::vector<Finished> finished;
  User user(finished);
  for (std::size_t i = 0; i < load.arrivals.size(); ++i) {
    run_until(queue, load.arrivals[i]);
    queue.submit(user, static_cast<std::uint32_t>(i), load.arrivals[i]);
  }
  run_until(queue, kNever - 1ns);
  std::vector<Instant> over(load.arrivals.size(), kNever);
  for (const Finished& one : finished) over[one.request] = one.at;
  return over;
}

// Erlang's C formula: the share of arrivals that find every CPU busy, at a = rate * mean demand.
double share_that_waits(std::uint32_t cpus, double a) {
  double term = 1;
  double sum = 1;
  for (std::uint32_t k = 1; k < cpus; ++k) {
    term *= a / k;
    sum += term;
  }
  const double last = term * a / cpus * cpus / (cpus - a);
  return last / (sum + last);
}

struct Mean {
  double value = 0;
  double standard_error = 0;
};

// By batches, since neighbours wait alike.
Mean mean_of(const std::vector<double>& values) {
  constexpr std::size_t kBatches = 50;
  const std::size_t size = values.size() / kBatches;
  std::vector<double> means;
  for (std::size_t b = 0; b < kBatches; ++b) {
    const auto from = values.begin() + static_cast<std::ptrdiff_t>(b * size);
    means.push_back(std::accumulate(from, from + static_cast<std::ptrdiff_t>(size), 0.0) /
                    static_cast<double>(size));
  }
  Mean mean;
  mean.value = std::accumulate(means.begin(), means.end(), 0.0) / kBatches;
  double squares = 0;
  for (const double m : means) squares += (m - mean.value) * (m - mean.value);
  mean.standard_error = std::sqrt(squares / (kBatches - 1) / kBatches);
  return mean;
}

Mean mean_wait(const CpuParameters& p, double per_second, std::uint64_t seed) {
  const Load load(p, per_second, 300'000, seed);
  CpuQueue queue(p, Load::demands_of(seed));
  const std::vector<Instant> over = simulated(queue, load);
  std::vector<double> waits;
  for (std::size_t i = 10'000; i < over.size(); ++i) {  // from the steady state on
    waits.push_back(to_seconds(over[i] - load.demands[i] - load.arrivals[i]));
  }
  return mean_of(waits);
}

void check_mean_wait(const CpuParameters& p, double per_second, double expected) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const Mean wait = mean_wait(p, per_second, seed);
    BOOST_TEST_CONTEXT("seed " << seed << ": " << wait.value << " s, expected " << expected) {
      BOOST_TEST(wait.standard_error < 0.05 * expected);  // enough to tell a wrong formula
      BOOST_TEST(std::abs(wait.value - expected) < 4 * wait.standard_error);
    }
  }
}

struct Queue {
  std::vector<Finished> finished;
  User web{finished};
  User dns{finished};
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(requests_of_all_services_are_served_in_the_order_in_which_they_came,
                        Queue) {
  CpuQueue queue(parameters(1, 10ms), random::Stream(1, "cpu"));
  for (std::uint32_t i = 0; i < 6; ++i) {
    queue.submit(i % 2 == 0 ? web : dns, i, kStart + Duration(1ms) * i);
  }
  BOOST_TEST(queue.busy() == 1U);
  BOOST_TEST(queue.waiting() == 5U);
  run_until(queue, kStart + 1s);
  BOOST_REQUIRE(finished.size() == 6U);
  for (std::uint32_t i = 0; i < 6; ++i) {
    BOOST_TEST(finished[i].request == i);
    BOOST_CHECK(finished[i].at == kStart + Duration(10ms) * (i + 1));
  }
  BOOST_TEST(queue.waiting() == 0U);
  BOOST_CHECK(queue.next_deadline() == kNever);
}

BOOST_FIXTURE_TEST_CASE(as_many_are_served_at_once_as_there_are_cpus, Queue) {
  CpuQueue queue(parameters(3, 10ms), random::Stream(1, "cpu"));
  for (std::uint32_t i = 0; i < 7; ++i) queue.submit(web, i, kStart);
  BOOST_TEST(queue.busy() == 3U);
  BOOST_TEST(queue.waiting() == 4U);
  run_until(queue, kStart + 10ms);
  BOOST_TEST(finished.size() == 3U);
  run_until(queue, kStart + 20ms);
  BOOST_TEST(finished.size() == 6U);
  BOOST_TEST(queue.busy() == 1U);
  run_until(queue, kStart + 30ms);
  BOOST_TEST(finished.size() == 7U);
}

BOOST_AUTO_TEST_CASE(every_request_is_over_when_the_recursion_of_queueing_theory_says) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const auto cpus = static_cast<std::uint32_t>(1 + seed % 5);
    const auto distribution =
        seed % 2 == 0 ? CpuTimeDistribution::fixed : CpuTimeDistribution::exponential;
    const CpuParameters p = parameters(cpus, 4ms, distribution);
    const double load_of_each = 0.3 + 0.1 * static_cast<double>(seed % 10);  // up to 1.2
    const Load load(p, load_of_each * cpus / 4e-3, 3000, seed);
    CpuQueue queue(p, Load::demands_of(seed));
    BOOST_TEST(simulated(queue, load) == recursion(load, cpus), "seed " << seed);
  }
}

BOOST_AUTO_TEST_CASE(
    no_cpu_is_idle_while_a_request_waits_and_time_spent_is_never_more_than_there_was) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const CpuParameters p = parameters(1 + seed % 4, 4ms, CpuTimeDistribution::exponential);
    const Load load(p, 0.95 * p.cpus / 4e-3, 2000, seed);
    CpuQueue queue(p, Load::demands_of(seed));
    std::vector<Finished> finished;
    User user(finished);
    Duration spent{0};
    const auto check = [&](Instant now, std::size_t submitted) {
      const std::size_t inside = submitted - finished.size();
      BOOST_REQUIRE_EQUAL(queue.busy(), std::min<std::size_t>(inside, p.cpus));
      BOOST_REQUIRE_EQUAL(queue.waiting(), inside - queue.busy());
      BOOST_REQUIRE(queue.busy_time(now) >= spent);
      spent = queue.busy_time(now);
      BOOST_REQUIRE(spent <= (now - kStart) * p.cpus);
    };
    for (std::size_t i = 0; i < load.arrivals.size(); ++i) {
      while (queue.next_deadline() <= load.arrivals[i]) {
        const Instant now = queue.next_deadline();
        queue.advance(now);
        check(now, i);
      }
      queue.submit(user, static_cast<std::uint32_t>(i), load.arrivals[i]);
      check(load.arrivals[i], i + 1);
    }
    run_until(queue, kNever - 1ns);
    const Duration demanded =
        std::accumulate(load.demands.begin(), load.demands.end(), Duration(0));
    BOOST_CHECK(queue.busy_time(kStart + 24h) == demanded);
  }
}

BOOST_AUTO_TEST_CASE(utilisation_is_arrival_rate_times_demand_and_at_most_everything) {
  for (const double offered : {0.25, 0.5, 0.9, 1.0, 2.0}) {
    const CpuParameters p = parameters(2, 4ms, CpuTimeDistribution::exponential);
    const Load load(p, offered * 2 / 4e-3, 60'000, 7);
    CpuQueue queue(p, Load::demands_of(7));
    std::vector<Finished> finished;
    User user(finished);
    for (std::size_t i = 0; i < load.arrivals.size(); ++i) {
      run_until(queue, load.arrivals[i]);
      queue.submit(user, static_cast<std::uint32_t>(i), load.arrivals[i]);
    }
    const Instant end = load.arrivals.back();
    const double used = to_seconds(queue.busy_time(end)) / to_seconds(end) / 2;
    BOOST_TEST(used <= 1.0);
    BOOST_TEST(used == std::min(offered, 1.0), boost::test_tools::tolerance(0.02));
  }
}

// Pollaczek and Khinchine: rho s / (2 (1 - rho)).
BOOST_AUTO_TEST_CASE(with_fixed_demands_requests_wait_as_the_formula_of_m_d_1_says) {
  const double s = 4e-3;
  for (const double rho : {0.5, 0.8}) {
    check_mean_wait(parameters(1, 4ms), rho / s, rho * s / (2 * (1 - rho)));
  }
}

// Erlang: C(c, a) s / (c - a).
BOOST_AUTO_TEST_CASE(with_exponential_demands_requests_wait_as_the_formula_of_m_m_c_says) {
  BOOST_TEST(share_that_waits(1, 0.8) == 0.8, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(share_that_waits(2, 1.0) == 1.0 / 3, boost::test_tools::tolerance(1e-9));
  const double s = 4e-3;
  for (const std::uint32_t cpus : {1U, 2U, 5U}) {
    const double a = 0.8 * cpus;
    check_mean_wait(parameters(cpus, 4ms, CpuTimeDistribution::exponential), a / s,
                    share_that_waits(cpus, a) * s / (cpus - a));
  }
}

BOOST_FIXTURE_TEST_CASE(a_request_cancelled_while_it_waits_costs_nothing, Queue) {
  CpuQueue queue(parameters(1, 10ms), random::Stream(1, "cpu"));
  std::vector<CpuQueue::Job> jobs;
  for (std::uint32_t i = 0; i < 5; ++i) jobs.push_back(queue.submit(web, i, kStart));
  queue.cancel(jobs[1]);
  queue.cancel(jobs[3]);
  queue.cancel(jobs[3]);  // once more: it is over
  BOOST_TEST(queue.waiting() == 2U);
  run_until(queue, kStart + 1s);
  BOOST_REQUIRE(finished.size() == 3U);
  BOOST_TEST(finished[1].request == 2U);
  BOOST_TEST(finished[2].request == 4U);
  BOOST_CHECK(finished[2].at == kStart + 30ms);
  BOOST_CHECK(queue.busy_time(kStart + 1s) == 30ms);
}

BOOST_FIXTURE_TEST_CASE(a_request_cancelled_on_its_cpu_keeps_it_to_the_end_for_nobody, Queue) {
  CpuQueue queue(parameters(1, 10ms), random::Stream(1, "cpu"));
  const CpuQueue::Job begun = queue.submit(web, 0, kStart);
  queue.submit(web, 1, kStart);
  run_until(queue, kStart + 5ms);
  queue.cancel(begun);
  BOOST_TEST(queue.busy() == 1U);
  run_until(queue, kStart + 1s);
  BOOST_REQUIRE(finished.size() == 1U);
  BOOST_TEST(finished[0].request == 1U);
  BOOST_CHECK(finished[0].at == kStart + 20ms);
  BOOST_CHECK(queue.busy_time(kStart + 1s) == 20ms);
}

// Of every four that come behind a long one three are cancelled, as by clients that lose patience.
BOOST_FIXTURE_TEST_CASE(the_order_stays_however_many_are_cancelled_in_between, Queue) {
  CpuQueue queue(parameters(1, 10ms), random::Stream(1, "cpu"));
  queue.submit(web, 0, kStart);
  std::vector<std::uint32_t> kept{0};
  std::vector<CpuQueue::Job> cancelled;
  for (std::uint32_t i = 1; i <= 4000; ++i) {
    const CpuQueue::Job job = queue.submit(web, i, kStart);
    if (i % 4 == 0) {
      kept.push_back(i);
    } else {
      cancelled.push_back(job);
    }
    if (i % 100 != 0) continue;
    for (const CpuQueue::Job& one : cancelled) queue.cancel(one);
    cancelled.clear();
  }
  BOOST_TEST(queue.waiting() == 1000U);
  run_until(queue, kStart + 1h);
  std::vector<std::uint32_t> served;
  for (const Finished& one : finished) served.push_back(one.request);
  BOOST_TEST(served == kept);
}

BOOST_FIXTURE_TEST_CASE(a_world_that_comes_late_loses_no_cpu_time, Queue) {
  CpuQueue queue(parameters(2, 4ms), random::Stream(1, "cpu"));
  for (std::uint32_t i = 0; i < 1000; ++i) queue.submit(web, i, kStart);
  // 2 CPUs are through with 500 rounds of 4 ms after 2 s, looked at every 7 ms.
  Instant now = kStart;
  while (queue.busy() > 0) {
    now += 7ms;
    queue.advance(now);
  }
  BOOST_TEST(finished.size() == 1000U);
  BOOST_CHECK(now >= kStart + 2s);
  BOOST_CHECK(now < kStart + 2s + 7ms);
  BOOST_CHECK(queue.busy_time(now) == 4s);
}

BOOST_FIXTURE_TEST_CASE(who_is_told_may_submit_and_cancel_at_once, Queue) {
  struct Again final : CpuUser {
    CpuQueue* queue = nullptr;
    CpuQueue::Job other;
    unsigned told = 0;
    void computed(std::uint32_t, Instant now) override {
      if (++told > 3) return;
      queue->cancel(other);
      queue->submit(*this, told, now);
    }
  };
  CpuQueue queue(parameters(1, 10ms), random::Stream(1, "cpu"));
  Again again;
  again.queue = &queue;
  queue.submit(again, 0, kStart);
  queue.submit(web, 1, kStart);
  again.other = queue.submit(web, 2, kStart);
  run_until(queue, kStart + 1s);
  BOOST_TEST(again.told == 4U);
  BOOST_REQUIRE(finished.size() == 1U);
  BOOST_TEST(finished[0].request == 1U);
  BOOST_CHECK(queue.busy_time(kStart + 1s) == 50ms);
}
