#include "models/scheduling/connection_id_scheduler.hpp"

#include "models/scheduling/quic_header.hpp"

namespace elblab::scheduling {
namespace {

bool may_be_chosen(const Candidates& candidates, std::optional<std::size_t> server) {
  return server && *server < candidates.size() && candidates[*server].usable();
}

}  // namespace

ConnectionIdScheduler::ConnectionIdScheduler(const Settings& settings)
    : by_address_(settings.source_hash) {
  if (settings.id_bytes == 0) return;
  table_.emplace(settings.id_bytes, settings.capacity, settings.hash_seed);
}

std::optional<std::size_t> ConnectionIdScheduler::choose(const Candidates& candidates,
                                                         const Arrival& arrival) {
  const std::optional<std::size_t> known = holder(arrival.payload);
  if (may_be_chosen(candidates, known)) return known;
  return by_address_.pick(candidates, arrival);
}

Decision ConnectionIdScheduler::explain(const Candidates& candidates, const Arrival& arrival) {
  Decision decision = by_address_.explain(candidates, arrival);
  if (!table_) return decision;
  const auto header = parse_quic_header(arrival.payload, table_->id_bytes());
  if (!header) return decision;
  const auto known = table_->holder(header->destination);
  if (!may_be_chosen(candidates, known)) return decision;
  decision.ground = Ground::connection_id;
  decision.chosen = known;
  decision.slot = std::nullopt;
  return decision;
}

void ConnectionIdScheduler::reset(std::size_t servers) {
  if (table_) table_->clear();
  by_address_.reset(servers);
}

void ConnectionIdScheduler::answered(std::size_t server, std::span<const std::uint8_t> datagram) {
  if (!table_) return;
  const auto header = parse_quic_header(datagram, table_->id_bytes());
  if (!header || !header->is_long || header->negotiates_version()) return;
  table_->learn(header->source, static_cast<std::uint16_t>(server));
}

std::optional<std::size_t> ConnectionIdScheduler::holder(std::span<const std::uint8_t> datagram) {
  if (!table_) return std::nullopt;
  const auto header = parse_quic_header(datagram, table_->id_bytes());
  if (!header) return std::nullopt;
  const auto server = table_->use(header->destination);
  if (!server) return std::nullopt;
  return *server;
}

}  // namespace elblab::scheduling
