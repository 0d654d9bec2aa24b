#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <list>
#include <map>
#include <set>

#include "models/scheduling/connection_id_scheduler.hpp"
#include "models/scheduling/source_ip_hash.hpp"
#include "models/scheduling/sticky_scheduler.hpp"
#include "tests/net/quic_datagrams.hpp"
#include "tests/scheduling/groups.hpp"

namespace elblab::scheduling {
namespace {

using namespace quic;  // NOLINT: datagrams by hand

Bytes random_id(random::Stream& random, std::size_t bytes) {
  Bytes id(bytes);
  for (std::uint8_t& byte : id) byte = static_cast<std::uint8_t>(random.next());
  return id;
}

// What carries no known ID goes by the hash of the address.
struct QuicGroup {
  explicit QuicGroup(std::uint32_t ids)
      : table(std::make_shared<ConnectionIdTable>(8, ids, 0)),
        scheduler(std::make_unique<SourceIpHash>(config::SourceHash{}), table) {}
  std::shared_ptr<ConnectionIdTable> table;
  ConnectionIdScheduler scheduler;
};

// The table as its header describes it, with lists that are searched from end to end.
class NaiveIds {
 public:
  NaiveIds(std::size_t id_bytes, std::size_t capacity)
      : id_bytes_(id_bytes),
        most_on_trial_(std::max<std::size_t>(capacity / 8, 1)),
        most_used_(capacity - most_on_trial_) {}

  void learn(const Bytes& id, std::uint16_t server) {
    if (id.size() != id_bytes_ || find(trial_, id) || find(used_, id)) return;
    trial_.push_back({id, server});
    if (trial_.size() > most_on_trial_) trial_.pop_front();
  }
  std::optional<std::uint16_t> use(const Bytes& id) {
    for (auto* list : {&trial_, &used_}) {
      const auto at = std::find_if(list->begin(), list->end(),
                                   [&](const auto& entry) { return entry.first == id; });
      if (at == list->end()) continue;
      const std::uint16_t server = at->second;
      list->erase(at);
      used_.push_back({id, server});
      if (used_.size() > most_used_) used_.pop_front();
      return server;
    }
    return std::nullopt;
  }
  std::size_t size() const { return trial_.size() + used_.size(); }
  std::size_t on_trial() const { return trial_.size(); }

 private:
  using List = std::list<std::pair<Bytes, std::uint16_t>>;
  static bool find(const List& list, const Bytes& id) {
    return std::any_of(list.begin(), list.end(), [&](const auto& e) { return e.first == id; });
  }
  std::size_t id_bytes_;
  std::size_t most_on_trial_;
  std::size_t most_used_;
  List trial_;  // the oldest first
  List used_;
};

const net::IpAddress kElsewhere = net::IpAddress::v4(198, 51, 100, 200);

// A connection over the address: the client's Initial, the server's answer with its ID.
struct Handshake {
  std::size_t server = 0;
  Bytes server_id;
};
Handshake shake_hands(ConnectionIdScheduler& scheduler, const Candidates& candidates,
                      const net::IpAddress& client, random::Stream& random,
                      std::size_t id_bytes = 8) {
  const Bytes chosen_by_client = random_id(random, 8 + random.below(13));
  const Bytes own = random_id(random, random.below(21));
  const std::size_t server =
      *scheduler.pick(candidates, {client, long_datagram(kVersion1, chosen_by_client, own)});
  Handshake made{server, random_id(random, id_bytes)};
  scheduler.answered(server, long_datagram(kVersion1, own, made.server_id));
  return made;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(connection_id)

// IMB-16; by the address alone most of them would move, as many as servers are others.
BOOST_AUTO_TEST_CASE(keeps_a_client_whose_address_changes_on_its_server) {
  random::Stream random(1, "roaming");
  const Candidates candidates = equal_servers(4);
  QuicGroup group(4096);
  ConnectionIdScheduler& scheduler = group.scheduler;
  SourceIpHash by_address({});
  int would_move = 0;
  for (int i = 0; i < 400; ++i) {
    const Handshake made = shake_hands(scheduler, candidates, random_address(random), random);
    for (int move = 0; move < 3; ++move) {
      const Bytes datagram = short_datagram(made.server_id);
      const Arrival moved{random_address(random), datagram};
      BOOST_REQUIRE_EQUAL(*scheduler.pick(candidates, moved), made.server);
      if (*by_address.pick(candidates, moved) != made.server) ++would_move;
    }
  }
  BOOST_TEST(would_move > 800);
}

BOOST_AUTO_TEST_CASE(goes_by_the_address_until_the_server_has_answered) {
  random::Stream random(2, "first");
  const Candidates candidates = equal_servers(10);
  QuicGroup group(64);
  ConnectionIdScheduler& scheduler = group.scheduler;
  SourceIpHash by_address({});
  for (int i = 0; i < 300; ++i) {
    const net::IpAddress client = random_address(random);
    const Bytes datagrams[] = {long_datagram(kVersion1, random_id(random, 8), {}),
                               short_datagram(random_id(random, 8)), Bytes{}, Bytes{0x16, 0xFE},
                               long_datagram(0x0A0A0A0A, random_id(random, 30), Bytes{1})};
    for (const Bytes& datagram : datagrams) {
      BOOST_REQUIRE(scheduler.pick(candidates, {client, datagram}) ==
                    by_address.pick(candidates, {client, {}}));
    }
  }
  BOOST_TEST(group.table->size() == 0u);
}

BOOST_AUTO_TEST_CASE(finds_a_known_ID_in_long_headers_and_unknown_versions_too) {
  random::Stream random(3, "long");
  const Candidates candidates = equal_servers(4);
  QuicGroup group(64);
  ConnectionIdScheduler& scheduler = group.scheduler;
  const Handshake made = shake_hands(scheduler, candidates, kClient, random);
  for (const std::uint32_t version : {kVersion1, 0x6B3343CFu, 0xFACEB00Cu}) {
    const Bytes datagram = long_datagram(version, made.server_id, {});
    for (int i = 0; i < 20; ++i) {
      BOOST_REQUIRE_EQUAL(*scheduler.pick(candidates, {random_address(random), datagram}),
                          made.server);
    }
  }
}

// A negotiation repeats the client's IDs (RFC 9000 section 17.2.1): to learn from it would let
// clients choose.
BOOST_AUTO_TEST_CASE(learns_only_from_long_headers_of_servers_that_give_out_an_ID) {
  random::Stream random(4, "learn");
  QuicGroup group(64);
  ConnectionIdScheduler& scheduler = group.scheduler;
  const Bytes id = random_id(random, 8);
  scheduler.answered(1, long_datagram(0, Bytes{7}, id));
  scheduler.answered(1, short_datagram(id));
  scheduler.answered(1, long_datagram(kVersion1, id, {}));
  for (const std::size_t other : {7, 9, 20}) {
    scheduler.answered(1, long_datagram(kVersion1, {}, random_id(random, other)));
  }
  scheduler.answered(1, Bytes{});
  BOOST_TEST(group.table->size() == 0u);
  scheduler.answered(1, long_datagram(kVersion1, {}, id, 0xF0));  // a Retry gives one out as well
  BOOST_TEST(group.table->size() == 1u);
}

BOOST_AUTO_TEST_CASE(leaves_a_server_that_is_not_usable_and_returns_when_it_is) {
  random::Stream random(5, "out");
  Candidates candidates = equal_servers(4);
  QuicGroup group(64);
  ConnectionIdScheduler& scheduler = group.scheduler;
  const Handshake made = shake_hands(scheduler, candidates, kClient, random);
  const Bytes datagram = short_datagram(made.server_id);
  candidates.set(made.server, Owner::health, false);
  const auto other = scheduler.pick(candidates, {kElsewhere, datagram});
  BOOST_TEST((other && *other != made.server));
  BOOST_TEST(*scheduler.holder(datagram) == made.server);
  candidates.set(made.server, Owner::health, true);
  BOOST_TEST(*scheduler.pick(candidates, {kElsewhere, datagram}) == made.server);
  scheduler.reset(4);
  BOOST_TEST(!scheduler.holder(datagram).has_value());
}

// STK-22: stickiness is for what carries no known ID; a known one says more of a datagram than its
// client's address.
BOOST_AUTO_TEST_CASE(asks_the_ID_before_stickiness) {
  random::Stream random(6, "sticky");
  const Candidates candidates = equal_servers(4);
  auto bindings = std::make_shared<StickinessTable>(
      StickinessTable::Settings{std::chrono::minutes(20), StickinessTable::Timer::sliding, 16, 0});
  ConnectionIdScheduler scheduler(
      std::make_unique<StickyScheduler>(std::make_unique<SourceIpHash>(config::SourceHash{}),
                                        bindings),
      std::make_shared<ConnectionIdTable>(8, 64, 0));
  const Handshake made = shake_hands(scheduler, candidates, kClient, random);
  BOOST_TEST(!scheduler.went_by_id());
  const auto other = static_cast<std::uint16_t>((made.server + 1) % 4);
  bindings->bind(kElsewhere, other, kStart);
  const Bytes datagram = short_datagram(made.server_id);
  BOOST_TEST(*scheduler.pick(candidates, {kElsewhere, datagram}) == made.server);
  BOOST_TEST(scheduler.went_by_id());
  BOOST_TEST(*scheduler.pick(candidates, {kElsewhere, short_datagram(random_id(random, 8))}) ==
             other);
  BOOST_TEST(!scheduler.went_by_id());
  BOOST_TEST(bindings->find(kElsewhere, kStart)->server == other);
}

// A server that sends back what it gets would give out any ID that a client wants.
BOOST_AUTO_TEST_CASE(does_not_give_an_ID_away_that_belongs_to_another_server) {
  random::Stream random(7, "taken");
  ConnectionIdTable table(8, 64, 1);
  const Bytes id = random_id(random, 8);
  table.learn(id, 1);
  table.learn(id, 2);
  BOOST_TEST(*table.use(id) == 1u);
  table.learn(id, 2);
  BOOST_TEST(*table.use(id) == 1u);
}

BOOST_AUTO_TEST_CASE(remembers_what_a_naive_table_remembers) {
  random::Stream random(8, "naive");
  for (const std::size_t id_bytes : {1, 4, 8, 20}) {
    for (const std::uint32_t capacity : {2, 3, 16, 100}) {
      ConnectionIdTable table(id_bytes, capacity, random.next());
      NaiveIds naive(id_bytes, capacity);
      std::vector<Bytes> ids;
      for (int i = 0; i < 150; ++i) ids.push_back(random_id(random, id_bytes));
      ids.push_back(random_id(random, id_bytes + 1));
      for (int step = 0; step < 3000; ++step) {
        const Bytes& id = ids[random.below(ids.size())];
        const auto server = static_cast<std::uint16_t>(random.below(5));
        if (random.chance(0.5)) {
          table.learn(id, server);
          naive.learn(id, server);
        } else {
          const auto holder = table.holder(id);
          const auto used = table.use(id);
          BOOST_REQUIRE(holder == used);
          BOOST_REQUIRE(used == naive.use(id));
        }
        BOOST_REQUIRE_EQUAL(table.size(), naive.size());
        BOOST_REQUIRE_EQUAL(table.on_trial(), naive.on_trial());
      }
    }
  }
}

// Random, malformed, repeated: memory stays what it was, and connections in use stay where they
// are.
// As its header says: an entry with room to grow, and its part of the index.
constexpr std::size_t kMostBytesPerId = 72 + 14;

BOOST_AUTO_TEST_CASE(keeps_its_memory_and_its_users_under_a_flood_of_handshakes) {
  random::Stream random(9, "flood");
  const Candidates candidates = equal_servers(4);
  QuicGroup group(256);
  ConnectionIdScheduler& scheduler = group.scheduler;
  std::vector<Handshake> users;
  for (int i = 0; i < 20; ++i) {
    users.push_back(shake_hands(scheduler, candidates, random_address(random), random));
    scheduler.pick(candidates, {kClient, short_datagram(users.back().server_id)});
  }
  for (int i = 0; i < 20000; ++i) {
    if (random.chance(0.5)) {  // whose answers never reach who asked
      shake_hands(scheduler, candidates, random_address(random), random);
    } else {
      Bytes bytes = random_id(random, random.below(60));
      if (!bytes.empty() && random.chance(0.7)) bytes[0] |= 0x80;
      scheduler.pick(candidates, {random_address(random), bytes});
      if (random.chance(0.3)) scheduler.answered(random.below(4), bytes);
    }
    BOOST_REQUIRE_LE(group.table->size(), group.table->capacity());
    BOOST_REQUIRE_LE(group.table->on_trial(), 256u / 8);
  }
  BOOST_TEST(group.table->memory_bytes() <= group.table->capacity() * kMostBytesPerId);
  for (const Handshake& user : users) {
    BOOST_TEST(*scheduler.pick(candidates, {kElsewhere, short_datagram(user.server_id)}) ==
               user.server);
  }
}

// A file may ask for room for all of 16,777,216 and see forty.
BOOST_AUTO_TEST_CASE(takes_memory_for_the_IDs_that_came_not_for_its_capacity) {
  ConnectionIdTable table(8, 1U << 24, 0);
  BOOST_TEST(table.capacity() == 1U << 24);
  BOOST_TEST(table.memory_bytes() < 1024u);
  random::Stream random(3, "ids");
  for (int i = 0; i < 10000; ++i) {
    const Bytes id = random_id(random, 8);
    table.learn(id, 1);
    table.use(id);
  }
  BOOST_TEST(table.size() == 10000u);
  BOOST_TEST(table.memory_bytes() <= table.size() * kMostBytesPerId);
}

// Even clients that end their handshakes, all from one hand, push out only who was silent longest.
BOOST_AUTO_TEST_CASE(forgets_who_was_silent_longest_first) {
  random::Stream random(10, "silent");
  const Candidates candidates = equal_servers(4);
  QuicGroup group(128);
  ConnectionIdScheduler& scheduler = group.scheduler;
  const Handshake busy = shake_hands(scheduler, candidates, kClient, random);
  const Handshake silent = shake_hands(scheduler, candidates, kClient, random);
  scheduler.pick(candidates, {kClient, short_datagram(silent.server_id)});
  for (int i = 0; i < 1000; ++i) {
    const Handshake made = shake_hands(scheduler, candidates, random_address(random), random);
    scheduler.pick(candidates, {kClient, short_datagram(made.server_id)});
    scheduler.pick(candidates, {kClient, short_datagram(busy.server_id)});
  }
  BOOST_TEST(*scheduler.holder(short_datagram(busy.server_id)) == busy.server);
  BOOST_TEST(!scheduler.holder(short_datagram(silent.server_id)).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::scheduling
