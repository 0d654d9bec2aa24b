#include "pcap/conversations/script.hpp"

#include <algorithm>
#include <span>

#include "models/workload/request_header.hpp"

namespace elblab::pcap {
namespace {

using workload::ConversationEnd;
using workload::Exchange;
using workload::kRequestHeaderBytes;

class ScriptMaker {
 public:
  ScriptMaker(std::uint64_t largest_datagram, ScriptAdaptations& adaptations)
      : largest_datagram_(largest_datagram), adaptations_(adaptations) {}

  void add(const Conversation& c, std::span<const Turn> turns,
           workload::ConversationScript& script) {
    workload::Conversation played;
    played.begin = c.begin;
    played.client = c.client;
    played.first_exchange = static_cast<std::uint32_t>(script.exchanges.size());
    if (c.opening == Opening::midstream) ++adaptations_.begun_before;
    exchanges_.clear();
    for (std::size_t i = 0; i < turns.size(); ++i) {
      if (turns[i].from == Side::client) {
        exchanges_.push_back({turns[i].pause, Duration{0}, turns[i].bytes, 0});
      } else {
        take_server_turn(turns[i], i > 0 && turns[i - 1].from == Side::client, i == 0);
      }
    }
    if (script.udp) {
      fit_datagrams();
    } else {
      set_end(c, played);
    }
    pad_requests();
    played.exchanges = static_cast<std::uint32_t>(exchanges_.size());
    script.exchanges.insert(script.exchanges.end(), exchanges_.begin(), exchanges_.end());
    script.conversations.push_back(played);
  }

 private:
  void take_server_turn(const Turn& turn, bool asked, bool first) {
    if (!asked) {
      exchanges_.push_back({Duration{0}, turn.pause, kRequestHeaderBytes, turn.bytes});
      ++(first ? adaptations_.server_first : adaptations_.server_unasked);
      return;
    }
    exchanges_.back().service = turn.pause;
    exchanges_.back().response_bytes = turn.bytes;
  }

  void set_end(const Conversation& c, workload::Conversation& played) {
    switch (c.closing) {
      case Closing::client_fin:
        played.end =
            c.half_closed ? ConversationEnd::client_half_close : ConversationEnd::client_fin;
        played.close_after = c.close_pause;
        return;
      case Closing::client_reset:
        played.end = ConversationEnd::client_reset;
        played.close_after = c.close_pause;
        return;
      case Closing::server_fin:
        played.end = ConversationEnd::server_fin;
        played.close_after = c.follow_pause;
        let_server_close(c.close_pause);
        return;
      case Closing::server_reset:
        played.end = ConversationEnd::server_reset;
        let_server_close(c.close_pause);
        return;
      case Closing::none:
        played.end = ConversationEnd::left_open;
        return;
    }
  }

  void let_server_close(Duration pause) {
    if (!exchanges_.empty() && exchanges_.back().response_bytes == 0) {
      exchanges_.back().service = pause;
    } else if (exchanges_.empty() || pause > kClosesSoon) {
      exchanges_.push_back({Duration{0}, pause, kRequestHeaderBytes, 0});
      ++adaptations_.delayed_closes;
    }
  }

  void fit_datagrams() {
    for (Exchange& exchange : exchanges_) {
      cut(exchange.request_bytes);
      if (exchange.response_bytes > 0) {
        cut(exchange.response_bytes);
        pad(exchange.response_bytes);
      }
    }
  }
  void pad_requests() {
    for (Exchange& exchange : exchanges_) pad(exchange.request_bytes);
  }
  void cut(std::uint64_t& bytes) {
    if (bytes <= largest_datagram_) return;
    bytes = largest_datagram_;
    ++adaptations_.cut_datagrams;
  }
  void pad(std::uint64_t& bytes) {
    if (bytes >= kRequestHeaderBytes) return;
    ++adaptations_.padded_messages;
    adaptations_.padded_bytes += kRequestHeaderBytes - bytes;
    bytes = kRequestHeaderBytes;
  }

  std::uint64_t largest_datagram_;
  ScriptAdaptations& adaptations_;
  std::vector<Exchange> exchanges_;  // of the conversation at hand
};

}  // namespace

ScriptSet make_scripts(const Conversations& conversations, const TargetOf& target_of,
                       std::uint32_t targets, std::uint64_t largest_datagram) {
  ScriptSet set;
  set.scripts.resize(targets);
  ScriptMaker maker(largest_datagram, set.adaptations);
  const std::span turns(conversations.turns);
  for (const Conversation& c : conversations.list) {
    const std::uint32_t target = target_of(c);
    if (target >= targets) {
      ++set.without_target;
      continue;
    }
    workload::ConversationScript& script = set.scripts[target];
    script.udp = c.protocol == net::Protocol::udp;
    script.clients = static_cast<std::uint32_t>(conversations.clients.size());
    maker.add(c, turns.subspan(c.first_turn, c.turns), script);
  }
  return set;
}

}  // namespace elblab::pcap
