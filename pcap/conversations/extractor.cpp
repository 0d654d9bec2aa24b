#include "pcap/conversations/extractor.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "models/net/endpoint_map.hpp"
#include "models/net/packet_view.hpp"
#include "models/tables/handle_index.hpp"
#include "pcap/conversations/datagram_tracking.hpp"
#include "pcap/conversations/duplicates.hpp"
#include "pcap/conversations/flow_record.hpp"
#include "pcap/conversations/tcp_tracking.hpp"
#include "pcap/conversations/trace_clock.hpp"
#include "pcap/link_layer.hpp"
#include "pcap/tunnels.hpp"

namespace elblab::pcap {
namespace {

namespace flag = net::tcp_flag;

// Flows looked at with each packet whether they have ended: a flow is met again after as many
// packets as a quarter of the flows under way.
constexpr std::uint32_t kLookedAtPerPacket = 4;
// Where there is no room for a new flow, so many are searched for an unanswered one to give up.
constexpr std::uint32_t kSearchedForRoom = 256;
constexpr std::size_t kBatch = 256;
constexpr std::uint32_t kNoFlow = tables::HandleIndex::kNone;

}  // namespace

// Numbers endpoints, or addresses as endpoints of port 0, in the order of their appearance.
template <typename Value>
class Numbering {
 public:
  explicit Numbering(std::vector<Value>& values) : values_(values) {}
  std::uint32_t number(const net::Endpoint& endpoint, const Value& value) {
    if (const std::uint32_t* const known = map_.find(endpoint)) return *known;
    const auto number = static_cast<std::uint32_t>(values_.size());
    values_.push_back(value);
    map_.insert(endpoint, number);
    return number;
  }
  bool knows(const net::Endpoint& endpoint) const { return map_.contains(endpoint); }

 private:
  std::vector<Value>& values_;
  net::EndpointMap map_;
};

class Extractor::Impl {
 public:
  void add(const Record& record) {
    ++counts().records;
    const Duration at = clock_.take(record.at_ns);
    if (at > kLongestCapture) {  // a damaged time stamp
      ++counts().unreadable;
      return;
    }
    result_.length = std::max(result_.length, at);
    const Frame frame = open_frame(record.link_type, record.bytes);
    if (frame.content != FrameContent::ip) {
      ++counts().not_ip;
      return;
    }
    PacketHeaders headers;
    switch (read_headers(innermost_packet(frame.packet), headers)) {
      case HeaderProblem::none:
        break;
      case HeaderProblem::not_tcp_or_udp:
        ++counts().not_tcp_or_udp;
        return;
      case HeaderProblem::fragment:
        ++counts().fragments;
        return;
      case HeaderProblem::cut:
      case HeaderProblem::damaged:
        ++counts().unreadable;
        return;
    }
    take(headers, at);
    look_for_ended();
  }

  Conversations finish() {
    for (std::uint32_t slot = 0; slot < flows_.size(); ++slot) {
      if (used_[slot]) retire(slot);
    }
    counts().set_back = clock_.set_back();
    counts().gaps = clock_.gaps();
    decide_roles();
    sort_by_begin();
    remove_repeated();
    number_anew();
    return std::move(result_);
  }

 private:
  ExtractionCounts& counts() { return result_.counts; }

  void take(const PacketHeaders& headers, Duration at) {
    now_ = std::max(now_, at);
    const bool tcp = headers.flow.protocol == net::Protocol::tcp;
    ++(tcp ? counts().tcp_packets : counts().udp_packets);
    const auto hash = static_cast<std::uint32_t>(net::hash_either_way(headers.flow, 0) >> 32);
    std::uint32_t slot = index_.find(hash, [&](std::uint32_t s) { return is_of(s, headers.flow); });
    if (slot != kNoFlow && begins_anew(flows_[slot], headers, at)) {
      retire(slot);
      slot = kNoFlow;
    }
    if (slot == kNoFlow) {
      if (!room_for_one()) {
        ++counts().not_kept;
        return;
      }
      slot = open(headers, hash, at);
    }
    Flow& flow = flows_[slot];
    const Side from = headers.flow.source == flow.client ? Side::client : Side::server;
    if (tcp) {
      track_tcp(flow, from, headers, at, pool_, counts());
    } else {
      track_datagram(flow, from, headers, at, pool_, counts());
    }
  }

  bool is_of(std::uint32_t slot, const net::FlowKey& key) const {
    const Flow& flow = flows_[slot];
    if (flow.protocol != key.protocol) return false;
    return (flow.client == key.source && flow.server == key.destination) ||
           (flow.server == key.source && flow.client == key.destination);
  }

  static bool begins_anew(const Flow& flow, const PacketHeaders& headers, Duration at) {
    if (flow.protocol == net::Protocol::udp) return at - flow.last > kDatagramSilence;
    const bool syn = (headers.flags & (flag::syn | flag::ack)) == flag::syn;
    if (!syn) return false;
    const Side from = headers.flow.source == flow.client ? Side::client : Side::server;
    return !flow.streams[from].known || flow.mark[from] != headers.sequence;
  }

  std::uint32_t open(const PacketHeaders& headers, std::uint32_t hash, Duration at) {
    if (free_.empty()) {
      flows_.emplace_back();
      used_.push_back(false);
      free_.push_back(static_cast<std::uint32_t>(flows_.size() - 1));
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    used_[slot] = true;
    Flow& flow = flows_[slot] = Flow{};
    flow.hash = hash;
    flow.begin = flow.last = at;
    set_roles(flow, headers);
    index_.insert(hash, slot);
    return slot;
  }

  // As the first packet shows them.
  static void set_roles(Flow& flow, const PacketHeaders& headers) {
    const net::FlowKey& key = headers.flow;
    flow.protocol = key.protocol;
    bool from_client = true;
    if (key.protocol == net::Protocol::udp) {
      constexpr std::uint16_t kFirstUserPort = 1024;  // RFC 6335
      from_client = key.source.port >= kFirstUserPort || key.destination.port < kFirstUserPort;
    } else if ((headers.flags & flag::syn) != 0) {
      from_client = (headers.flags & flag::ack) == 0;
    } else {
      flow.opening = Opening::midstream;
      flow.oriented = false;
    }
    flow.client = from_client ? key.source : key.destination;
    flow.server = from_client ? key.destination : key.source;
  }

  bool room_for_one() {
    if (!free_.empty() || flows_.size() < kMostFlows) return true;
    for (std::uint32_t i = 0; i < kSearchedForRoom; ++i) {
      const std::uint32_t slot = next_looked_at();
      if (used_[slot] && kind_of(flows_[slot]) != FlowKind::conversation) {
        retire(slot);
        return true;
      }
    }
    return false;
  }

  std::uint32_t next_looked_at() {
    hand_ = hand_ + 1 < flows_.size() ? hand_ + 1 : 0;
    return hand_;
  }

  void look_for_ended() {
    for (std::uint32_t i = 0; i < kLookedAtPerPacket && !flows_.empty(); ++i) {
      const std::uint32_t slot = next_looked_at();
      if (used_[slot] && has_ended(flows_[slot])) retire(slot);
    }
  }

  bool has_ended(const Flow& flow) const {
    const Duration silence = now_ - flow.last;
    if (flow.protocol == net::Protocol::udp) return silence > kDatagramSilence;
    if (flow.over()) return silence > kAfterTheEnd;
    return silence > kHandshakeSilence && kind_of(flow) != FlowKind::conversation;
  }

  void retire(std::uint32_t slot) {
    Flow& flow = flows_[slot];
    index_.erase(flow.hash, slot);
    count(flow);
    pool_.drop(flow.turns);
    used_[slot] = false;
    free_.push_back(slot);
  }

  void count(Flow& flow) {
    switch (kind_of(flow)) {
      case FlowKind::unanswered:
        ++counts().unanswered;
        return;
      case FlowKind::refused:
        ++counts().refused;
        return;
      case FlowKind::half_open:
        ++counts().half_open;
        return;
      case FlowKind::stray:
        ++counts().stray;
        return;
      case FlowKind::conversation:
        break;
    }
    if (result_.list.size() >= kMostConversations ||
        result_.turns.size() + flow.turns.count > kMostTurnsInAll) {
      ++counts().not_kept;
      return;
    }
    const bool one_sided = flow.packets.client == 0 || flow.packets.server == 0;
    if (one_sided && flow.protocol == net::Protocol::tcp) ++counts().one_sided;
    if (!flow.oriented) undecided_.push_back(static_cast<std::uint32_t>(result_.list.size()));
    Conversation c = record_of(flow, pool_, result_.turns);
    c.client = clients_.number({flow.client.address, 0}, flow.client.address);
    c.server = servers_.number(flow.server, flow.server);
    if (flow.oriented && flow.protocol == net::Protocol::tcp) known_servers_.insert(flow.server, 1);
    result_.list.push_back(c);
  }

  void decide_roles() {
    for (const std::uint32_t i : undecided_) {
      Conversation& c = result_.list[i];
      const net::Endpoint client{result_.clients[c.client], c.client_port};
      const net::Endpoint server = result_.servers[c.server];
      const bool client_serves = known_servers_.contains(client);
      const bool server_serves = known_servers_.contains(server);
      const bool turned =
          client_serves != server_serves ? client_serves : client.port < server.port;
      if (!turned) continue;
      turn_round(c, result_.turns);
      c.client = clients_.number({server.address, 0}, server.address);
      c.client_port = server.port;
      c.server = servers_.number(client, client);
    }
  }

  void sort_by_begin() {
    std::stable_sort(
        result_.list.begin(), result_.list.end(),
        [](const Conversation& a, const Conversation& b) { return a.begin < b.begin; });
  }

  void remove_repeated() {
    const std::vector<bool> repeated = find_repeated(result_);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < repeated.size(); ++i) {
      if (repeated[i]) {
        ++counts().seen_twice;
      } else {
        result_.list[kept++] = result_.list[i];
      }
    }
    result_.list.resize(kept);
  }

  // Addresses and endpoints in the order of their first conversation; those that are left without
  // one go.
  void number_anew() {
    std::vector<net::IpAddress> clients;
    std::vector<net::Endpoint> servers;
    Numbering<net::IpAddress> client_numbers(clients);
    Numbering<net::Endpoint> server_numbers(servers);
    for (Conversation& c : result_.list) {
      const net::IpAddress client = result_.clients[c.client];
      const net::Endpoint server = result_.servers[c.server];
      c.client = client_numbers.number({client, 0}, client);
      c.server = server_numbers.number(server, server);
    }
    result_.clients = std::move(clients);
    result_.servers = std::move(servers);
  }

  Conversations result_;
  TraceClock clock_;
  Duration now_{0};
  std::vector<Flow> flows_;
  std::vector<bool> used_;
  std::vector<std::uint32_t> free_;
  tables::HandleIndex index_;
  TurnPool pool_;
  std::uint32_t hand_ = 0;
  Numbering<net::IpAddress> clients_{result_.clients};
  Numbering<net::Endpoint> servers_{result_.servers};
  net::EndpointMap known_servers_;
  std::vector<std::uint32_t> undecided_;  // conversations whose roles nobody showed
};

Extractor::Extractor() : impl_(std::make_unique<Impl>()) {}
Extractor::~Extractor() = default;
Extractor::Extractor(Extractor&&) noexcept = default;
void Extractor::add(const Record& record) { impl_->add(record); }
Conversations Extractor::finish() { return impl_->finish(); }

Conversations extract(Reader& reader) {
  Extractor extractor;
  std::array<Record, kBatch> batch;
  while (const std::size_t count = reader.next_batch(batch)) {
    for (std::size_t i = 0; i < count; ++i) extractor.add(batch[i]);
  }
  return extractor.finish();
}

}  // namespace elblab::pcap
