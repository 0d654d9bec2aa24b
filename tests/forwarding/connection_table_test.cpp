// The table of bindings against a plain list of them, in each of the ways in which answers are
// found.
#include "models/forwarding/connection_table.hpp"

#include <boost/test/unit_test.hpp>
#include <list>
#include <optional>

#include "models/random/stream.hpp"
#include "tests/contract/stops_the_program.hpp"
#include "tests/forwarding/scene.hpp"

namespace elblab::forwarding {
namespace {

enum class Mode : std::uint8_t { full_nat, kept_few_ports, kept_many_ports };

constexpr std::uint16_t kFirstPort = 8000;
constexpr std::size_t kServers = 3;

std::uint16_t ports_of(Mode mode) { return mode == Mode::kept_many_ports ? 40 : 12; }

// One listener on several ports, three servers.
config::LoadBalancer balancer_of(Mode mode) {
  config::LoadBalancer balancer = full_nat_balancer();
  balancer.groups.resize(1);
  balancer.groups[0].servers.clear();
  for (std::size_t i = 0; i < kServers; ++i) {
    balancer.groups[0].servers.push_back(
        {"b" + std::to_string(i), net::IpAddress::v4(10, 0, 2, static_cast<std::uint8_t>(i + 1)),
         90, 1, false});
  }
  balancer.listeners.resize(1);
  balancer.listeners[0].port = {kFirstPort,
                                static_cast<std::uint16_t>(kFirstPort + ports_of(mode) - 1)};
  balancer.listeners[0].group = balancer.groups[0].name;
  balancer.listeners[0].transfer_client_ip = mode != Mode::full_nat;
  return balancer;
}

// A table with what it stands on.
struct Parts {
  explicit Parts(Mode mode)
      : balancer(balancer_of(mode)),
        listeners(balancer),
        servers(balancer, {}, {}),
        sources({ip("100.125.0.1"), ip("100.125.0.2")}, {1024, 65535}, listeners, servers),
        book{ip(kVirtual), {}, &servers, &sources},
        table(book, 5, 1u << 20, listeners) {}

  config::LoadBalancer balancer;
  ListenerTable listeners;
  ServerDirectory servers;
  SourcePools sources;
  AddressBook book;
  ConnectionTable table;
};

class BesideList {
 public:
  explicit BesideList(Mode mode) : mode_(mode), parts_(mode) {}

  void step() {
    const net::FlowKey flow = any_flow();
    const auto known = find(flow);
    if (known && random_.chance(shrinking_ ? 0.9 : 0.2)) {
      close(*known);
    } else if (!known) {
      open(flow);
    }
    if (random_.chance(0.001)) shrinking_ = !shrinking_;
    check(any_flow());
    if (model_.empty()) return;
    check(model_.front().flow);
    check(model_.back().flow);
  }

  void check_all() {
    for (const Binding& binding : model_) check(binding.flow);
    BOOST_REQUIRE_EQUAL(parts_.table.size(), model_.size());
    std::size_t visited = 0;
    parts_.table.for_each([&](ConnectionId) { ++visited; });
    BOOST_REQUIRE_EQUAL(visited, model_.size());
  }
  std::size_t shadowed() const { return shadowed_; }

 private:
  struct Binding {
    net::FlowKey flow;
    std::uint16_t server = 0;
    std::optional<SourcePort> port;  // fullNAT
    std::uint16_t remapped = 0;      // the client's address kept, its port not
    bool same_port = false;          // at the server
  };
  using At = std::list<Binding>::iterator;

  // Few clients and few of their ports, so that flows and return paths are often equal.
  net::FlowKey any_flow() {
    return {{net::IpAddress::v4(0xCB007100u + static_cast<std::uint32_t>(random_.below(20))),
             static_cast<std::uint16_t>(1000 + random_.below(20))},
            {ip(kVirtual), static_cast<std::uint16_t>(kFirstPort + random_.below(ports_of(mode_)))},
            net::Protocol::tcp};
  }
  std::uint32_t pool_of(const Binding& binding) {
    return binding.same_port
               ? parts_.sources.pool_towards(answer_of(binding).source, binding.flow.protocol)
               : parts_.sources.pool_of(binding.server, binding.flow.protocol);
  }
  std::optional<At> find(const net::FlowKey& flow) {
    for (At at = model_.begin(); at != model_.end(); ++at) {
      if (at->flow == flow) return at;
    }
    return std::nullopt;
  }
  net::FlowKey answer_of(const Binding& binding) const {
    net::Endpoint to = binding.port ? parts_.sources.endpoint(*binding.port) : binding.flow.source;
    if (binding.remapped != 0) to.port = binding.remapped;
    net::Endpoint from = parts_.servers[binding.server].endpoint;
    if (binding.same_port) from.port = binding.flow.destination.port;
    return {from, to, binding.flow.protocol};
  }
  // Of those that an answer is for; nullptr: there is none.
  const Binding* newest(const net::FlowKey& answer) const {
    const Binding* found = nullptr;
    for (const Binding& binding : model_) {
      if (answer_of(binding) == answer) found = &binding;
    }
    return found;
  }

  void open(const net::FlowKey& flow) {
    Binding binding{flow, static_cast<std::uint16_t>(random_.below(kServers)), {}};
    binding.same_port = random_.chance(0.2);
    const std::uint32_t hash = parts_.table.hash(flow);
    if (mode_ == Mode::full_nat) {
      binding.port = parts_.sources.take(pool_of(binding), hash);
    } else if (random_.chance(0.2)) {  // a port that others have as their own
      binding.remapped = static_cast<std::uint16_t>(1000 + random_.below(20));
    }
    Connection connection{};
    connection.client_address = flow.source.address.bytes();
    connection.client_port = flow.source.port;
    connection.virtual_port = flow.destination.port;
    connection.server = binding.server;
    connection.full_nat = mode_ == Mode::full_nat;
    connection.source_port = binding.port ? binding.port->packed : binding.remapped;
    connection.same_port = binding.same_port;
    const Binding* const before = newest(answer_of(binding));
    const auto opened = parts_.table.open(connection, hash, kStart);
    BOOST_REQUIRE(parts_.table.client_flow(parts_.table[opened.id]) == flow);
    BOOST_REQUIRE_EQUAL(opened.shadowed != kNoConnection, before != nullptr);
    if (before != nullptr) {
      ++shadowed_;
      const ConnectionId older = parts_.table.find_by_number(opened.shadowed);
      BOOST_REQUIRE(parts_.table.client_flow(parts_.table[older]) == before->flow);
    }
    model_.push_back(binding);
  }

  void close(At at) {
    const ConnectionId id = parts_.table.find_by_client(at->flow);
    BOOST_REQUIRE_NE(id, kNoConnection);
    parts_.table.close(id);
    if (at->port) parts_.sources.give_back(pool_of(*at), *at->port);
    gone_ = *at;
    model_.erase(at);
    BOOST_REQUIRE_EQUAL(parts_.table.find_by_client(gone_.flow), kNoConnection);
    check_answer(gone_);
  }

  void check(const net::FlowKey& flow) {
    const auto known = find(flow);
    const ConnectionId id = parts_.table.find_by_client(flow);
    BOOST_REQUIRE_EQUAL(id != kNoConnection, known.has_value());
    if (!known) return;
    BOOST_REQUIRE(parts_.table.client_flow(parts_.table[id]) == flow);
    check_answer(**known);
    check_answer(gone_);
  }
  void check_answer(const Binding& binding) {
    const net::FlowKey answer = answer_of(binding);
    const Binding* const wanted = newest(answer);
    const ConnectionId id = parts_.table.find_by_answer(answer);
    BOOST_REQUIRE_EQUAL(id != kNoConnection, wanted != nullptr);
    if (wanted == nullptr) return;
    BOOST_REQUIRE(parts_.table.client_flow(parts_.table[id]) == wanted->flow);
  }

  Mode mode_;
  Parts parts_;
  random::Stream random_{3, "bindings"};
  std::list<Binding> model_;  // oldest first
  Binding gone_;
  std::size_t shadowed_ = 0;
  bool shrinking_ = false;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(connection_table)

BOOST_AUTO_TEST_CASE(finds_what_a_list_of_bindings_finds) {
  for (const Mode mode : {Mode::full_nat, Mode::kept_few_ports, Mode::kept_many_ports}) {
    BesideList both(mode);
    for (int i = 0; i < 6000; ++i) both.step();
    both.check_all();
    BOOST_TEST((both.shadowed() > 100) == (mode != Mode::full_nat));
  }
}

BOOST_AUTO_TEST_CASE(preconditions_stop_the_program) {
  Parts parts(Mode::kept_few_ports);
  const net::FlowKey flow{at("203.0.113.7", 1000), at(kVirtual, kFirstPort), net::Protocol::tcp};
  Connection connection{};
  connection.client_address = flow.source.address.bytes();
  connection.client_port = flow.source.port;
  connection.virtual_port = flow.destination.port;
  const std::uint32_t hash = parts.table.hash(flow);
  BOOST_TEST(contract::violates([&] { parts.table.open(connection, hash + 1, kStart); },
                                "the hash is that of the client's flow"));
  const ConnectionId id = parts.table.open(connection, hash, kStart).id;
  BOOST_TEST(contract::violates([&] { parts.table.open(connection, hash, kStart); },
                                "a client's flow has one binding"));
  const ConnectionNumber number = parts.table[id].number;
  parts.table.close(id);
  BOOST_TEST(contract::violates([&] { parts.table.close(id); }, "a binding to close is open"));
  BOOST_TEST(contract::violates([&] { parts.table.find_by_number(number); },
                                "a binding that is asked for by its number lives"));
  ConnectionTable none(parts.book, 1, 0, parts.listeners);
  BOOST_TEST(contract::violates([&] { none.open(connection, none.hash(flow), kStart); },
                                "a table that takes a binding is not full"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::forwarding
