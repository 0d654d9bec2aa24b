// Made groups of candidates for the tests of schedulers.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "models/net/address.hpp"
#include "models/random/stream.hpp"
#include "models/scheduling/candidates.hpp"

namespace elblab::scheduling {

inline const net::IpAddress kClient = net::IpAddress::v4(203, 0, 113, 1);

inline std::string server_name(std::size_t number) { return "b" + std::to_string(number + 1); }

// Servers b1, b2, … with these weights.
inline Candidates with_weights(const std::vector<int>& weights) {
  Candidates candidates;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    candidates.add(server_key(server_name(i)), static_cast<std::uint8_t>(weights[i]));
  }
  return candidates;
}

inline Candidates equal_servers(std::size_t count) {
  return with_weights(std::vector<int>(count, 1));
}

inline std::vector<int> random_weights(random::Stream& random, std::size_t servers, int from) {
  std::vector<int> weights(servers);
  for (int& weight : weights) {
    weight = from + static_cast<int>(random.below(static_cast<std::uint64_t>(101 - from)));
  }
  return weights;
}

// Somebody takes a server out or lets it in, or changes a weight.
inline void change_something(Candidates& candidates, random::Stream& random) {
  const std::size_t server = random.below(candidates.size());
  if (random.chance(0.3)) {
    candidates.set_weight(server,
                          static_cast<std::uint8_t>(random.chance(0.2) ? 0 : random.below(101)));
  } else {
    candidates.set(server, random.chance(0.5) ? Owner::health : Owner::operator_hand,
                   random.chance(0.6));
  }
}

inline net::IpAddress random_address(random::Stream& random) {
  if (random.chance(0.5)) return net::IpAddress::v4(static_cast<std::uint32_t>(random.next()));
  std::array<std::uint8_t, 16> bytes{};
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(random.next());
  return net::IpAddress::from_v6_bytes(bytes.data());
}

}  // namespace elblab::scheduling
