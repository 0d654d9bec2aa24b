#include "pcap/probes/probe_trains.hpp"

#include <algorithm>

#include "models/contract/require.hpp"

namespace elblab::probes {
namespace {

// Of when a probe leaves, and of its way to the place of the capture.
constexpr Duration kJitter = std::chrono::milliseconds(5);

}  // namespace

ProbeTrains::ProbeTrains(const std::vector<net::IpAddress>& addresses)
    : seen_(addresses.size(), false) {
  for (std::size_t node = 0; node < addresses.size(); ++node) {
    configured_[addresses[node]].push_back(node);
  }
}

std::optional<std::size_t> ProbeTrains::node_of(const net::IpAddress& source, std::size_t server,
                                                Duration interval, Instant started) {
  ELBLAB_REQUIRE(interval > Duration{0}, "an interval is not empty");
  std::vector<Train>& trains = trains_[{source, server}];
  Train* train = continued(trains, interval, started, std::max(interval / 100, kJitter));
  if (train == nullptr) {
    if (const std::optional<std::size_t> node = claim(source, trains.size())) {
      trains.push_back({*node, started});
      return node;
    }
    train = continued(trains, interval, started, interval / 4);
  }
  if (train == nullptr) return std::nullopt;
  train->last = started;
  return train->node;
}

ProbeTrains::Train* ProbeTrains::continued(std::vector<Train>& trains, Duration interval,
                                           Instant started, Duration at_most) {
  Train* nearest = nullptr;
  Duration least = at_most;
  for (Train& train : trains) {
    const Duration since = started - train.last;
    // Probes in between may be missing, but the next is a whole interval away.
    const Duration into = since % interval;
    const bool early = into > interval / 2;
    if (!early && since < interval) continue;
    const Duration apart = early ? interval - into : into;
    if (apart > least) continue;
    least = apart;
    nearest = &train;
  }
  return nearest;
}

std::optional<std::size_t> ProbeTrains::claim(const net::IpAddress& source, std::size_t place) {
  std::vector<std::size_t>& claimed = claimed_[source];
  if (place < claimed.size()) return claimed[place];
  const auto take = [&](std::size_t node) -> std::optional<std::size_t> {
    seen_[node] = true;
    claimed.push_back(node);
    return node;
  };
  if (const auto own = configured_.find(source); own != configured_.end()) {
    for (const std::size_t node : own->second) {
      if (!seen_[node]) return take(node);
    }
    return std::nullopt;
  }
  for (std::size_t node = 0; node < seen_.size(); ++node) {
    if (!seen_[node]) return take(node);
  }
  return std::nullopt;
}

}  // namespace elblab::probes
