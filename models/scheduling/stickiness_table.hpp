// Which server a client's address is bound to, for a time: sticky sessions of layer 4 (STK-03).
//
// A binding lasts `duration` from when it was made, or, with a sliding timer (OPEN-08), from when
// it was used last. One that is over stays until its room is needed, so that it can be told from
// none (STK-15). There are at most `capacity`: where there is no room, the one whose time ends
// first goes, which is one that is over if there is any. So a flood of addresses can push out
// clients that are there, never grow the table. 40 bytes per client and 11 to 14 for the index; all
// calls are O(1).
//
// The addresses are all that is known of clients: those behind one NAT are one, and one whose
// address changes is another (STK-06). Nodes of a balancer have a table each, or share one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/net/address.hpp"
#include "models/scheduling/age_queue.hpp"
#include "models/tables/handle_index.hpp"
#include "models/time/instant.hpp"

namespace elblab::scheduling {

class StickinessTable {
 public:
  enum class Timer : std::uint8_t { sliding, fixed };
  struct Settings {
    Duration duration = std::chrono::minutes(20);  // STK-10..13
    Timer timer = Timer::sliding;
    std::uint32_t capacity = 1u << 20;
    std::uint64_t hash_seed = 0;  // drawn for the run
  };
  struct Binding {
    std::uint16_t server = 0;
    bool over = false;  // its duration is exceeded
    Instant ends{};     // when it is, if it is not used before
  };
  // One that held and made room for another.
  struct Evicted {
    net::IpAddress client;
    std::uint16_t server = 0;
  };

  explicit StickinessTable(const Settings& settings);

  std::optional<Binding> find(const net::IpAddress& client, Instant now) const;
  // From now on, in the place of any other binding.
  std::optional<Evicted> bind(const net::IpAddress& client, std::uint16_t server, Instant now);
  // The client was sent by its binding, which is there.
  void use(const net::IpAddress& client, Instant now);
  // Of all bindings, those that are there included.
  void set_duration(Duration duration) { settings_.duration = duration; }
  void set_timer(Timer timer) { settings_.timer = timer; }
  void clear();

  std::size_t size() const { return queue_.size(); }
  std::uint32_t capacity() const { return settings_.capacity; }
  std::size_t memory_bytes() const {
    return entries_.capacity() * sizeof(Entry) + index_.memory_bytes();
  }

 private:
  using Handle = tables::HandleIndex::Handle;
  static constexpr Handle kNone = tables::HandleIndex::kNone;

  struct Entry {
    net::IpAddress client;
    Instant since;  // when its time began
    Handle newer = kNone;
    Handle older = kNone;
    std::uint32_t hash = 0;
    std::uint16_t server = 0;
  };

  std::uint32_t hash(const net::IpAddress& client) const;
  Handle find_entry(const net::IpAddress& client) const;
  Handle make_entry(const net::IpAddress& client);
  // Of the client whose place is taken next; nullopt while there is room, or its time is over.
  std::optional<Evicted> next_to_go(Instant now) const;
  void start_again(Handle handle, Instant now);

  Settings settings_;
  std::uint64_t seed_;
  std::vector<Entry> entries_;  // all of them in the queue
  tables::HandleIndex index_;
  AgeQueue<Entry> queue_;  // by when their time began
};

}  // namespace elblab::scheduling
