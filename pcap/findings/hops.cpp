#include "pcap/findings/hops.hpp"

#include <deque>
#include <map>
#include <unordered_map>

namespace elblab::findings {
namespace {

using streams::Connection;
using streams::kNotSeen;

std::uint64_t word(std::uint32_t high, std::uint32_t low) {
  return (std::uint64_t{high} << 32U) | low;
}

class Matcher {
 public:
  explicit Matcher(const std::vector<Connection>& list) : list_(list) {
    hops_.before.assign(list.size(), kNoHop);
    hops_.behind.assign(list.size(), kNoHop);
  }

  Hops match() {
    for (std::uint32_t i = 0; i < list_.size(); ++i) {
      const Connection& c = list_[i];
      if (c.is_tcp() && c.syn_at != kNotSeen) by_numbers(i, c.first_sequence.client);
    }
    for (std::uint32_t i = 0; i < list_.size(); ++i) {
      const Connection& c = list_[i];
      if (hops_.before[i] != kNoHop || hops_.behind[i] != kNoHop) continue;
      if (c.first_payload.client != 0) by_payload(i);
    }
    keep_whole_services();
    return std::move(hops_);
  }

 private:
  using Open = std::unordered_map<std::uint64_t, std::deque<std::uint32_t>>;

  void join(std::uint32_t front, std::uint32_t back) {
    hops_.behind[front] = back;
    hops_.before[back] = front;
  }

  static bool passed_on(const Connection& front, const Connection& back) {
    const bool answered = front.syn_ack_at != kNotSeen && back.syn_ack_at != kNotSeen;
    return front.server != back.server && back.begin - front.begin <= kPassedOnWithin &&
           (!answered || front.first_sequence.server == back.first_sequence.server);
  }

  // The latest that began with this number.
  void by_numbers(std::uint32_t i, std::uint32_t number) {
    const auto [known, added] = latest_.try_emplace(number, i);
    if (added) return;
    const Connection& front = list_[known->second];
    if (passed_on(front, list_[i]) && hops_.behind[known->second] == kNoHop) {
      join(known->second, i);
      ++hops_.by_numbers;
    }
    known->second = i;
  }

  void by_payload(std::uint32_t i) {
    const Connection& c = list_[i];
    const std::uint64_t key = word(c.first_payload.client, c.is_tcp() ? 0U : 1U);
    std::deque<std::uint32_t>& open = open_[key];
    while (!open.empty() && c.begin - list_[open.front()].begin > kPassedOnWithin) open.pop_front();
    for (auto at = open.begin(); at != open.end(); ++at) {
      if (!proxied(list_[*at], c)) continue;
      proxied_.emplace_back(*at, i);
      open.erase(at);
      return;
    }
    constexpr std::size_t kMostOpen = 64;
    if (open.size() < kMostOpen) open.push_back(i);
  }

  // One within the other, and the answers alike.
  static bool proxied(const Connection& front, const Connection& back) {
    if (front.server == back.server || front.client == back.client) return false;
    if (front.is_tcp() != back.is_tcp() || front.client.address == back.server.address)
      return false;
    if (front.first_payload.server != back.first_payload.server) return false;
    const bool later = back.first_payload_at.client >= front.first_payload_at.client;
    const bool earlier = back.first_payload_at.server <= front.first_payload_at.server;
    return later && earlier;
  }

  // Two clients may ask two servers the same by chance, but not always.
  void keep_whole_services() {
    constexpr double kLeastShare = 0.8;
    struct Tally {
      std::uint64_t all = 0;
      std::uint64_t proxied = 0;
    };
    std::map<net::Endpoint, Tally> services;
    for (const Connection& c : list_) {
      if (c.first_payload.client != 0) ++services[c.server].all;
    }
    for (const auto& [front, back] : proxied_) ++services[list_[back].server].proxied;
    for (const auto& [front, back] : proxied_) {
      const Tally& tally = services[list_[back].server];
      if (double(tally.proxied) < kLeastShare * double(tally.all)) continue;
      join(front, back);
      ++hops_.by_payload;
    }
  }

  const std::vector<Connection>& list_;
  Hops hops_;
  std::unordered_map<std::uint32_t, std::uint32_t> latest_;
  Open open_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> proxied_;  // front, back
};

}  // namespace

Hops find_hops(const std::vector<Connection>& list) { return Matcher(list).match(); }

}  // namespace elblab::findings
