#include "models/scheduling/stickiness_table.hpp"

#include "models/contract/require.hpp"
#include "models/random/stream.hpp"

namespace elblab::scheduling {

StickinessTable::StickinessTable(const Settings& settings)
    : settings_(settings), seed_(random::splitmix64(settings.hash_seed)) {
  ELBLAB_REQUIRE(settings.capacity > 0, "there is room for a client");
}

std::optional<StickinessTable::Binding> StickinessTable::find(const net::IpAddress& client,
                                                              Instant now) const {
  const Handle handle = find_entry(client);
  if (handle == kNone) return std::nullopt;
  const Entry& entry = entries_[handle];
  return Binding{entry.server, now - entry.since >= settings_.duration,
                 entry.since + settings_.duration};
}

std::optional<StickinessTable::Evicted> StickinessTable::bind(const net::IpAddress& client,
                                                              std::uint16_t server, Instant now) {
  std::optional<Evicted> evicted;
  Handle handle = find_entry(client);
  if (handle == kNone) {
    evicted = next_to_go(now);
    handle = make_entry(client);
  }
  entries_[handle].server = server;
  start_again(handle, now);
  return evicted;
}

std::optional<StickinessTable::Evicted> StickinessTable::next_to_go(Instant now) const {
  if (entries_.size() < settings_.capacity) return std::nullopt;
  const Entry& oldest = entries_[queue_.oldest()];
  if (now - oldest.since >= settings_.duration) return std::nullopt;
  return Evicted{oldest.client, oldest.server};
}

void StickinessTable::use(const net::IpAddress& client, Instant now) {
  if (settings_.timer == Timer::fixed) return;
  const Handle handle = find_entry(client);
  ELBLAB_REQUIRE(handle != kNone, "a binding to use is there");
  start_again(handle, now);
}

void StickinessTable::clear() {
  entries_.clear();
  index_ = tables::HandleIndex();
  queue_ = AgeQueue<Entry>();
}

std::uint32_t StickinessTable::hash(const net::IpAddress& client) const {
  const std::uint64_t half = random::splitmix64(seed_ ^ client.high());
  return static_cast<std::uint32_t>(random::splitmix64(half ^ client.low()) >> 32);
}

StickinessTable::Handle StickinessTable::find_entry(const net::IpAddress& client) const {
  return index_.find(hash(client), [&](Handle at) { return entries_[at].client == client; });
}

// In the queue, as every entry.
StickinessTable::Handle StickinessTable::make_entry(const net::IpAddress& client) {
  Handle handle = static_cast<Handle>(entries_.size());
  if (entries_.size() < settings_.capacity) {
    entries_.emplace_back();
    queue_.push(entries_, handle);
  } else {
    handle = queue_.oldest();
    index_.erase(entries_[handle].hash, handle);
  }
  Entry& entry = entries_[handle];
  entry.client = client;
  entry.hash = hash(client);
  index_.insert(entry.hash, handle);
  return handle;
}

void StickinessTable::start_again(Handle handle, Instant now) {
  entries_[handle].since = now;
  queue_.remove(entries_, handle);
  queue_.push(entries_, handle);
}

}  // namespace elblab::scheduling
