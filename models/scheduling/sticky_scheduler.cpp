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

}  // namespace

StickyScheduler::StickyScheduler(std::unique_ptr<Scheduler> scheduler,
                                 std::shared_ptr<StickinessTable> table)
    : scheduler_(std::move(scheduler)), table_(std::move(table)) {}

std::optional<std::size_t> StickyScheduler::choose(const Candidates& candidates,
                                                   const Arrival& arrival) {
  const StickyBinding binding = table_->find(arrival.client, arrival.now);
  if (holds(binding, candidates)) {
    table_->use(arrival.client, arrival.now);
    ++counts_.kept;
    return binding->server;
  }
  const std::optional<std::size_t> chosen = scheduler_->pick(candidates, arrival);
  if (!chosen) return std::nullopt;
  ++(!binding ? counts_.first : binding->over ? counts_.over : counts_.server_out);
  table_->bind(arrival.client, static_cast<std::uint16_t>(*chosen), arrival.now);
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
