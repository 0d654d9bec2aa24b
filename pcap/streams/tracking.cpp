#include "pcap/streams/tracking.hpp"

#include <algorithm>
#include <limits>

#include "models/net/bytes.hpp"
#include "models/net/packet_view.hpp"

namespace elblab::streams {
namespace {

namespace flag = net::tcp_flag;
using pcap::PacketHeaders;

void count(std::uint16_t& counter) {
  if (counter < std::numeric_limits<std::uint16_t>::max()) ++counter;
}

// FNV-1a over what was captured of the first bytes, and the length; never 0.
std::uint32_t hash_of_payload(const PacketHeaders& h) {
  constexpr std::size_t kMost = 256;
  std::uint32_t hash = 2166136261U;
  for (const std::uint8_t byte : h.captured.first(std::min(kMost, h.captured.size()))) {
    hash = (hash ^ byte) * 16777619U;
  }
  hash = (hash ^ h.payload) * 16777619U;
  return hash == 0 ? 1 : hash;
}

void take_syn(Connection& c, Side from, const PacketHeaders& h, Duration at) {
  const bool answer = h.has(flag::ack);
  if (!answer && from == Side::client) {
    if (c.syn_at == kNotSeen) c.syn_at = at;
    c.last_syn_at = at;
    c.first_sequence.client = h.sequence;
    c.client_hop_limit = h.hop_limit;
    count(c.syns);
    return;
  }
  if (!answer || from != Side::server) return;
  if (c.syn_ack_at == kNotSeen) {
    c.syn_ack_at = at;
    c.first_sequence.server = h.sequence;
    c.server_hop_limit = h.hop_limit;
    c.sides.client.accept_syn(h.acknowledgment);
  } else if (h.sequence != c.first_sequence.server) {
    c.second_server = true;
  } else if (c.established_at != kNotSeen) {
    count(c.syn_acks_in_vain);
  }
  count(c.syn_acks);
}

void take_reset(Connection& c, Side from, const PacketHeaders& h, Duration at) {
  if (c.reset) return;
  const bool opening = c.syn_at != kNotSeen && c.established_at == kNotSeen;
  if (opening && c.syn_ack_at == kNotSeen) {
    // The client's is about an answer that does not fit, and it tries again.
    if (from == Side::server) c.refused = true;
    return;
  }
  c.reset = true;
  c.reset_from = from;
  c.reset_at = at;
  c.reset_hop_limit = h.hop_limit;
  c.silence_before_reset = std::max(at - c.last, Duration{0});
  const bool over = c.closed_at != kNotSeen && (c.closed_from == Side::client || !c.owed);
  c.reset_owed = c.owed && !over;
}

// Of segments that are neither SYN nor RST.
void take_acknowledgment(Connection& c, Side from, const PacketHeaders& h, Duration at) {
  if (!h.has(flag::ack)) return;
  if (!c.acknowledges[from]) c.first_acknowledged[from] = h.acknowledgment;
  c.acknowledges[from] = true;
  c.last_acknowledged[from] = h.acknowledgment;
  const bool opening = c.syn_at != kNotSeen && c.established_at == kNotSeen;
  if (!opening) return;
  if (from == Side::client) {
    const bool fits = c.syn_ack_at == kNotSeen || c.second_server ||
                      h.acknowledgment - c.first_sequence.server - 1 < 0x80000000U;
    if (fits) c.established_at = at;
    return;
  }
  const std::uint32_t beyond = h.acknowledgment - c.first_sequence.client - 1;
  const bool fits = beyond <= c.counts(Side::client).bytes + (std::uint32_t{1} << 16U);
  if (c.syn_ack_at == kNotSeen && !fits) count(c.foreign_acks);
}

void note_first_payload(Connection& c, Side from, const PacketHeaders& h, Duration at) {
  if (c.first_payload[from] != 0) return;
  c.first_payload[from] = hash_of_payload(h);
  c.first_payload_at[from] = at;
}

void take_question(Connection& c, Duration at) {
  if (!c.owed) {
    ++c.questions;
    c.silence_before_question = std::max(at - c.last, Duration{0});
  }
  c.owed = true;
  c.asked_at = at;
}

void take_answer(Connection& c, Duration at) {
  if (!c.owed) return;
  c.owed = false;
  ++c.answers;
  const Duration took = std::max(at - c.asked_at, Duration{0});
  c.answer_time_sum += took;
  c.longest_answer_time = std::max(c.longest_answer_time, took);
}

void take_payload(Connection& c, Side from, const PacketHeaders& h, Duration at) {
  note_first_payload(c, from, h, at);
  if (from == Side::client) {
    take_question(c, at);
  } else {
    take_answer(c, at);
  }
}

void note_times(Connection& c, Side from, Duration at) {
  c.last = std::max(c.last, at);
  c.last_packet[from] = std::max(c.last_packet[from], at);
}

std::uint16_t begins_with(const PacketHeaders& h) {
  return h.captured.size() < 2 ? std::uint16_t{0} : net::load16(h.captured.data());
}

void open_question(Connection& c, std::uint16_t identifier) {
  if (c.open_count == c.open_questions.size()) {
    ++c.pushed_out;
    std::move(c.open_questions.begin() + 1, c.open_questions.end(), c.open_questions.begin());
    --c.open_count;
  }
  c.open_questions[c.open_count++] = identifier;
}

bool close_question(Connection& c, std::uint16_t identifier) {
  const auto end = c.open_questions.begin() + c.open_count;
  const auto found = std::find(c.open_questions.begin(), end, identifier);
  if (found == end) return false;
  std::move(found + 1, end, found);
  --c.open_count;
  return true;
}

void ask(Connection& c, const PacketHeaders& h, Duration at) {
  const std::uint32_t hash = hash_of_payload(h);
  note_first_payload(c, Side::client, h, at);
  if (c.since_answer > 0 && hash == c.last_question) {
    ++c.asked_again;
  } else {
    ++c.questions;
    ++c.since_answer;
    open_question(c, begins_with(h));
  }
  c.last_question = hash;
  c.owed = true;
  c.asked_at = at;
}

void answer(Connection& c, const PacketHeaders& h, Duration at) {
  note_first_payload(c, Side::server, h, at);
  if (!close_question(c, begins_with(h))) ++c.unmatched;
  c.since_answer = 0;
  if (!c.owed) return;
  if (c.asked_again > 0) ++c.late_answers;
  take_answer(c, at);
}

}  // namespace

void track_segment(Connection& c, Side from, const PacketHeaders& h, Duration at) {
  const SegmentKind kind = c.sides[from].take(h, at, c.sides[pcap::other(from)], c.round_trip());
  if (kind == SegmentKind::captured_twice) return;
  if (h.has(flag::rst)) {
    take_reset(c, from, h, at);
    return note_times(c, from, at);
  }
  if (h.has(flag::syn)) {
    take_syn(c, from, h, at);
    return note_times(c, from, at);
  }
  take_acknowledgment(c, from, h, at);
  if (h.payload > 0 && (kind == SegmentKind::fresh || kind == SegmentKind::out_of_order)) {
    take_payload(c, from, h, at);
  }
  if (h.has(flag::fin) && c.closed_at == kNotSeen) {
    c.closed_at = at;
    c.closed_from = from;
  }
  note_times(c, from, at);
}

void track_datagram(Connection& c, Side from, const PacketHeaders& h, Duration at) {
  if (c.sides[from].take_datagram(h, at) == SegmentKind::captured_twice) return;
  if (from == Side::client) {
    ask(c, h, at);
  } else {
    answer(c, h, at);
  }
  note_times(c, from, at);
}

}  // namespace elblab::streams
