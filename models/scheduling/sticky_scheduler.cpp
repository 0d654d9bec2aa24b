#include "models/scheduling/sticky_scheduler.hpp"

#include <utility>

namespace elblab::scheduling {
namespace {

using StickyBinding = std::optional<StickinessTable::Binding>;

bool server_is_usable(const StickinessTable::Binding& binding, const Candidates& candidates) {
  return binding.server < candidates.size() && candidates[binding.server].usable();
}

bool holds(const StickyBinding& binding, const Candidates& candidates) {
  return binding && !binding->over && server_is_usable(*binding, candidates);
}

StickyScheduler::Outcome outcome_of(const StickyBinding& binding) {
  if (!binding) return StickyScheduler::Outcome::first;
  return binding->over ? StickyScheduler::Outcome::over : StickyScheduler::Outcome::server_out;
}

}  // namespace

StickyScheduler::Counts& StickyScheduler::Counts::operator+=(const Counts& other) {
  first += other.first;
  kept += other.kept;
  over += other.over;
  server_out += other.server_out;
  evicted += other.evicted;
  return *this;
}

StickyScheduler::StickyScheduler(std::unique_ptr<Scheduler> scheduler,
                                 std::shared_ptr<StickinessTable> table)
    : scheduler_(std::move(scheduler)), table_(std::move(table)) {}

std::optional<std::size_t> StickyScheduler::choose(const Candidates& candidates,
                                                   const Arrival& arrival) {
  const StickyBinding binding = table_->find(arrival.client, arrival.now);
  if (holds(binding, candidates)) {
    table_->use(arrival.client, arrival.now);
    ++counts_.kept;
    last_ = {Outcome::kept, binding->server, std::nullopt};
    return binding->server;
  }
  const std::optional<std::size_t> chosen = scheduler_->pick(candidates, arrival);
  if (!chosen) return std::nullopt;
  ++(!binding ? counts_.first : binding->over ? counts_.over : counts_.server_out);
  last_ = {outcome_of(binding), binding ? binding->server : std::uint16_t{0},
           table_->bind(arrival.client, static_cast<std::uint16_t>(*chosen), arrival.now)};
  if (last_.evicted) ++counts_.evicted;
  return chosen;
}

Decision StickyScheduler::explain(const Candidates& candidates, const Arrival& arrival) {
  const StickyBinding binding = table_->find(arrival.client, arrival.now);
  if (!holds(binding, candidates)) return scheduler_->explain(candidates, arrival);
  Decision decision;
  decision.candidates = weighed(candidates);
  decision.chosen = binding->server;
  decision.ground = Ground::stickiness;
  return decision;
}

void StickyScheduler::reset(std::size_t servers) {
  table_->clear();
  scheduler_->reset(servers);
}

}  // namespace elblab::scheduling
