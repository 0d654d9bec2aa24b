#include "models/scheduling/connection_id_scheduler.hpp"

#include <utility>

#include "models/net/quic_header.hpp"

namespace elblab::scheduling {
namespace {

bool may_be_chosen(const Candidates& candidates, std::optional<std::size_t> server) {
  return server && *server < candidates.size() && candidates[*server].usable();
}

}  // namespace

ConnectionIdScheduler::ConnectionIdScheduler(std::unique_ptr<Scheduler> otherwise,
                                             std::shared_ptr<ConnectionIdTable> table)
    : otherwise_(std::move(otherwise)), table_(std::move(table)) {}

std::optional<std::size_t> ConnectionIdScheduler::choose(const Candidates& candidates,
                                                         const Arrival& arrival) {
  const std::optional<std::size_t> known = holder(arrival.payload);
  went_by_id_ = may_be_chosen(candidates, known);
  if (went_by_id_) return known;
  return otherwise_->pick(candidates, arrival);
}

Decision ConnectionIdScheduler::explain(const Candidates& candidates, const Arrival& arrival) {
  const auto header = net::parse_quic_header(arrival.payload, table_->id_bytes());
  const auto known = header ? table_->holder(header->destination) : std::nullopt;
  if (!may_be_chosen(candidates, known)) return otherwise_->explain(candidates, arrival);
  Decision decision;
  decision.candidates = weighed(candidates);
  decision.chosen = known;
  decision.ground = Ground::connection_id;
  return decision;
}

void ConnectionIdScheduler::reset(std::size_t servers) {
  table_->clear();
  otherwise_->reset(servers);
}

void ConnectionIdScheduler::answered(std::size_t server, std::span<const std::uint8_t> datagram) {
  const auto header = net::parse_quic_header(datagram, table_->id_bytes());
  if (!header || !header->is_long || header->negotiates_version()) return;
  table_->learn(header->source, static_cast<std::uint16_t>(server));
}

std::optional<std::size_t> ConnectionIdScheduler::holder(std::span<const std::uint8_t> datagram) {
  const auto header = net::parse_quic_header(datagram, table_->id_bytes());
  if (!header) return std::nullopt;
  const auto server = table_->use(header->destination);
  if (!server) return std::nullopt;
  return *server;
}

}  // namespace elblab::scheduling
