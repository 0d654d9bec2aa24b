#include "models/workload/client.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace elblab::workload {

std::uint64_t ClientCounters::failures() const {
  return std::accumulate(request_failures.begin(), request_failures.end(), std::uint64_t{0});
}

Client::Client(const ClientParameters& parameters, host::Sockets& sockets, net::IpAddress source)
    : parameters_(parameters),
      sockets_(sockets),
      source_(source),
      counters_(std::make_shared<ClientCounters>()) {
  parameters_.request_bytes =
      std::max<std::uint64_t>(parameters_.request_bytes, kRequestHeaderBytes);
}

ResponseTimes ClientCounters::take_interval() { return std::exchange(interval, {}); }

std::uint64_t Client::under_way() const {
  return counters_->requests - counters_->responses - counters_->failures();
}

void Client::count_response(Instant wanted_at, Instant now) {
  const Duration took = now - wanted_at;
  ++counters_->responses;
  counters_->latency.add(took);
  if (took > parameters_.slow) ++counters_->slow_responses;
  counters_->interval.sum += took;
  ++counters_->interval.count;
}

void Client::count_failure(host::SocketError error) {
  ++counters_->request_failures[static_cast<std::size_t>(error)];
}

void Client::count_damage() { ++counters_->damaged_responses; }

RequestHeader Client::next_header(std::uint16_t flags) {
  RequestHeader header;
  header.flags = flags;
  header.number = next_number_++;
  header.request_bytes = parameters_.request_bytes;
  header.response_bytes = parameters_.response_bytes;
  return header;
}

}  // namespace elblab::workload
