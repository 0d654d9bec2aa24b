#include "models/forwarding/connection_id_tables.hpp"

#include "models/random/stream.hpp"

namespace elblab::forwarding {

void ConnectionIdTables::configure(const config::LoadBalancer& balancer) {
  tables_.resize(balancer.groups.size());
  for (std::size_t group = 0; group < tables_.size(); ++group) {
    Table& table = tables_[group];
    const config::BackendGroup& of = balancer.groups[group];
    const config::ConnectionIds wanted = of.connection_ids.value_or(config::ConnectionIds{});
    const bool is_here = of.algorithm == config::Algorithm::connection_id && wanted.length > 0 &&
                         wanted.table == which_.value_or(wanted.table);
    if (!is_here) {
      table.reset();
    } else if (!table || table->id_bytes() != wanted.length ||
               table->capacity() != wanted.capacity) {
      table = std::make_shared<scheduling::ConnectionIdTable>(
          wanted.length, wanted.capacity, random::splitmix64(hash_seed_ + group));
    }
  }
}

const std::shared_ptr<scheduling::ConnectionIdTable>& ConnectionIdTables::of(
    std::size_t group) const {
  static const Table none;
  return group < tables_.size() ? tables_[group] : none;
}

}  // namespace elblab::forwarding
