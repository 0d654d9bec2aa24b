#include "models/forwarding/stickiness_tables.hpp"

#include "models/random/stream.hpp"

namespace elblab::forwarding {
namespace {

scheduling::StickinessTable::Timer timer_of(const config::Stickiness& wanted) {
  return wanted.timer == config::Stickiness::Timer::fixed
             ? scheduling::StickinessTable::Timer::fixed
             : scheduling::StickinessTable::Timer::sliding;
}

}  // namespace

void StickinessTables::configure(const config::LoadBalancer& balancer) {
  tables_.resize(balancer.groups.size());
  for (std::size_t group = 0; group < tables_.size(); ++group) {
    const auto& wanted = balancer.groups[group].stickiness;
    if (wanted && wanted->table == which_.value_or(wanted->table)) {
      configure(tables_[group], group, *wanted, config::effective_duration(balancer, *wanted));
    } else {
      tables_[group].reset();
    }
  }
}

void StickinessTables::configure(Table& table, std::size_t group, const config::Stickiness& wanted,
                                 Duration duration) const {
  if (!table || table->capacity() != wanted.capacity) {
    table = std::make_shared<scheduling::StickinessTable>(scheduling::StickinessTable::Settings{
        duration, timer_of(wanted), wanted.capacity, random::splitmix64(hash_seed_ + group)});
  }
  table->set_duration(duration);
  table->set_timer(timer_of(wanted));
}

const std::shared_ptr<scheduling::StickinessTable>& StickinessTables::of(std::size_t group) const {
  static const Table none;
  return group < tables_.size() ? tables_[group] : none;
}

}  // namespace elblab::forwarding
