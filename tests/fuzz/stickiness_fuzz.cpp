// Any clients, servers that go and come, and changes of the settings, through a sticky scheduler:
// what its header promises, held against a list that is searched from end to end.
//
// Input: commands of four bytes. The first says what happens (its low bits), the others are its
// numbers: a client comes after a pause; a server goes or comes, or its weight changes; the
// duration or the timer changes.
#include <algorithm>
#include <chrono>
#include <list>
#include <memory>
#include <span>

#include "models/scheduling/sticky_scheduler.hpp"
#include "models/scheduling/weighted_least_connections.hpp"
#include "tests/fuzz/expect.hpp"

namespace {

using namespace elblab;  // NOLINT: a program of its own
using fuzz::expect;
using scheduling::StickinessTable;
using std::chrono::seconds;

constexpr std::size_t kServers = 4;
constexpr std::uint32_t kCapacity = 6;

class Naive {
 public:
  struct Binding {
    net::IpAddress client;
    std::size_t server;
    Instant since;
  };

  const Binding* find(const net::IpAddress& client) const {
    const auto at = std::find_if(bindings_.begin(), bindings_.end(),
                                 [&](const Binding& each) { return each.client == client; });
    return at == bindings_.end() ? nullptr : &*at;
  }
  bool is_over(const Binding& binding, Instant now) const {
    return now - binding.since >= duration;
  }
  void use(const net::IpAddress& client, Instant now) {
    if (!sliding) return;
    const Binding* binding = find(client);
    set(client, binding->server, now);
  }
  void set(const net::IpAddress& client, std::size_t server, Instant now) {
    bindings_.remove_if([&](const Binding& each) { return each.client == client; });
    if (bindings_.size() == kCapacity) bindings_.pop_front();  // the one whose time began first
    bindings_.push_back({client, server, now});
  }
  std::size_t size() const { return bindings_.size(); }

  Duration duration = seconds(60);
  bool sliding = true;

 private:
  std::list<Binding> bindings_;  // by when their time began
};

class StickyGroup {
 public:
  StickyGroup()
      : table_(std::make_shared<StickinessTable>(StickinessTable::Settings{
            naive_.duration, StickinessTable::Timer::sliding, kCapacity, 0})),
        scheduler_(std::make_unique<scheduling::WeightedLeastConnections>(), table_) {
    for (std::size_t server = 0; server < kServers; ++server) candidates_.add(server, 1);
    scheduler_.reset(kServers);
    memory_ = table_->memory_bytes();
  }

  void come(std::uint8_t client, std::uint8_t pause) {
    now_ += seconds(pause);
    const net::IpAddress address = net::IpAddress::v4(client % 16);
    const Naive::Binding* binding = naive_.find(address);
    const bool holds =
        binding != nullptr && !naive_.is_over(*binding, now_) && usable(binding->server);
    const scheduling::Decision foreseen = scheduler_.explain(candidates_, {address, {}, now_});
    const auto chosen = scheduler_.pick(candidates_, {address, {}, now_});
    expect(chosen == foreseen.chosen, "a decision is explained as it is made");
    expect(chosen.has_value() == any_usable(), "somebody is chosen where anybody is usable");
    if (!chosen) return;
    expect(usable(*chosen), "who is chosen is usable");
    if (holds) {
      expect(*chosen == binding->server, "a client that is bound goes where it is bound");
      naive_.use(address, now_);
    } else {
      naive_.set(address, *chosen, now_);
    }
    candidates_.flow_began(*chosen);
    const auto bound = table_->find(address, now_);
    expect(bound && bound->server == *chosen, "who was sent somewhere is bound there");
  }
  void change_server(std::uint8_t server, std::uint8_t weight) {
    const std::size_t which = server % kServers;
    if (weight < 128) {
      candidates_.set_weight(which, weight % 4);
    } else {
      candidates_.set(which, scheduling::Owner::health, weight % 2 == 0);
    }
  }
  void set_duration(std::uint8_t length) {
    naive_.duration = seconds(1 + length);
    table_->set_duration(naive_.duration);
  }
  void set_timer(std::uint8_t sliding) {
    naive_.sliding = sliding % 2 == 0;
    table_->set_timer(naive_.sliding ? StickinessTable::Timer::sliding
                                     : StickinessTable::Timer::fixed);
  }
  void check() const {
    expect(table_->size() == naive_.size(), "the table holds what it should");
    expect(table_->size() <= kCapacity, "the table keeps to its capacity");
    expect(table_->memory_bytes() <= memory_ + kCapacity * 128, "the table takes little more");
  }

 private:
  bool usable(std::size_t server) const { return candidates_[server].usable(); }
  bool any_usable() const {
    const auto states = candidates_.states();
    return std::any_of(states.begin(), states.end(), [](const auto& c) { return c.usable(); });
  }

  Naive naive_;
  scheduling::Candidates candidates_;
  std::shared_ptr<StickinessTable> table_;
  scheduling::StickyScheduler scheduler_;
  Instant now_ = kStart;
  std::size_t memory_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  StickyGroup group;
  for (std::span input(data, size); input.size() >= 4; input = input.subspan(4)) {
    switch (input[0] % 8) {
      case 0:
        group.change_server(input[1], input[2]);
        break;
      case 1:
        group.set_duration(input[1]);
        break;
      case 2:
        group.set_timer(input[1]);
        break;
      default:
        group.come(input[1], input[2]);
    }
    group.check();
  }
  return 0;
}
