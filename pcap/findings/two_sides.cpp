#include "pcap/findings/two_sides.hpp"

#include <algorithm>
#include <deque>
#include <unordered_map>

namespace elblab::findings {
namespace {

std::int64_t median(std::vector<std::int64_t> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Of the handshakes, from SYN to SYN+ACK: longer where the clients are.
std::int64_t usual_answer(const Books& books) {
  std::vector<std::int64_t> times;
  for (const Connection& c : books.streams->list) {
    if (c.syn_at == kNotSeen || c.syn_ack_at == kNotSeen || c.syns > 1) continue;
    times.push_back((c.syn_ack_at - c.syn_at).count());
  }
  return times.empty() ? 0 : median(std::move(times));
}

Rewriting rewriting_of(const Connection& near, const Connection& far) {
  if (near.client == far.client) {
    return near.server == far.server ? Rewriting::nothing : Rewriting::server;
  }
  return Rewriting::both;
}

// What one matched connection says about the clocks.
struct Sample {
  Duration at{0};            // at the clients' side
  std::int64_t offset = 0;   // epoch of the servers' side - epoch of the clients'
  std::int64_t between = 0;  // both ways
};

class SideMatcher {
 public:
  SideMatcher(const Books& near, const Books& far) : near_(near), far_(far) {
    sides_.near = &near;
    sides_.far = &far;
    sides_.partner.assign(near.streams->list.size(), kNoHop);
    taken_.assign(far.streams->list.size(), false);
  }

  TwoSides match() {
    by_numbers();
    by_payload();
    std::ranges::sort(sides_.pairs, {}, &Pair::near);
    align();
    return std::move(sides_);
  }

 private:
  const Connection& near(std::uint32_t i) const { return near_.streams->list[i]; }
  const Connection& far(std::uint32_t i) const { return far_.streams->list[i]; }

  void join(std::uint32_t n, std::uint32_t f, Rewriting rewriting) {
    sides_.pairs.push_back({n, f, rewriting});
    sides_.partner[n] = f;
    taken_[f] = true;
  }

  static bool same_numbers(const Connection& a, const Connection& b) {
    if (a.first_sequence.client != b.first_sequence.client) return false;
    const bool answered = a.syn_ack_at != kNotSeen && b.syn_ack_at != kNotSeen;
    return !answered || a.first_sequence.server == b.first_sequence.server;
  }

  // Where several have the same numbers, the one of the same client, else of the same port.
  void by_numbers() {
    std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> open;
    for (std::uint32_t f = 0; f < far_.streams->list.size(); ++f) {
      const Connection& c = far(f);
      if (c.is_tcp() && c.syn_at != kNotSeen) open[c.first_sequence.client].push_back(f);
    }
    for (const int likeness : {2, 1, 0}) {
      for (std::uint32_t n = 0; n < near_.streams->list.size(); ++n) {
        const Connection& c = near(n);
        if (!c.is_tcp() || c.syn_at == kNotSeen || sides_.partner[n] != kNoHop) continue;
        const auto known = open.find(c.first_sequence.client);
        if (known == open.end()) continue;
        const auto found = std::ranges::find_if(known->second, [&](std::uint32_t f) {
          return !taken_[f] && likeness_of(c, far(f)) >= likeness && same_numbers(c, far(f));
        });
        if (found != known->second.end()) join(n, *found, rewriting_of(c, far(*found)));
      }
    }
  }

  static int likeness_of(const Connection& near, const Connection& far) {
    if (near.client == far.client) return 2;
    return near.client.port == far.client.port ? 1 : 0;
  }

  // Of UDP the 5-tuple tells as well.
  void by_payload() {
    // A balancer that keeps numbers is no full proxy.
    const bool keeps_numbers = !sides_.pairs.empty();
    std::unordered_map<std::uint64_t, std::deque<std::uint32_t>> open;
    for (std::uint32_t f = 0; f < far_.streams->list.size(); ++f) {
      const bool candidate = !taken_[f] && !(keeps_numbers && far(f).is_tcp());
      if (candidate && far(f).first_payload.client != 0) open[key_of(far(f))].push_back(f);
    }
    for (std::uint32_t n = 0; n < near_.streams->list.size(); ++n) {
      const Connection& c = near(n);
      if (sides_.partner[n] != kNoHop || c.first_payload.client == 0) continue;
      const auto known = open.find(key_of(c));
      if (known == open.end() || known->second.empty()) continue;
      const auto same = std::ranges::find_if(
          known->second, [&](std::uint32_t f) { return far(f).client == c.client; });
      const auto chosen = same == known->second.end() ? known->second.begin() : same;
      const Rewriting plain = rewriting_of(c, far(*chosen));
      join(n, *chosen, c.is_tcp() ? Rewriting::proxy : plain);
      known->second.erase(chosen);
    }
  }

  static std::uint64_t key_of(const Connection& c) {
    const std::uint32_t answer = c.first_payload.server ^ (c.is_tcp() ? 0U : 1U);
    return (std::uint64_t{c.first_payload.client} << 32U) | answer;
  }

  std::optional<Sample> sample(const Pair& pair) const {
    const Connection& n = near(pair.near);
    const Connection& f = far(pair.far);
    if (n.crossed_gap || f.crossed_gap) return std::nullopt;
    const bool numbers = pair.rewriting != Rewriting::proxy && n.is_tcp();
    const Duration there = numbers ? n.syn_at : n.first_payload_at.client;
    const Duration there_far = numbers ? f.syn_at : f.first_payload_at.client;
    const Duration back = numbers ? n.syn_ack_at : n.first_payload_at.server;
    const Duration back_far = numbers ? f.syn_ack_at : f.first_payload_at.server;
    if (there == kNotSeen || there_far == kNotSeen || back == kNotSeen || back_far == kNotSeen) {
      return std::nullopt;
    }
    if (numbers && (n.syns > 1 || f.syns > 1 || n.syn_acks > 1 || f.syn_acks > 1)) {
      return std::nullopt;
    }
    const std::int64_t bases = far_.streams->report.first_ns - near_.streams->report.first_ns;
    const std::int64_t forth = (there_far - there).count() + bases;
    const std::int64_t return_trip = (back_far - back).count() + bases;
    return Sample{there, forth / 2 + return_trip / 2,
                  (back - there).count() - (back_far - there_far).count()};
  }

  void align() {
    std::vector<Sample> samples;
    for (const Pair& pair : sides_.pairs) {
      if (const auto one = sample(pair)) samples.push_back(*one);
    }
    if (samples.empty()) return;
    const auto offsets = [&](std::size_t from, std::size_t to) {
      std::vector<std::int64_t> values;
      for (std::size_t i = from; i < to; ++i) values.push_back(samples[i].offset);
      return median(std::move(values));
    };
    sides_.offset = Duration{offsets(0, samples.size())};
    std::vector<std::int64_t> between;
    for (const Sample& one : samples) between.push_back(one.between);
    sides_.round_trip_between = Duration{std::max<std::int64_t>(median(std::move(between)), 0)};
    set_drift(samples, offsets);
  }

  template <typename Offsets>
  void set_drift(const std::vector<Sample>& samples, const Offsets& offsets) {
    constexpr std::size_t kLeastSamples = 9;
    if (samples.size() < kLeastSamples) return;
    const std::size_t third = samples.size() / 3;
    const double gained =
        double(offsets(samples.size() - third, samples.size()) - offsets(0, third));
    const double over =
        double((samples[samples.size() - 1 - third / 2].at - samples[third / 2].at).count());
    if (over > 0) sides_.drift_ppm = gained / over * 1e6;
  }

  const Books& near_;
  const Books& far_;
  TwoSides sides_;
  std::vector<bool> taken_;
};

}  // namespace

Duration TwoSides::at_far(Duration near_time) const {
  const std::int64_t bases = near->streams->report.first_ns - far->streams->report.first_ns;
  return near_time + Duration{bases} + *offset;
}

TwoSides match_sides(const Books& first, const Books& second) {
  const bool swapped = usual_answer(first) < usual_answer(second);
  TwoSides sides =
      swapped ? SideMatcher(second, first).match() : SideMatcher(first, second).match();
  sides.swapped = swapped;
  return sides;
}

}  // namespace elblab::findings
