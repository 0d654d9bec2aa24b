// What each client address had from each server, counted from the balancer's sessions while they
// are written: the cells of a heat map without a look at every connection.
//
// Belongs to the writer thread. Memory: up to kMostPairs pairs, about 100 bytes each; clients that
// come after that are counted together as client 0, "others".
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analysis/trace/batch_insert.hpp"
#include "analysis/trace/database.hpp"
#include "analysis/trace/numbering.hpp"
#include "models/telemetry/recorder.hpp"

namespace elblab::trace {

class TrafficCounts {
 public:
  static constexpr std::size_t kMostPairs = 1'000'000;

  explicit TrafficCounts(const Database& database, std::size_t most_pairs = kMostPairs);

  bool ok() const { return rows_.ok(); }
  // A record of role session; `client` is the number of the client's address, from 1.
  void add(const telemetry::ConnectionRecord& session, std::int64_t client);
  // Writes the table, pairs in the order of their first session, "others" last. False: failed.
  bool finish();

 private:
  struct Traffic {
    std::int64_t client = 0;
    telemetry::ObjectId server = 0;
    std::uint64_t connections = 0;
    std::uint64_t failed = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_received = 0;
  };
  Traffic& of(std::int64_t client, telemetry::ObjectId server);
  Traffic& of_others(telemetry::ObjectId server);

  std::size_t most_pairs_;
  Numbering numbers_;
  std::vector<Traffic> pairs_;   // of number - 1
  std::vector<Traffic> others_;  // by server: as many as a configuration has
  BatchInsert rows_;
};

}  // namespace elblab::trace
