#include "models/workload/datagram_conversations.hpp"

#include <algorithm>

#include "models/workload/pattern.hpp"

namespace elblab::workload {

using host::SocketError;
using host::SocketId;

namespace {

std::uint64_t within_a_datagram(std::uint64_t bytes) {
  return std::clamp<std::uint64_t>(bytes, kRequestHeaderBytes, kLargestDatagram);
}

}  // namespace

DatagramConversations::DatagramConversations(const ClientParameters& parameters,
                                             host::Sockets& sockets, net::IpAddress source)
    : Client(parameters, sockets, source),
      script_(parameters.script),
      tally_(parameters.tally ? parameters.tally : std::make_shared<ConversationTally>()),
      cursor_(parameters, source),
      buffer_(kLargestDatagram) {}

void DatagramConversations::start(Instant now) {
  cursor_.start(std::max(parameters().begin, now), parameters().end);
}

Instant DatagramConversations::next_deadline() const {
  while (!timers_.empty() && !talks_.current(timers_.front())) timers_.take();
  return std::min(cursor_.next(), timers_.next_deadline());
}

void DatagramConversations::advance(Instant now) {
  while (timers_.next_deadline() <= now) {
    const SlotRef ref = timers_.take();
    if (!talks_.current(ref)) continue;
    if (talks_[ref.slot].waiting) {
      reply_missed(ref.slot, SocketError::timed_out, now);
    } else {
      ask(ref.slot, now);
    }
  }
  while (cursor_.next() <= now) begin(cursor_.take(), now);
}

const Exchange& DatagramConversations::exchange(const Talk& talk) const {
  return script_->exchanges[script_->conversations[talk.conversation].first_exchange + talk.said];
}

void DatagramConversations::begin(std::uint32_t index, Instant now) {
  ++tally_->played;
  const std::uint32_t slot = talks_.acquire().slot;
  talks_[slot].conversation = index;
  const auto result =
      sockets().open_udp(cursor_.source_of(index), parameters().destination, events(), now);
  if (result.error != SocketError::none) {
    ++counted().refused_locally;
    ++counted().requests;
    count_failure(result.error);
    end(slot, Difference::refused_locally, now);
    return;
  }
  talks_[slot].socket = result.socket;
  slots_.insert(result.socket, slot);
  go_on(slot, now);
}

// Every datagram goes out from advance(), also one that is due at once: many without replies sent
// one from within the other would go as deep as they are many.
void DatagramConversations::go_on(std::uint32_t slot, Instant now) {
  const Talk& talk = talks_[slot];
  if (talk.said < script_->conversations[talk.conversation].exchanges) {
    wait(slot, exchange(talk).think, now);
  } else if (talk.missed_reply) {
    end(slot, Difference::no_reply, now);
  } else {
    end(slot, std::nullopt, now);
  }
}

void DatagramConversations::ask(std::uint32_t slot, Instant now) {
  Talk& talk = talks_[slot];
  const Exchange asked = exchange(talk);
  const bool reply = asked.response_bytes > 0;
  RequestHeader header = next_header(reply ? 0 : request_flag::no_reply);
  header.request_bytes = within_a_datagram(asked.request_bytes);
  header.response_bytes = within_a_datagram(asked.response_bytes);
  header.delay = asked.service;
  talk.number = header.number;
  talk.asked_at = now;
  talk.waiting = reply;
  if (reply) ++counted().requests;
  const SocketId socket = talk.socket;
  if (reply) wait(slot, asked.service + parameters().request_timeout, now);
  const auto bytes = write_request(buffer_, header, static_cast<std::size_t>(header.request_bytes));
  const SocketError error = sockets().send_datagram(socket, parameters().destination, bytes, now);
  tally_->bytes_to_server += bytes.size();
  if (slots_.find(socket) != slot || talks_[slot].number != header.number) return;  // ended by it
  if (error != SocketError::none) {
    reply_missed(slot, error, now);
  } else if (!reply) {
    ++talks_[slot].said;
    go_on(slot, now);
  }
}

void DatagramConversations::on_datagram(SocketId socket, const net::Endpoint& from,
                                        std::span<const std::uint8_t> bytes, Instant now) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot == SocketMap::kNone || !(from == parameters().destination)) return;
  tally_->bytes_to_client += bytes.size();
  Talk& talk = talks_[slot];
  const auto header = RequestHeader::read(bytes);
  if (!header || !matches_pattern(bytes.subspan(kRequestHeaderBytes), kRequestHeaderBytes)) {
    count_damage();
    return;
  }
  if (!talk.waiting || header->number != talk.number) return;  // late, or a duplicate
  if (bytes.size() != within_a_datagram(exchange(talk).response_bytes)) {
    count_damage();
    return;
  }
  talk.waiting = false;
  count_response(talk.asked_at, now);
  ++talk.said;
  go_on(slot, now);
}

void DatagramConversations::on_closed(SocketId socket, SocketError error, Instant now) {
  const std::uint32_t slot = slots_.find(socket);
  if (slot == SocketMap::kNone) return;
  slots_.erase(socket);
  talks_[slot].socket = 0;
  if (talks_[slot].waiting) count_failure(error);
  end(slot,
      error == SocketError::connection_refused ? Difference::refused : Difference::unreachable,
      now);
}

void DatagramConversations::reply_missed(std::uint32_t slot, SocketError error, Instant now) {
  Talk& talk = talks_[slot];
  if (talk.waiting) count_failure(error);
  talk.waiting = false;
  talk.missed_reply = true;
  ++talk.said;
  go_on(slot, now);
}

void DatagramConversations::end(std::uint32_t slot, std::optional<Difference> difference,
                                Instant now) {
  if (difference) {
    ++tally_->ended_differently[static_cast<std::size_t>(*difference)];
  } else {
    ++tally_->as_captured;
  }
  const SocketId socket = talks_[slot].socket;
  talks_.release(slot);
  if (socket == 0) return;
  slots_.erase(socket);
  sockets().close(socket, now);
}

void DatagramConversations::wait(std::uint32_t slot, Duration time, Instant now) {
  const SlotRef ref = talks_.renew(slot);
  if (kNever - now > time) timers_.set(now + time, ref);
}

}  // namespace elblab::workload
