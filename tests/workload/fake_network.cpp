#include "tests/workload/fake_network.hpp"

#include <algorithm>
#include <stdexcept>

namespace elblab::workload::testing {

using host::ConnectResult;
using host::ListenerId;
using host::SocketError;
using host::SocketId;

std::size_t FakeNetwork::count(const std::string& what, bool by_client) const {
  return static_cast<std::size_t>(
      std::count_if(actions.begin(), actions.end(),
                    [&](const Action& a) { return a.what == what && a.by_client == by_client; }));
}

const FakeNetwork::Action& FakeNetwork::last(const std::string& what) const {
  for (auto it = actions.rbegin(); it != actions.rend(); ++it) {
    if (it->what == what) return *it;
  }
  throw std::out_of_range("no action " + what);
}

namespace {

// Applications as their worlds drive them: asked only when they say so. Whoever moves a deadline
// and does not say so is found here, whatever the test is about.
class DrivenApplications {
 public:
  explicit DrivenApplications(const std::vector<Application*>& applications)
      : applications_(applications) {
    for (Application* a : applications_) book_.add(*a);
  }
  ~DrivenApplications() {
    for (Application* a : applications_) a->watched_by(nullptr, 0);
  }
  DrivenApplications(const DrivenApplications&) = delete;
  DrivenApplications& operator=(const DrivenApplications&) = delete;

  Instant next_deadline() {
    Instant next = kNever;
    for (const Application* a : applications_) next = std::min(next, a->next_deadline());
    book_.settle();
    if (book_.earliest() != next)
      throw std::logic_error("an application moved its deadline unsaid");
    return next;
  }
  void advance_due(Instant now) { book_.advance_due(now); }

 private:
  const std::vector<Application*>& applications_;
  DeadlineBook book_;
};

}  // namespace

void FakeNetwork::run(const std::vector<Application*>& applications, Instant until) {
  DrivenApplications driven(applications);
  int idle_turns = 0;
  for (;;) {
    Instant next = events_.empty() ? kNever : events_.begin()->first;
    next = std::min(next, driven.next_deadline());
    if (next > until) break;
    idle_turns = next > now_ ? 0 : idle_turns + 1;
    if (idle_turns > 1000000) throw std::runtime_error("an application spins in one instant");
    now_ = std::max(now_, next);
    while (!events_.empty() && events_.begin()->first <= now_) {
      const auto what = std::move(events_.begin()->second);
      events_.erase(events_.begin());
      what();
    }
    driven.advance_due(now_);
  }
  now_ = std::max(now_, until);
}

void FakeNetwork::later(Duration after, std::function<void()> what) {
  events_.emplace(now_ + after, std::move(what));
}

FakeNetwork::Side* FakeNetwork::find(SocketId socket) {
  const auto it = sides_.find(socket);
  return it == sides_.end() ? nullptr : &it->second;
}

void FakeNetwork::note(const char* what, SocketId socket, bool by_client) {
  actions.push_back({what, socket, now_, by_client});
}

void FakeNetwork::deliver(SocketId to, const std::function<void(Side&, SocketId)>& what) {
  Side* const side = find(to);
  if (side == nullptr) return;
  if (side->events == nullptr) {
    side->held.push_back([this, to, what] { deliver(to, what); });
  } else {
    what(*side, to);
  }
}

void FakeNetwork::to_peer(SocketId from, std::function<void(Side&, SocketId)> what) {
  const Side* const side = find(from);
  if (side == nullptr || silent) return;
  later(delay, [this, to = side->peer, what] { deliver(to, what); });
}

void FakeNetwork::reset_clients() {
  std::vector<SocketId> clients;
  for (const auto& [id, side] : sides_) {
    if (side.client && side.established) clients.push_back(id);
  }
  for (const SocketId id : clients) {
    for (const SocketId end : {sides_[id].peer, id}) {
      deliver(end, [this](Side& s, SocketId to) {
        auto* const events = s.events;
        sides_.erase(to);
        events->closed(to, SocketError::connection_reset, now_);
      });
    }
  }
}

void FakeNetwork::finish_clients() {
  std::vector<SocketId> clients;
  for (const auto& [id, side] : sides_) {
    if (side.client && side.established) clients.push_back(id);
  }
  for (const SocketId id : clients) {
    deliver(id, [this](Side& s, SocketId to) { s.events->peer_finished(to, now_); });
  }
}

void FakeNetwork::inject(SocketId to, std::vector<std::uint8_t> bytes) {
  deliver(to, [this, bytes](Side& s, SocketId id) { s.events->received(id, bytes, now_); });
}

ConnectResult FakeNetwork::connect(const net::Endpoint& source, const net::Endpoint& destination,
                                   host::SocketEvents& events, Instant) {
  if (local_error != SocketError::none) return {0, local_error};
  const SocketId id = next_socket_++;
  Side side;
  side.events = &events;
  side.client = true;
  side.local = source;
  if (side.local.port == 0) side.local.port = next_port_++;
  side.remote = destination;
  sources.push_back(side.local);
  sides_[id] = side;
  note("connect", id, true);
  if (!silent) later(delay, [this, id, destination] { syn_arrives(id, destination); });
  return {id, SocketError::none};
}

void FakeNetwork::syn_arrives(SocketId client, const net::Endpoint& destination) {
  if (find(client) == nullptr || silent) return;
  const auto listener = std::find_if(listeners_.begin(), listeners_.end(), [&](const auto& entry) {
    return entry.second.port == destination.port;
  });
  if (listener == listeners_.end()) {
    later(delay, [this, client] {
      if (Side* const side = find(client)) {
        auto* const events = side->events;
        sides_.erase(client);
        events->closed(client, SocketError::connection_refused, now_);
      }
    });
    return;
  }
  const SocketId server = next_socket_++;
  Side side;
  side.peer = client;
  side.established = true;
  side.local = destination;
  side.remote = sides_[client].local;
  sides_[server] = side;
  sides_[client].peer = server;
  later(delay, [this, client] {
    if (Side* const waiting = find(client)) {
      waiting->established = true;
      waiting->events->connected(client, now_);
    }
  });
  listener->second.queue.push_back(server);
  listener->second.events->acceptable(listener->first, now_);
}

std::optional<ListenerId> FakeNetwork::listen(const host::ListenOptions& options,
                                              host::SocketEvents& events, Instant) {
  const ListenerId id = next_listener_++;
  listeners_[id] = {options.port, &events, {}};
  return id;
}

void FakeNetwork::stop_listening(ListenerId listener, Instant) { listeners_.erase(listener); }

SocketId FakeNetwork::accept(ListenerId listener, host::SocketEvents& events, Instant) {
  auto& queue = listeners_.at(listener).queue;
  if (queue.empty()) return 0;
  const SocketId id = queue.front();
  queue.pop_front();
  Side& side = sides_[id];
  side.events = &events;
  for (auto& held : side.held) later(Duration{0}, std::move(held));
  side.held.clear();
  return id;
}

void FakeNetwork::transmit(SocketId from, std::vector<std::uint8_t> bytes) {
  Side& side = sides_[from];
  side.sent += bytes.size();
  if (damage && !side.client) bytes[bytes.size() / 2] ^= 0x10;
  const std::size_t size = bytes.size();
  side.unacknowledged += size;
  to_peer(from, [this, bytes = std::move(bytes)](Side&, SocketId to) {
    for (std::size_t at = 0; at < bytes.size(); at += piece_bytes) {
      Side* const receiver = find(to);
      if (receiver == nullptr) return;
      const std::span<const std::uint8_t> all(bytes);
      receiver->events->received(to, all.subspan(at, std::min(piece_bytes, bytes.size() - at)),
                                 now_);
    }
  });
  if (silent) return;
  later(2 * delay, [this, from, size] {
    Side* const sender = find(from);
    if (sender == nullptr) return;
    sender->unacknowledged -= size;
    if (sender->unacknowledged == 0) sender->events->sent_all(from, now_);
  });
}

SocketError FakeNetwork::send(SocketId socket, std::span<const std::uint8_t> bytes, Instant) {
  if (find(socket) == nullptr) return SocketError::not_connected;
  transmit(socket, {bytes.begin(), bytes.end()});
  return SocketError::none;
}

SocketError FakeNetwork::send_pattern(SocketId socket, std::uint64_t bytes, Instant) {
  Side* const side = find(socket);
  if (side == nullptr) return SocketError::not_connected;
  std::vector<std::uint8_t> pattern(bytes);
  for (std::uint64_t i = 0; i < bytes; ++i) pattern[i] = host::pattern_byte(side->sent + i);
  transmit(socket, std::move(pattern));
  return SocketError::none;
}

void FakeNetwork::shutdown(SocketId socket, Instant) {
  if (find(socket) == nullptr) return;
  to_peer(socket, [this](Side& s, SocketId to) {
    if (s.client && lose_server_fin) return;
    s.events->peer_finished(to, now_);
  });
}

void FakeNetwork::close(SocketId socket, Instant at) {
  Side* const side = find(socket);
  if (side == nullptr) throw std::logic_error("close() of a socket that is gone");
  note("close", socket, side->client);
  if (!side->udp) shutdown(socket, at);
  auto* const events = side->events;
  sides_.erase(socket);
  later(2 * delay, [this, socket, events] { events->closed(socket, SocketError::none, now_); });
}

void FakeNetwork::abort(SocketId socket, Instant) {
  Side* const side = find(socket);
  if (side == nullptr) throw std::logic_error("abort() of a socket that is gone");
  note("abort", socket, side->client);
  to_peer(socket, [this](Side& s, SocketId to) {
    auto* const events = s.events;
    sides_.erase(to);
    events->closed(to, SocketError::connection_reset, now_);
  });
  sides_.erase(socket);
}

ConnectResult FakeNetwork::open_udp(const net::Endpoint& local,
                                    const std::optional<net::Endpoint>& peer,
                                    host::SocketEvents& events, Instant) {
  if (local_error != SocketError::none) return {0, local_error};
  const SocketId id = next_socket_++;
  Side side;
  side.events = &events;
  side.udp = true;
  side.client = peer.has_value();
  side.local = local;
  if (side.local.port == 0) side.local.port = next_port_++;
  side.remote = peer;
  if (peer) sources.push_back(side.local);
  sides_[id] = side;
  note("open_udp", id, side.client);
  return {id, SocketError::none};
}

SocketError FakeNetwork::send_datagram(SocketId socket, const net::Endpoint& to,
                                       std::span<const std::uint8_t> bytes, Instant) {
  const Side* const side = find(socket);
  if (side == nullptr) return SocketError::not_connected;
  if (silent) return SocketError::none;
  std::vector<std::uint8_t> copy(bytes.begin(), bytes.end());
  if (damage && !side->client) copy.back() ^= 0x10;
  later(delay, [this, socket, to, from = side->local, copy = std::move(copy)] {
    for (auto& [id, receiver] : sides_) {
      if (!receiver.udp || receiver.local.port != to.port) continue;
      // An unspecified local address answers from the address that was asked.
      const net::Endpoint seen =
          from.address.is_unspecified() && receiver.remote ? *receiver.remote : from;
      receiver.events->datagram(id, seen, copy, now_);
      return;
    }
    later(delay, [this, socket] {
      Side* const sender = find(socket);
      if (sender == nullptr || !sender->client) return;
      auto* const events = sender->events;
      sides_.erase(socket);
      events->closed(socket, SocketError::connection_refused, now_);
    });
  });
  return SocketError::none;
}

std::optional<net::Endpoint> FakeNetwork::local_endpoint(SocketId socket) const {
  const auto it = sides_.find(socket);
  if (it == sides_.end()) return std::nullopt;
  return it->second.local;
}

std::optional<net::Endpoint> FakeNetwork::peer_endpoint(SocketId socket) const {
  const auto it = sides_.find(socket);
  return it == sides_.end() ? std::nullopt : it->second.remote;
}

}  // namespace elblab::workload::testing
