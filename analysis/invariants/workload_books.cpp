#include "analysis/invariants/cases.hpp"
#include "analysis/invariants/laws.hpp"

namespace elblab::invariants {
namespace {

constexpr const char* kMoreEndsThanRequests = R"(
WITH totals AS (
  SELECT v.object AS workload, v.name AS name, total(s.value) AS n
  FROM series_view v JOIN samples s ON s.series = v.id
  WHERE v.name IN ('requests', 'responses', 'request_failures') GROUP BY v.object, v.name)
SELECT printf('%s: %d requests, and %d answers and failures', workload,
              total(n) FILTER (WHERE name = 'requests'),
              total(n) FILTER (WHERE name <> 'requests'))
FROM totals GROUP BY workload
HAVING total(n) FILTER (WHERE name <> 'requests') > total(n) FILTER (WHERE name = 'requests'))";

}  // namespace

void judge_workloads(const trace::Reader& reader, std::vector<Broken>& broken) {
  judge_by(reader, "workload_books", kMoreEndsThanRequests, broken);
}

}  // namespace elblab::invariants
