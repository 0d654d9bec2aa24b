#include "analysis/diagnosis/observations.hpp"

#include <cmath>

namespace elblab::diagnosis {
namespace {

using trace::SeriesKind;

constexpr MeasureScope kVisible[] = {MeasureScope::host, MeasureScope::balancer,
                                     MeasureScope::server, MeasureScope::workload};

// Where there are very many series, columns are fewer, so that memory stays below 200 MB.
constexpr std::size_t kMostCells = 6'000'000;
constexpr std::size_t kFewColumns = 100;

Grid grid_of(const trace::Reader& trace) {
  Grid grid;
  grid.length = trace.end_of_run() - kStart;
  const double samples =
      ratio(to_seconds(grid.length), to_seconds(trace.metadata().sample_interval));
  constexpr double kMost = static_cast<double>(Observations::kMostColumns);
  grid.columns = static_cast<std::size_t>(std::clamp(std::round(samples), 1.0, kMost));
  return grid;
}

// The only scope that has a measure of this name; nullopt: none, several, or the links.
std::optional<MeasureScope> scope_told_by(const std::string& measure) {
  if (telemetry::find_measure(measure, MeasureScope::link) != nullptr) return std::nullopt;
  std::optional<MeasureScope> only;
  for (const MeasureScope scope : kVisible) {
    if (telemetry::find_measure(measure, scope) == nullptr) continue;
    if (only) return std::nullopt;
    only = scope;
  }
  return only;
}

// An object may belong to several scopes: nothing keeps a workload from being called like a host.
std::map<MeasureScope, std::vector<std::string>> objects_by_scope(
    const std::vector<trace::SeriesInfo>& series) {
  std::map<MeasureScope, std::vector<std::string>> objects;
  for (const MeasureScope scope : kVisible) objects[scope];
  for (const trace::SeriesInfo& info : series) {
    const auto scope = scope_told_by(info.name);
    if (!scope) continue;
    auto& known = objects[*scope];
    if (std::find(known.begin(), known.end(), info.object) == known.end()) {
      known.push_back(info.object);
    }
  }
  return objects;
}

Curve counter_of(const std::vector<SampleColumn>& columns) {
  Curve curve;
  for (const SampleColumn& column : columns) curve.push_back(column.sum);
  return curve;
}

Level gauge_of(const std::vector<SampleColumn>& columns) {
  Level level;
  SampleColumn last;
  for (const SampleColumn& column : columns) {
    if (column.count > 0) last = column;
    level.low.push_back(last.low);
    level.mean.push_back(last.count > 0 ? last.sum / static_cast<double>(last.count) : 0);
    level.high.push_back(last.high);
  }
  return level;
}

bool is_hidden(const trace::ReasonCount& count) {
  return count.reason.starts_with("link_") || count.kind == "fault_injected" ||
         count.kind == "configuration_changed";
}

bool matches(const trace::ConnectionRow& row, const ConnectionFilter& filter) {
  const auto is = [](const std::string& wanted, const std::string& value) {
    return wanted.empty() || wanted == value;
  };
  const bool ended_so =
      filter.reasons.empty() ||
      std::find(filter.reasons.begin(), filter.reasons.end(), row.reason) != filter.reasons.end();
  return is(filter.role, row.role) && is(filter.object, row.object) && is(filter.peer, row.peer) &&
         ended_so && row.closed_at >= filter.from && row.closed_at < filter.to;
}

}  // namespace

Observations::Observations(const trace::Reader& trace) : trace_(trace), grid_(grid_of(trace)) {
  const std::vector<trace::SeriesInfo> all = trace.series();
  objects_ = objects_by_scope(all);
  std::vector<telemetry::SeriesId> visible;
  for (const trace::SeriesInfo& info : all) {
    for (const auto& [scope, objects] : objects_) {
      const bool ours = std::find(objects.begin(), objects.end(), info.object) != objects.end();
      if (ours && telemetry::find_measure(info.name, scope) != nullptr) {
        series_[scope].try_emplace(Key{info.name, info.object}, Found{info.id, info.kind});
        visible.push_back(info.id);
      }
    }
  }
  grid_.columns = std::min(grid_.columns, std::max(kFewColumns, kMostCells / (visible.size() + 1)));
  samples_.emplace(trace, grid_, visible);
  const auto& hosts = objects_[MeasureScope::host];
  for (const trace::ReasonCount& count : trace.reason_counts()) {
    if (is_hidden(count)) continue;
    counts_.push_back(count);
    const bool of_host = std::find(hosts.begin(), hosts.end(), count.object) != hosts.end();
    if (count.kind == "packet_dropped" && !of_host) drops_[count.reason] += count.count;
  }
}

Duration Observations::sample_interval() const { return trace_.metadata().sample_interval; }

bool Observations::is_replay() const { return trace_.metadata().world == "replay"; }

const std::vector<std::string>& Observations::objects(MeasureScope scope) const {
  static const std::vector<std::string> kNone;
  const auto found = objects_.find(scope);
  return found == objects_.end() ? kNone : found->second;
}

std::optional<Observations::Found> Observations::find(std::string_view measure, MeasureScope scope,
                                                      const std::string& object) const {
  const auto of_scope = series_.find(scope);
  if (of_scope == series_.end()) return std::nullopt;
  const auto found = of_scope->second.find(Key{std::string(measure), object});
  if (found == of_scope->second.end()) return std::nullopt;
  return found->second;
}

const Curve* Observations::counter(std::string_view measure, MeasureScope scope,
                                   const std::string& object) const {
  const auto found = find(measure, scope, object);
  if (!found || found->kind != SeriesKind::counter) return nullptr;
  const auto* columns = samples_->of(found->id);
  if (columns == nullptr) return nullptr;
  const auto [cached, is_new] = counters_.try_emplace(found->id);
  if (is_new) cached->second = counter_of(*columns);
  return &cached->second;
}

const Level* Observations::gauge(std::string_view measure, MeasureScope scope,
                                 const std::string& object) const {
  const auto found = find(measure, scope, object);
  if (!found || found->kind != SeriesKind::gauge) return nullptr;
  const auto* columns = samples_->of(found->id);
  if (columns == nullptr) return nullptr;
  const auto [cached, is_new] = gauges_.try_emplace(found->id);
  if (is_new) cached->second = gauge_of(*columns);
  return &cached->second;
}

const Curve* Observations::counter(std::string_view measure) const {
  const auto& balancers = objects(MeasureScope::balancer);
  return balancers.empty() ? nullptr : counter(measure, MeasureScope::balancer, balancers.front());
}

const Level* Observations::gauge(std::string_view measure) const {
  const auto& balancers = objects(MeasureScope::balancer);
  return balancers.empty() ? nullptr : gauge(measure, MeasureScope::balancer, balancers.front());
}

bool Observations::records(std::string_view measure) const {
  const auto& balancers = objects(MeasureScope::balancer);
  return !balancers.empty() && find(measure, MeasureScope::balancer, balancers.front());
}

std::optional<Curve> Observations::summed(std::string_view measure, MeasureScope scope) const {
  std::optional<Curve> sum;
  const auto add_one = [&](const Curve& curve) {
    if (!sum) sum.emplace(grid_.columns, 0.0);
    add(*sum, curve);
  };
  for (const std::string& object : objects(scope)) {
    if (const Curve* curve = counter(measure, scope, object)) {
      add_one(*curve);
    } else if (const Level* level = gauge(measure, scope, object)) {
      add_one(level->mean);
    }
  }
  return sum;
}

std::uint64_t Observations::ended(std::string_view role, std::string_view reason) const {
  std::uint64_t sum = 0;
  for (const trace::ReasonCount& count : counts_) {
    if (count.kind == role && (reason.empty() || count.reason == reason)) sum += count.count;
  }
  return sum;
}

std::uint64_t Observations::ended(std::string_view role) const { return ended(role, {}); }

std::uint64_t Observations::dropped_by_balancer(const std::string& reason) const {
  const auto found = drops_.find(reason);
  return found == drops_.end() ? 0 : found->second;
}

std::uint64_t Observations::rows() const {
  if (!rows_) rows_ = trace_.connection_count();
  return *rows_;
}

// Connections are recorded when they end, so ids are in the order of closed_at.
std::uint64_t Observations::first_ending_at(Instant when) const {
  std::uint64_t low = 1;
  std::uint64_t high = rows() + 1;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    const auto row = trace_.connections(middle, 1);
    if (row.empty() || row.front().closed_at >= when) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

std::vector<trace::ConnectionRow> Observations::connections(const ConnectionFilter& filter,
                                                            std::size_t most) const {
  constexpr std::size_t kPage = 1000;
  std::vector<trace::ConnectionRow> found;
  std::uint64_t next = filter.from > kStart ? first_ending_at(filter.from) : 1;
  for (std::size_t read = 0; read < kMostRowsRead && found.size() < most; read += kPage) {
    auto page = trace_.connections(next, kPage);
    for (trace::ConnectionRow& row : page) {
      if (found.size() < most && matches(row, filter)) found.push_back(std::move(row));
    }
    if (page.size() < kPage || page.back().closed_at >= filter.to) break;
    next += kPage;
  }
  return found;
}

}  // namespace elblab::diagnosis
