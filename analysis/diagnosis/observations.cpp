#include "analysis/diagnosis/observations.hpp"

#include <cmath>
#include <utility>

#include "analysis/trace/database.hpp"

namespace elblab::diagnosis {
namespace {

using trace::SeriesKind;

constexpr MeasureScope kVisible[] = {
    MeasureScope::host,           MeasureScope::balancer,     MeasureScope::server,
    MeasureScope::workload,       MeasureScope::network,      MeasureScope::middlebox,
    MeasureScope::sticky_group,   MeasureScope::quic_group,   MeasureScope::checked_balancer,
    MeasureScope::checked_server, MeasureScope::grouped_host, MeasureScope::firewalled_host,
    MeasureScope::subnet};
// Those that are a part of another scope. Both have measures of one name: whose it is, is told by
// the object.
constexpr std::pair<MeasureScope, MeasureScope> kPartOf[] = {
    {MeasureScope::session_host, MeasureScope::host},
    {MeasureScope::user_workload, MeasureScope::workload}};

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

void add_once(std::vector<std::string>& objects, const std::string& object) {
  if (std::find(objects.begin(), objects.end(), object) == objects.end()) objects.push_back(object);
}

// An object may belong to several scopes: nothing keeps a workload from being called like a host.
std::map<MeasureScope, std::vector<std::string>> objects_by_scope(
    const std::vector<trace::SeriesInfo>& series) {
  std::map<MeasureScope, std::vector<std::string>> objects;
  for (const MeasureScope scope : kVisible) objects[scope];
  for (const trace::SeriesInfo& info : series) {
    const auto scope = scope_told_by(info.name);
    if (!scope) continue;
    add_once(objects[*scope], info.object);
  }
  for (const auto& [part, whole] : kPartOf) {
    const auto& all = objects[whole];
    for (const trace::SeriesInfo& info : series) {
      const bool is_of_whole = std::find(all.begin(), all.end(), info.object) != all.end();
      if (is_of_whole && telemetry::find_measure(info.name, part) != nullptr) {
        add_once(objects[part], info.object);
      }
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

// Connections are recorded when they end; who watches real hosts notices some ends a moment late.
// So ids are in the order of closed_at, give or take kDisorder.
constexpr Duration kDisorder = std::chrono::seconds(1);

// What rows of `connections` share (docs/trace-schema.md), by id.
struct SessionClass {
  bool is_session = false;
  bool is_tcp = false;
  std::string server;
  std::string reason;
};

std::vector<SessionClass> session_classes(const trace::Reader& trace) {
  constexpr std::int64_t kTcp = 6;
  std::vector<SessionClass> classes;
  trace::Statement rows(trace.database(), R"sql(
SELECT k.id, k.protocol, coalesce(o.name, ''), r.name FROM connection_classes k
JOIN roles ON roles.id = k.role AND roles.name = 'session'
JOIN reasons r ON r.id = k.reason LEFT JOIN objects o ON o.id = k.peer)sql");
  trace::Step step = rows.step();
  for (; step == trace::Step::row; step = rows.step()) {
    const auto id = static_cast<std::size_t>(rows.integer(0));
    if (id >= classes.size()) classes.resize(id + 1);
    classes[id] = {true, rows.integer(1) == kTcp, std::string(rows.text(2)),
                   std::string(rows.text(3))};
  }
  trace.noted(step == trace::Step::done);
  return classes;
}

constexpr std::string_view kSessionRows =
    "SELECT class, opened_ns, established_after_ns, closed_after_ns, bytes_sent, bytes_received, "
    "retransmissions FROM connections WHERE id >= ?1 AND id < ?2";

SeenSession session_of(const trace::Statement& row, const SessionClass& of) {
  SeenSession session;
  session.server = of.server;
  session.reason = of.reason;
  session.is_tcp = of.is_tcp;
  session.opened_at = Instant(Duration(row.integer(1)));
  if (!row.is_null(2)) session.established_at = session.opened_at + Duration(row.integer(2));
  session.closed_at = session.opened_at + Duration(row.integer(3));
  session.bytes_sent = static_cast<std::uint64_t>(row.integer(4));
  session.bytes_received = static_cast<std::uint64_t>(row.integer(5));
  session.retransmissions = static_cast<std::uint64_t>(row.integer(6));
  return session;
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

const DropCurves& Observations::drops(std::string_view reason) const {
  if (!balancer_drops_) balancer_drops_.emplace(trace_, grid_);
  return balancer_drops_->of(reason);
}

const ProbeDrops& Observations::probe_drops(std::string_view reason,
                                            const std::string& address) const {
  if (!balancer_drops_) balancer_drops_.emplace(trace_, grid_);
  return balancer_drops_->of_probes(reason, address);
}

std::uint64_t Observations::dropped_by_host(const std::string& host,
                                            const std::string& reason) const {
  std::uint64_t sum = 0;
  for (const trace::ReasonCount& count : counts_) {
    const bool is_it = count.kind == "packet_dropped" && count.object == host;
    if (is_it && count.reason == reason) sum += count.count;
  }
  return sum;
}

const CheckSettingsByGroup& Observations::checks() const {
  if (!checks_) checks_ = read_checks(trace_);
  return *checks_;
}

const HealthRecords& Observations::health() const {
  if (!health_) health_.emplace(trace_, grid_);
  return *health_;
}

const GroupAlgorithms& Observations::algorithms() const {
  if (!algorithms_) algorithms_.emplace(trace_);
  return *algorithms_;
}

std::uint64_t Observations::rows() const {
  if (!rows_) rows_ = trace_.connection_count();
  return *rows_;
}

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

void Observations::each_session(const TakeSession& take) const {
  constexpr std::uint64_t kPage = 1000;
  const std::vector<SessionClass> classes = session_classes(trace_);
  const std::uint64_t step = 1 + rows() / kMostSessionsRead;
  trace::Statement page(trace_.database(), kSessionRows);
  for (std::uint64_t first = 1; first <= rows(); first += kPage * step) {
    page.reset();
    page.bind(1, static_cast<std::int64_t>(first));
    page.bind(2, static_cast<std::int64_t>(first + kPage));
    trace::Step row = page.step();
    for (; row == trace::Step::row; row = page.step()) {
      const auto id = static_cast<std::size_t>(page.integer(0));
      if (id >= classes.size() || !classes[id].is_session) continue;
      take(session_of(page, classes[id]), static_cast<double>(step));
    }
    if (!trace_.noted(row == trace::Step::done)) return;
  }
}

std::optional<trace::ConnectionRow> Observations::connection(std::uint64_t id) const {
  auto rows = trace_.connections(id, 1);
  if (rows.empty() || rows.front().id != id) return std::nullopt;
  return std::move(rows.front());
}

std::vector<trace::ConnectionRow> Observations::connections(const ConnectionFilter& filter,
                                                            std::size_t most) const {
  constexpr std::size_t kPage = 1000;
  std::vector<trace::ConnectionRow> found;
  std::uint64_t next = filter.from > kStart ? first_ending_at(filter.from - kDisorder) : 1;
  for (std::size_t read = 0; read < kMostRowsRead && found.size() < most; read += kPage) {
    auto page = trace_.connections(next, kPage);
    for (trace::ConnectionRow& row : page) {
      if (found.size() < most && matches(row, filter)) found.push_back(std::move(row));
    }
    if (page.size() < kPage || page.back().closed_at - kDisorder >= filter.to) break;
    next += kPage;
  }
  return found;
}

}  // namespace elblab::diagnosis
