#include "models/workload/responder.hpp"

#include <algorithm>

#include "models/workload/pattern.hpp"

namespace elblab::workload {

using host::ListenerId;
using host::SocketError;
using host::SocketId;

Responder::Responder(const ServerParameters& parameters, host::Sockets& sockets, CpuQueue* cpus,
                     UserLog* users)
    : Server(parameters, sockets),
      pages_(parameters.pages, parameters.host_name),
      users_(users),
      cpus_(cpus) {
  if (parameters.accepts_per_second && *parameters.accepts_per_second > 0) {
    accept_gap_ = from_seconds(1 / *parameters.accepts_per_second);
  }
}

void Responder::open_port(Instant now) {
  host::ListenOptions options;
  options.port = parameters().port;
  options.backlog = parameters().backlog;
  listener_ = sockets().listen(options, events(), now);
}

void Responder::close_port(Instant now) {
  sockets().stop_listening(*listener_, now);
  listener_.reset();
  accept_waits_ = false;
}

Instant Responder::next_deadline() const {
  drop_stale();
  const Instant accept = accept_waits_ ? next_accept_ : kNever;
  return std::min(accept, services_.next_deadline());
}

void Responder::advance(Instant now) {
  for (drop_stale(); services_.next_deadline() <= now; drop_stale()) {
    const Service service = services_.take();
    --connections_[service.connection.slot].delayed;
    respond(service, now);
  }
  if (accept_waits_) accept_waiting(now);
}

void Responder::on_acceptable(ListenerId listener, Instant now) {
  if (listener_ && *listener_ == listener) accept_waiting(now);
}

// accepts_per_second of 0 never accepts.
void Responder::accept_waiting(Instant now) {
  const auto rate = parameters().accepts_per_second;
  if (!listener_ || (rate && !(*rate > 0))) return;
  // A server that found its queue empty does not catch up on the turns it missed.
  if (!accept_waits_) next_accept_ = std::max(next_accept_, now);
  accept_waits_ = true;
  while (accept_waits_ && next_accept_ <= now) {
    accept_waits_ = accept_one(now);
    if (accept_waits_) next_accept_ += accept_gap_;
  }
}

bool Responder::accept_one(Instant now) {
  accepting_ = true;
  adopted_ = 0;
  const SocketId socket = sockets().accept(*listener_, events(), now);
  accepting_ = false;
  if (socket == 0) return false;
  if (adopted_ != socket) adopt(socket);
  ++counted().accepted;
  if (!parameters().deny.empty()) turn_away_denied(socket, now);
  return true;
}

std::uint32_t Responder::adopt(SocketId socket) {
  const std::uint32_t slot = connections_.acquire().slot;
  connections_[slot].socket = socket;
  slots_.insert(socket, slot);
  if (!parameters().deny.empty()) {
    const auto peer = sockets().peer_endpoint(socket);
    connections_[slot].denied = peer && denies(peer->address);
  }
  return slot;
}

void Responder::turn_away_denied(SocketId socket, Instant now) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot == SocketMap::kNone || !connections_[slot].denied) return;
  ++counted().denied;
  if (connections_[slot].received > 0) {
    abort_connection(slot, now);
  } else {
    close_connection(slot, now);
  }
}

// Bytes that came before accept() may be delivered while it runs, before its id is known here.
std::uint32_t Responder::slot_of(SocketId socket) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot != SocketMap::kNone || !accepting_) return slot;
  adopted_ = socket;
  return adopt(socket);
}

void Responder::on_received(SocketId socket, std::span<const std::uint8_t> bytes, Instant now) {
  const std::uint32_t slot = slot_of(socket);
  if (slot == SocketMap::kNone) return;
  if (connections_[slot].denied) {
    connections_[slot].received += bytes.size();
  } else if (speaks_http(connections_[slot], bytes)) {
    take_http(slot, bytes, now);
  } else {
    take_requests(slot, bytes, now);
  }
}

void Responder::take_requests(std::uint32_t slot, std::span<const std::uint8_t> bytes,
                              Instant now) {
  const SocketId socket = connections_[slot].socket;
  while (!bytes.empty()) {
    Connection& connection = connections_[slot];
    std::size_t taken = 0;
    if (connection.partial_size < kRequestHeaderBytes) {
      taken = read_header(connection, bytes);
      if (taken == 0) {
        ++counted().malformed_requests;
        abort_connection(slot, now);
        return;
      }
    } else {
      taken =
          static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), connection.request_left));
      if (!matches_pattern(bytes.first(taken), connection.received)) {
        ++counted().damaged_requests;
        abort_connection(slot, now);
        return;
      }
      connection.request_left -= taken;
    }
    connection.received += taken;
    bytes = bytes.subspan(taken);
    if (connection.partial_size < kRequestHeaderBytes || connection.request_left > 0) continue;
    connection.partial_size = 0;
    request_read(slot, now);
    if (slots_.find(socket) != slot) return;  // answered and closed
  }
}

// Returns the bytes taken, 0 if the header they complete is none.
std::size_t Responder::read_header(Connection& connection, std::span<const std::uint8_t> bytes) {
  const std::size_t taken =
      std::min<std::size_t>(bytes.size(), kRequestHeaderBytes - connection.partial_size);
  std::copy_n(bytes.begin(), taken, connection.partial.begin() + connection.partial_size);
  connection.partial_size += static_cast<std::uint32_t>(taken);
  if (connection.partial_size < kRequestHeaderBytes) return taken;
  const auto header = RequestHeader::read(connection.partial);
  if (!header) return 0;
  connection.request_left = header->request_bytes - kRequestHeaderBytes;
  return taken;
}

// The first bytes of a connection tell, which may come one by one: those before lie in `partial`.
bool Responder::speaks_http(Connection& connection, std::span<const std::uint8_t> bytes) {
  if (connection.http) return true;
  constexpr std::size_t kTelling = 5;
  const std::size_t before = connection.partial_size;
  if (before >= kTelling || connection.received != before) return false;
  std::array<std::uint8_t, kTelling> first{};
  const std::size_t more = std::min(bytes.size(), kTelling - before);
  std::copy_n(connection.partial.begin(), before, first.begin());
  std::copy_n(bytes.begin(), more, first.begin() + static_cast<std::ptrdiff_t>(before));
  if (!HttpRequestReader::begins(std::span(first).first(before + more))) return false;
  connection.http = std::make_unique<HttpRequestReader>();
  connection.http->take(std::span(connection.partial).first(before));
  return true;
}

// What comes behind the request is thrown away: its answer is the last.
void Responder::take_http(std::uint32_t slot, std::span<const std::uint8_t> bytes, Instant now) {
  using State = HttpRequestReader::State;
  HttpRequestReader& http = *connections_[slot].http;
  if (http.state() != State::reading) return;
  switch (http.take(bytes)) {
    case State::reading:
      break;
    case State::whole:
      ++counted().http_requests;
      serve(slot, {.connection = connections_.ref(slot)}, Duration{0}, now);
      break;
    case State::malformed:
      ++counted().malformed_requests;
      answer_http(slot, http_status::bad_request, now);
      break;
    case State::too_long:
      ++counted().malformed_requests;
      abort_connection(slot, now);
      break;
  }
}

void Responder::answer_http(std::uint32_t slot, std::uint16_t status, Instant now) {
  const std::string answer = HttpPages::answer(connections_[slot].http->request(), status);
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(answer.data()), answer.size());
  if (sockets().send(connections_[slot].socket, bytes, now) == SocketError::none) {
    close_connection(slot, now);
  } else {
    abort_connection(slot, now);
  }
}

void Responder::note_user(std::uint32_t slot, const RequestHeader& header, Instant now) {
  const UserSessions::Found found = sessions_.note(header.number, header.session_step);
  const SocketId socket = connections_[slot].socket;
  const auto peer = sockets().peer_endpoint(socket);
  const auto local = sockets().local_endpoint(socket);
  if (users_ != nullptr && peer && local) {
    users_->user_request(header.number, found, {*peer, *local, net::Protocol::tcp}, now);
  }
  switch (found) {
    case UserSessions::Found::begun:
      ++counted().sessions_begun;
      break;
    case UserSessions::Found::kept:
      ++counted().sessions_kept;
      break;
    case UserSessions::Found::lost:
      ++counted().sessions_lost;
      break;
  }
}

void Responder::request_read(std::uint32_t slot, Instant now) {
  ++counted().requests;
  // Read anew, as connections are many of which few are asking.
  const RequestHeader header = *RequestHeader::read(connections_[slot].partial);
  if ((header.flags & request_flag::of_user) != 0) note_user(slot, header, now);
  serve(slot, {connections_.ref(slot), header.response_bytes, header.flags}, header.delay, now);
}

// `asked_delay`: what the request asks for, over and above the service's own time.
void Responder::serve(std::uint32_t slot, const Service& service, Duration asked_delay,
                      Instant now) {
  ++connections_[slot].in_service;
  const Duration delay = parameters().service_time + asked_delay;
  if (cpus_ == nullptr) {
    respond_after(service, delay, now);
  } else {
    start_work(slot, service, delay, now);
  }
}

void Responder::start_work(std::uint32_t slot, const Service& service, Duration delay,
                           Instant now) {
  const std::uint32_t added = works_.acquire().slot;
  Connection& connection = connections_[slot];
  works_[added].service = service;
  works_[added].delay = delay;
  if (connection.first_work == kNoWork) {
    connection.first_work = added;
  } else {
    works_[connection.last_work].next = added;
  }
  connection.last_work = added;
  works_[added].job = cpus_->submit(*this, added, now);
}

// With several CPUs a later request of a connection may be done first: it waits for the others.
void Responder::computed(std::uint32_t work, Instant now) {
  moved();
  works_[work].computed = true;
  const SlotRef connection = works_[work].service.connection;
  while (connections_.current(connection)) {
    Connection& c = connections_[connection.slot];
    const std::uint32_t first = c.first_work;
    if (first == kNoWork || !works_[first].computed) return;
    const Work done = works_[first];
    works_.release(first);
    c.first_work = done.next;
    respond_after(done.service, done.delay, now);
  }
}

// A response that waits holds up those behind it on its connection.
void Responder::respond_after(const Service& service, Duration delay, Instant now) {
  Connection& connection = connections_[service.connection.slot];
  const Instant due = now + delay;
  connection.answered_until = std::max(connection.answered_until, due);
  if (due <= now && connection.delayed == 0) {
    respond(service, now);
    return;
  }
  ++connection.delayed;
  services_.set(connection.answered_until, service);
}

void Responder::respond(const Service& service, Instant now) {
  const std::uint32_t slot = service.connection.slot;
  const SocketId socket = connections_[slot].socket;
  --connections_[slot].in_service;
  if (const auto& http = connections_[slot].http) {
    answer_http(slot, pages_.status_of(http->request()), now);
    return;
  }
  if (service.response_bytes > 0 &&
      sockets().send_pattern(socket, service.response_bytes, now) != SocketError::none) {
    abort_connection(slot, now);
    return;
  }
  ++counted().responses;
  const Connection& connection = connections_[slot];
  if ((service.flags & request_flag::server_resets) != 0) {
    if (service.response_bytes == 0) {
      abort_connection(slot, now);
    } else {
      connections_[slot].reset_when_sent = true;
    }
  } else if ((service.flags & request_flag::server_closes) != 0 ||
             (connection.peer_finished && connection.in_service == 0)) {
    close_connection(slot, now);
  }
}

void Responder::on_peer_finished(SocketId socket, Instant now) {
  const std::uint32_t slot = slot_of(socket);
  if (slot == SocketMap::kNone) return;
  Connection& connection = connections_[slot];
  if (connection.denied) return;
  connection.peer_finished = true;
  if (connection.in_service == 0 && !connection.reset_when_sent) close_connection(slot, now);
}

void Responder::on_sent_all(SocketId socket, Instant now) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot != SocketMap::kNone && connections_[slot].reset_when_sent) abort_connection(slot, now);
}

void Responder::on_closed(SocketId socket, SocketError error, Instant) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot == SocketMap::kNone) return;
  if (error != SocketError::none) ++counted().connections_lost;
  forget(slot);
}

void Responder::close_connection(std::uint32_t slot, Instant now) {
  const SocketId socket = connections_[slot].socket;
  forget(slot);
  sockets().close(socket, now);
}

void Responder::abort_connection(std::uint32_t slot, Instant now) {
  const SocketId socket = connections_[slot].socket;
  forget(slot);
  sockets().abort(socket, now);
}

void Responder::forget(std::uint32_t slot) {
  slots_.erase(connections_[slot].socket);
  for (std::uint32_t work = connections_[slot].first_work; work != kNoWork;) {
    cpus_->cancel(works_[work].job);
    const std::uint32_t next = works_[work].next;
    works_.release(work);
    work = next;
  }
  connections_[slot].http.reset();  // a slot may stay unused for long
  connections_.release(slot);
}

void Responder::drop_stale() const {
  while (!services_.empty() && !connections_.current(services_.front().connection)) {
    services_.take();
  }
}

}  // namespace elblab::workload
