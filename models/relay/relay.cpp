#include "models/relay/relay.hpp"

#include <algorithm>

#include "models/workload/pattern.hpp"

namespace elblab::relay {

using host::SocketError;
using host::SocketId;
using workload::kRequestHeaderBytes;
using workload::RequestHeader;
using workload::SlotRef;
using workload::SocketMap;

Relay::Relay(const workload::ServerParameters& listener, const RelayParameters& parameters,
             host::Sockets& sockets, random::Stream stream)
    : Server(listener, sockets),
      parameters_(parameters),
      egress_(parameters_.egress, stream),
      upstream_(parameters_, sockets, egress_, *this),
      waiting_timeouts_(parameters_.timeout) {}

void Relay::open_port(Instant now) {
  host::ListenOptions options;
  options.port = parameters().port;
  options.backlog = parameters().backlog;
  listener_ = sockets().listen(options, events(), now);
}

void Relay::close_port(Instant now) {
  sockets().stop_listening(*listener_, now);
  listener_.reset();
}

std::uint64_t Relay::under_way() const { return upstream_.busy() + waiting_now_ + behind_now_; }

Instant Relay::next_deadline() const {
  return std::min(upstream_.next_deadline(), waiting_timeouts_.next_deadline(clients_));
}

void Relay::advance(Instant now) {
  upstream_.advance(now);
  std::uint32_t slot = 0;
  while (waiting_timeouts_.take_due(clients_, now, slot)) fail(slot, now);
}

void Relay::on_acceptable(host::ListenerId listener, Instant now) {
  while (listener_ && *listener_ == listener) {
    accepting_ = true;
    adopted_ = 0;
    const SocketId socket = sockets().accept(listener, events(), now);
    accepting_ = false;
    if (socket == 0) return;
    if (adopted_ != socket) adopt(socket);
    ++counted().accepted;
  }
}

std::uint32_t Relay::adopt(SocketId socket) {
  const std::uint32_t slot = clients_.acquire().slot;
  clients_[slot].socket = socket;
  slots_.insert(socket, slot);
  if (parameters_.choice == EgressChoice::per_connection) clients_[slot].egress = egress_.draw();
  return slot;
}

// Bytes that came before accept() may be delivered while it runs, before its id is known here.
std::uint32_t Relay::slot_of(SocketId socket) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot != SocketMap::kNone || !accepting_) return slot;
  adopted_ = socket;
  return adopt(socket);
}

void Relay::on_received(SocketId socket, std::span<const std::uint8_t> bytes, Instant now) {
  const std::uint32_t slot = slot_of(socket);
  if (slot == SocketMap::kNone) return;
  while (!bytes.empty()) {
    Client& client = clients_[slot];
    const std::optional<std::size_t> taken = take(client, bytes);
    if (!taken) {
      end_requests(slot, relay_counters_.abandoned, now);
      reset_client(slot, now);
      return;
    }
    client.received += *taken;
    bytes = bytes.subspan(*taken);
    if (client.partial_size < kRequestHeaderBytes || client.request_left > 0) continue;
    client.partial_size = 0;
    request_read(slot, now);
    if (slots_.find(socket) != slot) return;  // refused
  }
}

// nullopt: no request.
std::optional<std::size_t> Relay::take(Client& client, std::span<const std::uint8_t> bytes) {
  if (client.partial_size < kRequestHeaderBytes) return take_header(client, bytes);
  const auto taken =
      static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), client.request_left));
  if (!workload::matches_pattern(bytes.first(taken), client.received)) {
    ++counted().damaged_requests;
    return std::nullopt;
  }
  client.request_left -= taken;
  return taken;
}

std::optional<std::size_t> Relay::take_header(Client& client, std::span<const std::uint8_t> bytes) {
  const std::size_t taken =
      std::min<std::size_t>(bytes.size(), kRequestHeaderBytes - client.partial_size);
  std::copy_n(bytes.begin(), taken, client.partial.begin() + client.partial_size);
  client.partial_size += static_cast<std::uint32_t>(taken);
  if (client.partial_size < kRequestHeaderBytes) return taken;
  const auto header = RequestHeader::read(client.partial);
  if (!header) {
    ++counted().malformed_requests;
    return std::nullopt;
  }
  client.incoming = *header;
  client.request_left = header->request_bytes - kRequestHeaderBytes;
  return taken;
}

void Relay::request_read(std::uint32_t slot, Instant now) {
  ++counted().requests;
  Client& client = clients_[slot];
  if (client.phase == Phase::reading && !client.reset_when_sent) {
    begin(slot, client.incoming, now);
  } else if (client.behind.size() < kMostPipelined) {
    client.behind.push(client.incoming);
    ++behind_now_;
  } else {
    refuse(slot, now);
  }
}

void Relay::begin(std::uint32_t slot, const RequestHeader& request, Instant now) {
  Client& client = clients_[slot];
  client.request = request;
  choose_egress(client);
  if (!upstream_.full()) return ask(slot, now);
  if (waiting_now_ >= parameters_.queue) return refuse(slot, now);
  client.phase = Phase::waiting;
  ++waiting_now_;
  const SlotRef ref = clients_.renew(slot);
  drop_stale_waiting();
  waiting_.push(ref);
  waiting_timeouts_.set(ref, now);
}

void Relay::choose_egress(Client& client) {
  if (parameters_.choice == EgressChoice::per_request) client.egress = egress_.draw();
  if (parameters_.choice != EgressChoice::per_client) return;
  const auto peer = sockets().peer_endpoint(client.socket);
  client.egress = egress_.of_client(peer ? peer->address : net::IpAddress());
}

void Relay::ask(std::uint32_t slot, Instant now) {
  Client& client = clients_[slot];
  client.phase = Phase::asking;
  RequestHeader request = client.request;
  request.flags &= workload::request_flag::of_user;
  client.exchange = upstream_.ask(slot, request, client.egress, now);
  if (client.exchange != kNoExchange) return;
  client.phase = Phase::reading;
  ++relay_counters_.failed;
  end_requests(slot, relay_counters_.failed, now);
  reset_client(slot, now);
}

void Relay::ask_waiting(Instant now) {
  for (drop_stale_waiting(); !waiting_.empty() && !upstream_.full(); drop_stale_waiting()) {
    const std::uint32_t slot = waiting_.front().slot;
    waiting_.pop();
    clients_.renew(slot);
    --waiting_now_;
    ask(slot, now);
  }
}

void Relay::drop_stale_waiting() {
  while (!waiting_.empty() && !clients_.current(waiting_.front())) waiting_.pop();
}

void Relay::answer_came(std::uint32_t asker, std::uint64_t bytes, Instant now) {
  if (sockets().send_pattern(clients_[asker].socket, bytes, now) == SocketError::none) return;
  end_requests(asker, relay_counters_.abandoned, now);
  reset_client(asker, now);
}

void Relay::answer_whole(std::uint32_t asker, Instant now) {
  ++counted().responses;
  ++relay_counters_.relayed;
  clients_[asker].phase = Phase::reading;
  clients_[asker].exchange = kNoExchange;
  after_answer(asker, now);
  ask_waiting(now);
}

void Relay::after_answer(std::uint32_t slot, Instant now) {
  Client& client = clients_[slot];
  const RequestHeader& answered = client.request;
  if ((answered.flags & workload::request_flag::server_resets) != 0) {
    if (answered.response_bytes > 0) {
      client.reset_when_sent = true;
      return;
    }
    end_requests(slot, relay_counters_.abandoned, now);
    reset_client(slot, now);
  } else if ((answered.flags & workload::request_flag::server_closes) != 0 ||
             (client.peer_finished && client.behind.empty())) {
    end_requests(slot, relay_counters_.abandoned, now);
    close_client(slot, now);
  } else if (!client.behind.empty()) {
    const RequestHeader next = client.behind.front();
    client.behind.pop();
    --behind_now_;
    begin(slot, next, now);
  }
}

void Relay::answer_failed(std::uint32_t asker, Instant now) {
  clients_[asker].exchange = kNoExchange;
  clients_[asker].phase = Phase::reading;
  ++relay_counters_.failed;
  end_requests(asker, relay_counters_.failed, now);
  reset_client(asker, now);
  ask_waiting(now);
}

// Of the request that was read last; those before it are given up with it.
void Relay::refuse(std::uint32_t slot, Instant now) {
  ++relay_counters_.refused;
  end_requests(slot, relay_counters_.abandoned, now);
  reset_client(slot, now);
}

void Relay::fail(std::uint32_t slot, Instant now) {
  end_requests(slot, relay_counters_.failed, now);
  reset_client(slot, now);
}

// All that the connection has begun count there.
void Relay::end_requests(std::uint32_t slot, std::uint64_t& counter, Instant now) {
  Client& client = clients_[slot];
  counter += client.behind.size() + (client.phase == Phase::reading ? 0 : 1);
  behind_now_ -= client.behind.size();
  client.behind = {};
  if (client.phase == Phase::waiting) --waiting_now_;
  const std::uint32_t exchange = client.exchange;
  client.phase = Phase::reading;
  client.exchange = kNoExchange;
  if (exchange == kNoExchange) return;
  upstream_.give_up(exchange, now);
  ask_waiting(now);
}

void Relay::on_peer_finished(SocketId socket, Instant now) {
  const std::uint32_t slot = slot_of(socket);
  if (slot == SocketMap::kNone) return;
  clients_[slot].peer_finished = true;
  const bool nothing_to_do = clients_[slot].phase == Phase::reading;
  if (nothing_to_do && !clients_[slot].reset_when_sent) close_client(slot, now);
}

void Relay::on_sent_all(SocketId socket, Instant now) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot == SocketMap::kNone || !clients_[slot].reset_when_sent) return;
  end_requests(slot, relay_counters_.abandoned, now);
  reset_client(slot, now);
}

void Relay::on_closed(SocketId socket, SocketError error, Instant now) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot == SocketMap::kNone) return;
  if (error != SocketError::none) ++counted().connections_lost;
  end_requests(slot, relay_counters_.abandoned, now);
  forget(slot);
}

void Relay::close_client(std::uint32_t slot, Instant now) {
  const SocketId socket = clients_[slot].socket;
  forget(slot);
  sockets().close(socket, now);
}

void Relay::reset_client(std::uint32_t slot, Instant now) {
  const SocketId socket = clients_[slot].socket;
  forget(slot);
  sockets().abort(socket, now);
}

void Relay::forget(std::uint32_t slot) {
  slots_.erase(clients_[slot].socket);
  clients_.release(slot);
}

}  // namespace elblab::relay
