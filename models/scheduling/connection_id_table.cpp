#include "models/scheduling/connection_id_table.hpp"

#include <algorithm>
#include <cstring>

#include "models/contract/require.hpp"
#include "models/random/stream.hpp"

namespace elblab::scheduling {
namespace {

constexpr std::uint32_t kTrialShare = 8;  // of the capacity

}  // namespace

ConnectionIdTable::ConnectionIdTable(std::size_t id_bytes, std::uint32_t capacity,
                                     std::uint64_t hash_seed)
    : id_bytes_(id_bytes),
      seed_(random::splitmix64(hash_seed)),
      capacity_(capacity),
      most_on_trial_(std::max(capacity / kTrialShare, std::uint32_t{1})) {
  ELBLAB_REQUIRE(id_bytes >= 1 && id_bytes <= kLongestId, "IDs have 1 to 20 bytes");
  ELBLAB_REQUIRE(capacity >= 2, "there is room for IDs on trial and for used ones");
}

void ConnectionIdTable::learn(std::span<const std::uint8_t> id, std::uint16_t server) {
  if (id.size() != id_bytes_ || find(id) != kNone) return;
  if (trial_.size() == most_on_trial_) forget_oldest(trial_);
  add(id, server);
}

std::optional<std::uint16_t> ConnectionIdTable::use(std::span<const std::uint8_t> id) {
  const Handle handle = find(id);
  if (handle == kNone) return std::nullopt;
  Entry& entry = entries_[handle];
  (entry.used ? used_ : trial_).remove(entries_, handle);
  entry.used = true;
  if (used_.size() == capacity_ - most_on_trial_) forget_oldest(used_);
  used_.push(entries_, handle);
  return entry.server;
}

std::optional<std::uint16_t> ConnectionIdTable::holder(std::span<const std::uint8_t> id) const {
  const Handle handle = find(id);
  if (handle == kNone) return std::nullopt;
  return entries_[handle].server;
}

void ConnectionIdTable::clear() {
  while (trial_.size() > 0) forget_oldest(trial_);
  while (used_.size() > 0) forget_oldest(used_);
}

ConnectionIdTable::Handle ConnectionIdTable::find(std::span<const std::uint8_t> id) const {
  if (id.size() != id_bytes_) return kNone;
  return index_.find(hash(id), [&](Handle handle) {
    return std::memcmp(entries_[handle].id.data(), id.data(), id_bytes_) == 0;
  });
}

std::uint32_t ConnectionIdTable::hash(std::span<const std::uint8_t> id) const {
  std::array<std::uint64_t, 3> words{};
  std::memcpy(words.data(), id.data(), id.size());
  std::uint64_t mixed = seed_;
  for (const std::uint64_t word : words) mixed = random::splitmix64(mixed ^ word);
  return static_cast<std::uint32_t>(mixed >> 32);
}

void ConnectionIdTable::add(std::span<const std::uint8_t> id, std::uint16_t server) {
  const Handle handle = take_entry();
  Entry& entry = entries_[handle];
  std::memcpy(entry.id.data(), id.data(), id.size());
  entry.hash = hash(id);
  entry.server = server;
  entry.used = false;
  index_.insert(entry.hash, handle);
  trial_.push(entries_, handle);
}

ConnectionIdTable::Handle ConnectionIdTable::take_entry() {
  if (free_ != kNone) {
    const Handle handle = free_;
    free_ = entries_[handle].newer;
    return handle;
  }
  ELBLAB_REQUIRE(entries_.size() < capacity_, "the oldest makes room for what is new");
  entries_.emplace_back();
  return static_cast<Handle>(entries_.size() - 1);
}

void ConnectionIdTable::forget_oldest(Queue& queue) {
  const Handle handle = queue.oldest();
  queue.remove(entries_, handle);
  index_.erase(entries_[handle].hash, handle);
  entries_[handle].newer = free_;
  free_ = handle;
}

}  // namespace elblab::scheduling
