#include "models/scheduling/candidates.hpp"

#include "models/random/stream.hpp"

namespace elblab::scheduling {

// FNV-1a, its bits spread by splitmix64.
ServerKey server_key(std::string_view name) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char letter : name) {
    hash ^= static_cast<unsigned char>(letter);
    hash *= 0x100000001B3ULL;
  }
  return random::splitmix64(hash);
}

void Candidates::add(ServerKey key, std::uint8_t weight) {
  states_.push_back({weight, 0, 0});
  keys_.push_back(key);
  ++version_;
}

void Candidates::set(std::size_t server, Owner owner, bool in) {
  Candidate& candidate = states_[server];
  const bool before = candidate.usable();
  const auto bit = static_cast<std::uint8_t>(1u << static_cast<unsigned>(owner));
  candidate.kept_out_by =
      static_cast<std::uint8_t>(in ? candidate.kept_out_by & ~bit : candidate.kept_out_by | bit);
  if (candidate.usable() != before) ++version_;
}

void Candidates::set_weight(std::size_t server, std::uint8_t weight) {
  Candidate& candidate = states_[server];
  const bool before = candidate.usable();
  candidate.weight = weight;
  if (candidate.usable() != before) ++version_;
}

}  // namespace elblab::scheduling
