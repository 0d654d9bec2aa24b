#include "models/workload/conversations.hpp"

#include <algorithm>

#include "models/workload/pattern.hpp"

namespace elblab::workload {

using host::SocketError;
using host::SocketId;

namespace {

ConversationTally::Difference why_not_connected(SocketError error) {
  using Difference = ConversationTally::Difference;
  switch (error) {
    case SocketError::timed_out:
      return Difference::connect_timed_out;
    case SocketError::host_unreachable:
      return Difference::unreachable;
    case SocketError::address_in_use:
    case SocketError::address_not_available:
      return Difference::refused_locally;
    default:
      return Difference::refused;
  }
}

}  // namespace

Conversations::Conversations(const ClientParameters& parameters, host::Sockets& sockets,
                             net::IpAddress source)
    : Client(parameters, sockets, source),
      script_(parameters.script),
      tally_(parameters.tally ? parameters.tally : std::make_shared<ConversationTally>()),
      cursor_(parameters, source) {}

void Conversations::start(Instant now) {
  cursor_.start(std::max(parameters().begin, now), parameters().end);
}

Instant Conversations::next_deadline() const {
  while (!timers_.empty() && !talks_.current(timers_.front())) timers_.take();
  return std::min(cursor_.next(), timers_.next_deadline());
}

void Conversations::advance(Instant now) {
  while (timers_.next_deadline() <= now) {
    const SlotRef ref = timers_.take();
    if (talks_.current(ref)) timer_due(ref.slot, now);
  }
  while (cursor_.next() <= now) begin(cursor_.take(), now);
}

const Conversation& Conversations::conversation(std::uint32_t slot) const {
  return script_->conversations[talks_[slot].conversation];
}

const Exchange& Conversations::exchange(std::uint32_t slot) const {
  return script_->exchanges[conversation(slot).first_exchange + talks_[slot].said];
}

bool Conversations::last_exchange(std::uint32_t slot) const {
  return talks_[slot].said + 1 == conversation(slot).exchanges;
}

void Conversations::begin(std::uint32_t index, Instant now) {
  ++tally_->played;
  const std::uint32_t slot = talks_.acquire().slot;
  talks_[slot].conversation = index;
  const auto result =
      sockets().connect(cursor_.source_of(index), parameters().destination, events(), now);
  if (result.error != SocketError::none) {
    ++counted().refused_locally;
    end(slot, Difference::refused_locally, result.error);
    return;
  }
  talks_[slot].socket = result.socket;
  slots_.insert(result.socket, slot);
  wait(slot, Phase::connecting, parameters().request_timeout, now);
}

void Conversations::on_connected(SocketId socket, Instant now) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot != SocketMap::kNone && talks_[slot].phase == Phase::connecting) go_on(slot, now);
}

void Conversations::go_on(std::uint32_t slot, Instant now) {
  if (talks_[slot].said == conversation(slot).exchanges) {
    all_said(slot, now);
  } else if (exchange(slot).think > Duration{0}) {
    wait(slot, Phase::thinking, exchange(slot).think, now);
  } else {
    ask(slot, now);
  }
}

std::uint16_t Conversations::flags_of_request(std::uint32_t slot) const {
  if (!last_exchange(slot)) return 0;
  switch (conversation(slot).end) {
    case ConversationEnd::server_fin:
      return request_flag::server_closes;
    case ConversationEnd::server_reset:
      return request_flag::server_resets;
    default:
      return 0;
  }
}

void Conversations::ask(std::uint32_t slot, Instant now) {
  const Exchange asked = exchange(slot);
  Talk& talk = talks_[slot];
  RequestHeader header = next_header(flags_of_request(slot));
  header.request_bytes =
      std::clamp<std::uint64_t>(asked.request_bytes, kRequestHeaderBytes, kLongestMessage);
  header.response_bytes = std::min(asked.response_bytes, kLongestMessage);
  header.delay = asked.service;
  const std::uint64_t offset = talk.sent;
  talk.sent += header.request_bytes;
  talk.answer_end = talk.received + header.response_bytes;
  talk.asked_at = now;
  if (header.response_bytes > 0) ++counted().requests;
  wait(slot, Phase::awaiting_answer, asked.service + parameters().request_timeout, now);
  const SocketId socket = talk.socket;
  const SocketError error = send_request(sockets(), socket, header, offset, now);
  if (slots_.find(socket) != slot) return;  // closed while it was sent
  if (error != SocketError::none) {
    abort(slot, Difference::reset, error, now);
    return;
  }
  tally_->bytes_to_server += header.request_bytes;
  if (last_exchange(slot) && conversation(slot).end == ConversationEnd::client_half_close) {
    sockets().shutdown(socket, now);
  }
  if (header.response_bytes == 0) sent_without_answer(slot, now);
}

// By way of a timer also when nothing is to wait for: a long row of such requests sent one from
// within the other would go as deep as it is long.
void Conversations::sent_without_answer(std::uint32_t slot, Instant now) {
  ++talks_[slot].said;
  if (talks_[slot].said == conversation(slot).exchanges) {
    all_said(slot, now);
  } else {
    wait(slot, Phase::thinking, exchange(slot).think, now);
  }
}

void Conversations::on_received(SocketId socket, std::span<const std::uint8_t> bytes, Instant now) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot == SocketMap::kNone) return;
  Talk& talk = talks_[slot];
  const std::uint64_t before = talk.received;
  talk.received += bytes.size();
  tally_->bytes_to_client += bytes.size();
  if (talk.received > talk.answer_end || !matches_pattern(bytes, before)) {
    count_damage();
    abort(slot, Difference::damaged, SocketError::none, now);
  } else if (talk.phase == Phase::awaiting_answer && talk.received == talk.answer_end) {
    count_response(talk.asked_at, now);
    ++talk.said;
    go_on(slot, now);
  }
}

void Conversations::all_said(std::uint32_t slot, Instant now) {
  const Conversation& whole = conversation(slot);
  const Exchange* const last = whole.exchanges > 0
                                   ? &script_->exchanges[whole.first_exchange + whole.exchanges - 1]
                                   : nullptr;
  const bool unanswered = last != nullptr && last->response_bytes == 0;
  switch (whole.end) {
    case ConversationEnd::client_reset:
      if (unanswered) {
        wait(slot, Phase::awaiting_sent, parameters().request_timeout, now);
        return;
      }
      [[fallthrough]];
    case ConversationEnd::client_fin:
      hold(slot, now);
      return;
    case ConversationEnd::client_half_close:
      if (last == nullptr) sockets().shutdown(talks_[slot].socket, now);
      wait(slot, Phase::awaiting_end, parameters().request_timeout, now);
      return;
    case ConversationEnd::left_open:
      wait(slot, Phase::left_open, kNever - now, now);
      ++tally_->as_captured;
      return;
    default:
      wait(slot, Phase::awaiting_end,
           (unanswered ? last->service : Duration{0}) + parameters().request_timeout, now);
  }
}

void Conversations::hold(std::uint32_t slot, Instant now) {
  if (conversation(slot).close_after > Duration{0}) {
    wait(slot, Phase::holding, conversation(slot).close_after, now);
  } else {
    close_own(slot, now);
  }
}

// The way the conversation was to end.
void Conversations::close_own(std::uint32_t slot, Instant now) {
  const SocketId socket = talks_[slot].socket;
  const bool reset = conversation(slot).end == ConversationEnd::client_reset;
  end(slot, std::nullopt, SocketError::none);
  if (reset) {
    sockets().abort(socket, now);
  } else {
    sockets().close(socket, now);
  }
}

void Conversations::on_sent_all(SocketId socket, Instant now) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot != SocketMap::kNone && talks_[slot].phase == Phase::awaiting_sent) hold(slot, now);
}

void Conversations::on_peer_finished(SocketId socket, Instant now) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot == SocketMap::kNone) return;
  const ConversationEnd planned = conversation(slot).end;
  if (talks_[slot].phase == Phase::awaiting_end && planned == ConversationEnd::server_fin) {
    hold(slot, now);
  } else if (talks_[slot].phase == Phase::awaiting_end &&
             planned == ConversationEnd::client_half_close) {
    close_own(slot, now);
  } else if (talks_[slot].phase != Phase::holding || planned != ConversationEnd::server_fin) {
    abort(slot, Difference::closed_early, SocketError::none, now);
  }
}

void Conversations::on_closed(SocketId socket, SocketError error, Instant) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot == SocketMap::kNone) return;
  const Phase phase = talks_[slot].phase;
  if (phase == Phase::connecting) {
    end(slot, why_not_connected(error), error);
  } else if (phase == Phase::awaiting_end &&
             conversation(slot).end == ConversationEnd::server_reset &&
             (error == SocketError::connection_reset || error == SocketError::not_connected)) {
    end(slot, std::nullopt, SocketError::none);
  } else {
    end(slot, error == SocketError::none ? Difference::closed_early : Difference::reset, error);
  }
}

void Conversations::timer_due(std::uint32_t slot, Instant now) {
  switch (talks_[slot].phase) {
    case Phase::thinking:
      return ask(slot, now);
    case Phase::holding:
      return close_own(slot, now);
    case Phase::connecting:
      return abort(slot, Difference::connect_timed_out, SocketError::timed_out, now);
    case Phase::awaiting_end:
      return abort(slot, Difference::never_closed, SocketError::timed_out, now);
    default:
      return abort(slot, Difference::response_timed_out, SocketError::timed_out, now);
  }
}

void Conversations::abort(std::uint32_t slot, Difference difference, SocketError error,
                          Instant now) {
  const SocketId socket = talks_[slot].socket;
  end(slot, difference, error);
  sockets().abort(socket, now);
}

// Counts how it went and forgets the conversation; its socket is the caller's. Later calls for the
// socket find no slot and are passed over.
void Conversations::end(std::uint32_t slot, std::optional<Difference> difference,
                        SocketError error) {
  const Talk& talk = talks_[slot];
  if (!difference) {
    ++tally_->as_captured;
  } else {
    ++tally_->ended_differently[static_cast<std::size_t>(*difference)];
    if (talk.phase == Phase::left_open) --tally_->as_captured;
    if (talk.phase == Phase::connecting) ++counted().requests;
    if (talk.phase == Phase::connecting || talk.phase == Phase::awaiting_answer) {
      count_failure(error);
    }
  }
  if (talk.socket != 0) slots_.erase(talk.socket);
  talks_.release(slot);
}

void Conversations::wait(std::uint32_t slot, Phase phase, Duration at_most, Instant now) {
  talks_[slot].phase = phase;
  const SlotRef ref = talks_.renew(slot);
  if (kNever - now > at_most) timers_.set(now + at_most, ref);
}

}  // namespace elblab::workload
