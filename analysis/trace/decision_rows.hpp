// The tables `decisions` and `decision_candidates`: why servers were chosen for the connections
// whose packets were kept, and what was weighed. Belongs to the writer thread.
#pragma once

#include <cstdint>

#include "analysis/trace/address_rows.hpp"
#include "analysis/trace/batch_insert.hpp"
#include "analysis/trace/database.hpp"
#include "models/telemetry/decision.hpp"

namespace elblab::trace {

class DecisionRows {
 public:
  // `addresses` must outlive this object.
  DecisionRows(const Database& database, AddressRows& addresses);

  bool ok() const { return decisions_.ok() && candidates_.ok(); }
  // False: writing failed. connection: the id of its row in packet_connections.
  bool write(const telemetry::DecisionRecord& decision, std::int64_t connection);
  bool flush() { return decisions_.flush() && candidates_.flush(); }

 private:
  AddressRows& addresses_;
  BatchInsert decisions_;
  BatchInsert candidates_;
  std::int64_t written_ = 0;
};

}  // namespace elblab::trace
