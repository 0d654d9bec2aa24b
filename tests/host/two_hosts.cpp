#include "tests/host/two_hosts.hpp"

#include <algorithm>

namespace elblab::host::testing {

TwoHosts::TwoHosts(Options options) : wire_(options.wire), stream_(options.seed, "wire") {
  for (int i = 0; i < 2; ++i) {
    End& end = ends_[i];
    end.world = this;
    end.peer = &ends_[1 - i];
    end.address = i == 0 ? kClientAddress : kServerAddress;
    if (options.v6) end.address = *net::IpAddress::parse(i == 0 ? "2001:db8::1" : "2001:db8::2");
    HostOptions host;
    host.name = i == 0 ? "client" : "server";
    host.object = static_cast<telemetry::ObjectId>(i + 1);
    host.addresses = {end.address};
    host.sysctls = i == 0 ? options.client_sysctls : options.server_sysctls;
    host.time_wait = options.time_wait;
    if (i == 0) host.initial_sequence = options.client_isn;
    end.host = std::make_unique<Host>(host, random::Stream(options.seed, host.name), end.rows, end);
  }
}

void TwoHosts::put(End& to, Instant at, std::span<const std::uint8_t> packet) {
  in_flight_.push({at, ++sequence_, &to, {packet.begin(), packet.end()}});
}

void TwoHosts::carry(End& from, std::span<const std::uint8_t> sent) {
  std::vector<std::uint8_t> packet(sent.begin(), sent.end());
  if (wire_.leaving) wire_.leaving(&from == &ends_[0], packet, now_);
  Instant leaves = now_;
  if (wire_.bits_per_second > 0) {
    leaves = std::max(now_, from.wire_free) +
             Duration{static_cast<std::int64_t>(packet.size() * 8'000'000'000ULL /
                                                wire_.bits_per_second)};
    from.wire_free = leaves;
  }
  if (wire_.drop) {
    net::PacketView view;
    if (net::PacketView::parse(packet, view) == net::ParseError::none && wire_.drop(view)) return;
  }
  if (wire_.loss > 0 && stream_.chance(wire_.loss)) return;
  Instant at = leaves + wire_.delay;
  if (wire_.reordering > 0 && stream_.chance(wire_.reordering)) at += wire_.extra;
  put(*from.peer, at, packet);
  if (wire_.duplication > 0 && stream_.chance(wire_.duplication))
    put(*from.peer, at + 100us, packet);
}

Instant TwoHosts::next_event() const {
  Instant next = std::min(ends_[0].host->next_deadline(), ends_[1].host->next_deadline());
  if (!in_flight_.empty()) next = std::min(next, in_flight_.top().at);
  return next;
}

void TwoHosts::step() {
  now_ = std::max(now_, next_event());
  if (!in_flight_.empty() && in_flight_.top().at <= now_) {
    InFlight packet = in_flight_.top();
    in_flight_.pop();
    if (wire_.arriving) wire_.arriving(packet.to == &ends_[0], packet.bytes, now_);
    packet.to->host->receive(packet.bytes, now_);
    return;
  }
  for (End& end : ends_) {
    if (end.host->next_deadline() <= now_) end.host->advance(now_);
  }
}

void TwoHosts::run_until(Instant until) {
  while (next_event() <= until) step();
  now_ = std::max(now_, until);
}

bool TwoHosts::run_until_or_timeout(const std::function<bool()>& done, Duration timeout) {
  const Instant end = now_ + timeout;
  while (!done()) {
    if (next_event() > end) return false;
    step();
  }
  return true;
}

}  // namespace elblab::host::testing
