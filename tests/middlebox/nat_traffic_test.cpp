// Random traffic in both directions, held against a naive model of a NAT box: a list of sessions,
// searched from end to end, that is told which port was chosen and says whether it might have been.
#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <list>

#include "models/net/icmp.hpp"
#include "tests/middlebox/nat_scene.hpp"

namespace elblab::middlebox {

using std::chrono::milliseconds;

namespace {

constexpr int kPackets = 20'000;

struct Flow {
  net::FlowKey key;  // of an echo with the identifier as the asker's port
  std::uint8_t flags = 0;
};

struct NaiveSession {
  net::Endpoint inside, remote, outer;
  net::Protocol protocol = net::Protocol::tcp;
  bool syn_in = false, syn_out = false, established = false;
  bool fin_in = false, fin_out = false, reset = false;
  bool released = false;  // over, and its quarantine too: what still passes does not take it back
  Instant last;

  bool over() const { return reset || (fin_in && fin_out); }
};

NaiveSession fresh(const net::Endpoint& inside, const net::Endpoint& remote,
                   const net::Endpoint& outer, net::Protocol protocol) {
  NaiveSession session;
  session.inside = inside;
  session.remote = remote;
  session.outer = outer;
  session.protocol = protocol;
  return session;
}

class NaiveNat {
 public:
  explicit NaiveNat(const config::Nat& nat) : nat_(nat) {}

  void forget(Instant now) {
    sessions_.remove_if([&](const NaiveSession& s) { return s.last + life(s) <= now; });
    for (NaiveSession& s : sessions_) s.released |= s.over() && s.last + *nat_.quarantine <= now;
  }
  NaiveSession* from_inside(const net::FlowKey& flow) {
    return find([&](const NaiveSession& s) {
      return s.protocol == flow.protocol && s.inside == flow.source && s.remote == flow.destination;
    });
  }
  NaiveSession* from_outside(const net::FlowKey& flow) {
    return find([&](const NaiveSession& s) {
      return s.protocol == flow.protocol && s.outer == flow.destination && s.remote == flow.source;
    });
  }
  // The outer endpoint that a new session of this inside endpoint must have, if it has one.
  const NaiveSession* mapping_of(const net::FlowKey& flow) {
    return find([&](const NaiveSession& s) {
      return s.protocol == flow.protocol && s.inside == flow.source &&
             (!per_destination() || s.remote == flow.destination);
    });
  }
  const NaiveSession* holder_of(net::Protocol protocol, const net::Endpoint& outer,
                                const net::Endpoint& remote) {
    return find([&](const NaiveSession& s) {
      return s.protocol == protocol && s.outer == outer &&
             (!per_destination() || s.remote == remote) && holds(s);
    });
  }
  std::size_t ports_held(const net::FlowKey& flow, const net::IpAddress& outer) {
    std::size_t held = 0;
    for (std::uint32_t port = nat_.ports.first; port <= nat_.ports.last; ++port) {
      const net::Endpoint at{outer, static_cast<std::uint16_t>(port)};
      held += holder_of(flow.protocol, at, flow.destination) != nullptr ? 1 : 0;
    }
    return held;
  }
  NaiveSession& begin(const NaiveSession& session) {
    // Whoever lingers on the port makes way.
    sessions_.remove_if([&](const NaiveSession& s) {
      return s.protocol == session.protocol && s.outer == session.outer &&
             s.inside != session.inside && (!per_destination() || s.remote == session.remote);
    });
    sessions_.push_back(session);
    return sessions_.back();
  }
  void pass(NaiveSession& s, bool inside, std::uint8_t flags, Instant now) const {
    s.last = now;
    if (s.protocol != net::Protocol::tcp) return;
    if (s.over()) {
      if ((flags & (flag::syn | flag::fin | flag::rst)) != flag::syn) return;
      s = fresh(s.inside, s.remote, s.outer, s.protocol);
      s.last = now;
    }
    if ((flags & flag::rst) != 0) {
      s.reset = true;
    } else {
      if ((flags & net::tcp_flag::fin) != 0) (inside ? s.fin_in : s.fin_out) = true;
      if ((flags & flag::syn) != 0) {
        (inside ? s.syn_in : s.syn_out) = true;
      } else if ((flags & flag::ack) != 0 && s.syn_in && s.syn_out) {
        s.established = true;
      }
    }
    s.released |= s.over() && nat_.quarantine->count() == 0;
  }
  static bool holds(const NaiveSession& s) { return !s.released; }
  bool per_destination() const { return nat_.mapping == config::NatMapping::per_destination; }
  std::size_t size() const { return sessions_.size(); }

 private:
  template <typename Matches>
  NaiveSession* find(Matches&& matches) {
    const auto at = std::find_if(sessions_.begin(), sessions_.end(), matches);
    return at == sessions_.end() ? nullptr : &*at;
  }
  Duration life(const NaiveSession& s) const {
    if (s.protocol == net::Protocol::udp) return nat_.timeouts.udp;
    if (s.protocol == net::Protocol::icmp) return nat_.timeouts.icmp;
    if (s.over()) return std::max(*nat_.quarantine, nat_.timeouts.tcp_transitory);
    const bool whole = s.established && !s.fin_in && !s.fin_out;
    return whole ? nat_.timeouts.tcp_established : nat_.timeouts.tcp_transitory;
  }

  config::Nat nat_;
  std::list<NaiveSession> sessions_;
};

// A packet of a flow, or of an echo, with some payload.
Bytes packet_of(random::Stream& random, const Flow& flow, bool asks) {
  const auto& [from, to, protocol] = flow.key;
  const std::size_t payload = random.below(60);
  if (protocol == net::Protocol::tcp) return tcp(from, to, {flow.flags, 1, 1, payload});
  if (protocol == net::Protocol::udp) return udp(from, to, payload);
  const std::uint32_t rest = std::uint32_t{asks ? from.port : to.port} << 16 | 1;
  return icmp(from.address, to.address, asks ? 8 : 0, 0, rest, Bytes(payload, 3));
}

net::FlowKey flow_of(const Parsed& packet) {
  net::FlowKey flow = packet.flow;
  if (const auto echo = net::echo_of(packet.view)) {
    (echo->request ? flow.source : flow.destination).port = echo->identifier;
  }
  return flow;
}

class Traffic {
 public:
  Traffic(const config::Nat& nat, std::uint64_t seed)
      : nat_(nat), scene_(nat, seed), naive_(nat), random_(seed, "traffic") {}

  void run() {
    for (int i = 0; i < kPackets; ++i) {
      pass_time();
      if (random_.chance(0.6)) {
        send_out();
      } else {
        send_in();
      }
      BOOST_REQUIRE_EQUAL(scene_.nat.gauges().sessions, naive_.size());
      BOOST_REQUIRE(scene_.nat.counts().conserved);
    }
    scene_.nat.finish(now_);
    const TranslationCounters& counted = scene_.nat.translation_counters();
    BOOST_TEST(counted.sessions_opened == counted.sessions_closed);
    BOOST_TEST(counted.sessions_closed == scene_.notebook.connections.size());
    BOOST_TEST(scene_.nat.gauges().sessions == 0u);
    BOOST_TEST(scene_.nat.gauges().mappings == 0u);
    BOOST_TEST(scene_.nat.gauges().ports_in_use == 0u);
    // The traffic was worth the while.
    BOOST_TEST(scene_.nat.counters().refused() > 50u);
    BOOST_TEST(answered_ > 500);
    BOOST_TEST(counted.sessions_opened > 500u);
  }

 private:
  void pass_time() {
    if (random_.chance(0.5)) return;
    const std::uint64_t most = random_.chance(0.02) ? 400'000 : 2'000;
    now_ += milliseconds(random_.below(most));
    scene_.run_to(now_);
    naive_.forget(now_);
  }
  std::uint8_t any_flags() {
    const std::uint8_t flags[] = {flag::syn, flag::syn, flag::syn_ack, flag::ack, kFin, flag::rst};
    return flags[random_.below(std::size(flags))];
  }
  net::Protocol any_protocol() {
    const net::Protocol protocols[] = {net::Protocol::tcp, net::Protocol::tcp, net::Protocol::udp,
                                       net::Protocol::icmp};
    return protocols[random_.below(std::size(protocols))];
  }
  net::Endpoint any_remote(net::Protocol protocol) {
    const auto address =
        net::IpAddress::v4(0xCB007150 + static_cast<std::uint32_t>(random_.below(3)));
    const auto port = static_cast<std::uint16_t>(80 + random_.below(2));
    return {address, protocol == net::Protocol::icmp ? std::uint16_t{0} : port};
  }

  void send_out() {
    const net::Protocol protocol = any_protocol();
    const net::Endpoint host{
        net::IpAddress::v4(0x0A010001 + static_cast<std::uint32_t>(random_.below(6))),
        static_cast<std::uint16_t>(1024 + random_.below(5))};
    const Flow flow{{host, any_remote(protocol), protocol}, any_flags()};
    const Bytes packet = packet_of(random_, flow, true);
    const Bytes out = scene_.pass(packet, now_);
    NaiveSession* session = naive_.from_inside(flow.key);
    if (session == nullptr) {
      session = check_opening(flow, out);
      if (session == nullptr) {
        BOOST_REQUIRE(out.empty());
        return;
      }
    }
    naive_.pass(*session, true, flow.flags, now_);
    check(packet, out, {session->outer, session->remote, protocol});
  }

  // What comes of the first packet of a flow; nullptr: nothing.
  NaiveSession* check_opening(const Flow& flow, const Bytes& out) {
    if (flow.key.protocol == net::Protocol::tcp && flow.flags != flag::syn) return nullptr;
    const NaiveSession* mapping = naive_.mapping_of(flow.key);
    const net::IpAddress& outer_address =
        nat_.addresses[flow.key.source.address.v4_value() % nat_.addresses.size()];
    if (mapping == nullptr && out.empty()) {
      BOOST_REQUIRE_EQUAL(naive_.ports_held(flow.key, outer_address), nat_.ports.size());
      return nullptr;
    }
    BOOST_REQUIRE(!out.empty());
    const net::Endpoint outer = flow_of(Parsed(out)).source;
    if (mapping != nullptr) {
      BOOST_REQUIRE(outer == mapping->outer);
    } else {
      BOOST_REQUIRE(outer.address == outer_address);
      BOOST_REQUIRE(nat_.ports.contains(outer.port));
      BOOST_REQUIRE(naive_.holder_of(flow.key.protocol, outer, flow.key.destination) == nullptr);
      check_order(flow, outer);
    }
    outer_seen_.push_back({outer, flow.key.destination, flow.key.protocol});
    return &naive_.begin(fresh(flow.key.source, flow.key.destination, outer, flow.key.protocol));
  }

  void check_order(const Flow& flow, const net::Endpoint& outer) {
    if (nat_.order != config::PortOrder::preserve) return;
    const net::Endpoint wanted{outer.address, flow.key.source.port};
    const bool free = nat_.ports.contains(wanted.port) &&
                      naive_.holder_of(flow.key.protocol, wanted, flow.key.destination) == nullptr;
    if (free) BOOST_REQUIRE_EQUAL(outer.port, wanted.port);
  }

  void send_in() {
    Flow flow{{}, any_flags()};
    if (!outer_seen_.empty() && random_.chance(0.9)) {  // an answer, perhaps long after
      const std::size_t latest = std::min<std::size_t>(outer_seen_.size(), 40);
      flow.key = outer_seen_[outer_seen_.size() - 1 - random_.below(latest)].reversed();
    } else {
      const net::Protocol protocol = any_protocol();
      flow.key = {any_remote(protocol),
                  {nat_.addresses[random_.below(nat_.addresses.size())],
                   static_cast<std::uint16_t>(nat_.ports.first + random_.below(nat_.ports.size()))},
                  protocol};
    }
    if (flow.key.protocol != net::Protocol::icmp && random_.chance(0.1)) flow.key.source.port = 7;
    const Bytes packet = packet_of(random_, flow, false);
    const Bytes out = scene_.pass(packet, now_);
    NaiveSession* session = naive_.from_outside(flow.key);
    if (session == nullptr) session = check_asked(flow);
    if (session == nullptr) {
      BOOST_REQUIRE(out.empty());
      return;
    }
    naive_.pass(*session, false, flow.flags, now_);
    check(packet, out, {session->remote, session->inside, session->protocol});
    ++answered_;
  }

  // Of a flow that begins outside: the session that it must have; nullptr: none.
  NaiveSession* check_asked(const Flow& flow) {
    if (naive_.per_destination() || flow.key.protocol == net::Protocol::icmp) return nullptr;
    if (flow.key.protocol == net::Protocol::tcp && flow.flags != flag::syn) return nullptr;
    const NaiveSession* holder = naive_.holder_of(flow.key.protocol, flow.key.destination, {});
    if (holder == nullptr) return nullptr;
    return &naive_.begin(fresh(holder->inside, flow.key.source, holder->outer, flow.key.protocol));
  }

  void check(const Bytes& sent, const Bytes& out, const net::FlowKey& expected) {
    BOOST_REQUIRE(!out.empty());
    const Parsed before(sent);
    const Parsed after(out);
    BOOST_REQUIRE(after.sound);  // checksums recomputed in full
    BOOST_REQUIRE(flow_of(after) == expected);
    BOOST_REQUIRE_EQUAL(after.view.time_to_live() + 1, before.view.time_to_live());
    BOOST_REQUIRE_EQUAL(after.bytes.size(), before.bytes.size());
    BOOST_REQUIRE(std::ranges::equal(after.view.payload(), before.view.payload()));
  }

  config::Nat nat_;
  NatScene scene_;
  NaiveNat naive_;
  random::Stream random_;
  Instant now_ = kStart;
  std::vector<net::FlowKey> outer_seen_;
  int answered_ = 0;
};

}  // namespace

BOOST_AUTO_TEST_CASE(random_traffic_is_translated_one_to_one_and_answers_find_back) {
  using config::NatMapping;
  using config::PortOrder;
  std::uint64_t seed = 0;
  for (const NatMapping mapping : {NatMapping::endpoint_independent, NatMapping::per_destination}) {
    for (const PortOrder order : {PortOrder::sequential, PortOrder::random, PortOrder::preserve}) {
      for (const Duration quarantine :
           {Duration(0), Duration(std::chrono::seconds(20)), Duration(std::chrono::minutes(4))}) {
        config::Nat nat = small_nat();
        nat.addresses = {ip("198.51.100.1"), ip("198.51.100.2")};
        nat.ports = {1024, mapping == NatMapping::per_destination ? std::uint16_t{1029}
                                                                  : std::uint16_t{1031}};
        nat.order = order;
        nat.mapping = mapping;
        nat.quarantine = quarantine;
        BOOST_TEST_CONTEXT(config::to_string(mapping) << ", " << config::to_string(order) << ", "
                                                      << to_seconds(quarantine) << " s") {
          Traffic(nat, ++seed).run();
        }
      }
    }
  }
}

}  // namespace elblab::middlebox
