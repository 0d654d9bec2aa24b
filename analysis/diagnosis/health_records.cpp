#include "analysis/diagnosis/health_records.hpp"

#include <algorithm>

#include "analysis/trace/database.hpp"
#include "models/telemetry/health.hpp"

namespace elblab::diagnosis {
namespace {

using telemetry::Verdict;

// Failures in full blocks, and those behind the last block, which an incomplete trace has not
// indexed yet (balancer_drops.cpp).
constexpr std::string_view kFailures = R"sql(
WITH failures AS (
  SELECT k.id AS class, s.name AS server, r.name AS reason FROM event_classes k
  JOIN event_kinds e ON e.id = k.kind AND e.name = 'probe_failed'
  JOIN objects s ON s.id = k.peer
  JOIN reasons r ON r.id = k.reason)
SELECT f.server, f.reason, e.at_ns FROM failures f
CROSS JOIN event_blocks b ON b.class = f.class
CROSS JOIN events e ON e.id BETWEEN b.first_id AND b.last_id AND +e.class = b.class
UNION ALL
SELECT f.server, f.reason, e.at_ns FROM events e JOIN failures f ON f.class = e.class
WHERE e.id > (SELECT coalesce(max(last_id), 0) FROM event_blocks))sql";

constexpr std::string_view kChanges = R"sql(
SELECT s.name, h.node, h.at_ns, h.before, h.after FROM health h JOIN objects s ON s.id = h.server
WHERE h.node IS NOT NULL ORDER BY h.at_ns, h.id)sql";

constexpr std::string_view kProbes = R"sql(
SELECT s.name, p.ended_after_ns, r.name = 'none', coalesce(p.status, 0) FROM probes p
JOIN objects s ON s.id = p.server JOIN reasons r ON r.id = p.reason)sql";

// Follows the verdicts of a server's nodes.
class OpinionOfNodes {
 public:
  Opinion note(std::int64_t node, Verdict verdict) {
    verdicts_[node] = verdict;
    int balance = 0;
    bool known = false;
    for (const auto& [of, what] : verdicts_) {
      known = known || what != Verdict::unknown;
      balance += what == Verdict::healthy ? 1 : what == Verdict::unhealthy ? -1 : 0;
    }
    if (!known) return opinion_ = Opinion::unknown;
    if (balance != 0) opinion_ = balance > 0 ? Opinion::healthy : Opinion::unhealthy;
    return opinion_;
  }

 private:
  std::map<std::int64_t, Verdict> verdicts_;
  Opinion opinion_ = Opinion::unknown;
};

void note(std::vector<OpinionSpan>& spans, Opinion opinion, Instant at) {
  if (!spans.empty() && spans.back().opinion == opinion) return;
  if (!spans.empty() && spans.back().from == at) spans.pop_back();
  if (!spans.empty()) spans.back().to = at;
  if (spans.empty() || spans.back().opinion != opinion) spans.push_back({opinion, at, kNever});
}

}  // namespace

double HealthRecord::failed() const {
  double sum = 0;
  for (const auto& [reason, curve] : failures) sum += total(curve);
  return sum;
}

double HealthRecord::failed(const std::string& reason) const {
  const auto found = failures.find(reason);
  return found == failures.end() ? 0 : total(found->second);
}

unsigned HealthRecord::changes() const {
  unsigned count = 0;
  Opinion before = Opinion::unknown;
  for (const OpinionSpan& span : spans) {
    if (span.opinion == Opinion::unknown) continue;
    if (before != Opinion::unknown && before != span.opinion) ++count;
    before = span.opinion;
  }
  return count;
}

HealthRecords::HealthRecords(const trace::Reader& trace, const Grid& grid) {
  read_verdicts(trace, grid);
  read_failures(trace, grid);
  read_probes(trace);
  read_endpoints(trace);
}

void HealthRecords::read_verdicts(const trace::Reader& trace, const Grid& grid) {
  std::map<std::string, OpinionOfNodes> opinions;
  trace::Statement rows(trace.database(), kChanges);
  trace::Step step = rows.step();
  for (; step == trace::Step::row; step = rows.step()) {
    const std::string server(rows.text(0));
    const auto before = static_cast<Verdict>(rows.integer(3));
    const auto after = static_cast<Verdict>(rows.integer(4));
    HealthRecord& record = records_[server];
    if (before != Verdict::unknown && after != Verdict::unknown) ++record.node_changes;
    note(record.spans, opinions[server].note(rows.integer(1), after),
         Instant(Duration(rows.integer(2))));
  }
  trace.noted(step == trace::Step::done);
  for (auto& [server, record] : records_) {
    if (!record.spans.empty()) record.spans.back().to = kStart + grid.length;
  }
}

void HealthRecords::read_failures(const trace::Reader& trace, const Grid& grid) {
  trace::Statement rows(trace.database(), kFailures);
  trace::Step step = rows.step();
  for (; step == trace::Step::row; step = rows.step()) {
    auto& failures = records_[std::string(rows.text(0))].failures;
    const auto [known, is_new] = failures.try_emplace(std::string(rows.text(1)));
    if (is_new) known->second.assign(grid.columns, 0.0);
    ++known->second[grid.column_of(Instant(Duration(rows.integer(2))))];
  }
  trace.noted(step == trace::Step::done);
}

void HealthRecords::read_probes(const trace::Reader& trace) {
  trace::Statement rows(trace.database(), kProbes);
  trace::Step step = rows.step();
  for (; step == trace::Step::row; step = rows.step()) {
    HealthRecord& record = records_[std::string(rows.text(0))];
    const int status = static_cast<int>(rows.integer(3));
    if (rows.integer(2) != 0) {
      ++record.answered_kept;
      record.longest_passed = std::max(record.longest_passed, Duration(rows.integer(1)));
    } else if (status != 0) {
      ++record.statuses[status];
    }
  }
  trace.noted(step == trace::Step::done);
}

void HealthRecords::read_endpoints(const trace::Reader& trace) {
  trace::Statement rows(trace.database(),
                        "SELECT name, detail FROM objects_view WHERE kind = 'server'");
  trace::Step step = rows.step();
  for (; step == trace::Step::row; step = rows.step()) {
    endpoints_[std::string(rows.text(0))] = std::string(rows.text(1));
  }
  trace.noted(step == trace::Step::done);
}

std::string HealthRecords::endpoint(const std::string& server) const {
  const auto found = endpoints_.find(server);
  return found == endpoints_.end() ? std::string() : found->second;
}

const HealthRecord& HealthRecords::of(const std::string& server) const {
  const auto found = records_.find(server);
  return found == records_.end() ? none_ : found->second;
}

}  // namespace elblab::diagnosis
