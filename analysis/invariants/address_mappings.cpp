#include "analysis/invariants/cases.hpp"
#include "analysis/invariants/laws.hpp"

namespace elblab::invariants {
namespace {

// Flows in the order of their opening, each with the latest closing of those before it that had
// the same outer endpoint towards the same other end.
constexpr const char* kSharedEndpoints = R"(
WITH flows AS (
  SELECT c.id AS id, k.object AS object, r.name AS role, k.protocol AS protocol,
         c.translated_source AS outer_end,
         CASE r.name WHEN 'session' THEN k.translated_destination ELSE c.destination END AS other_end,
         c.opened_ns AS opened_ns, c.opened_ns + c.closed_after_ns AS closed_ns
  FROM connections c
  JOIN connection_classes k ON k.id = c.class
  JOIN roles r ON r.id = k.role
  WHERE r.name IN ('session', 'translation') AND c.translated_source IS NOT NULL
    AND c.translated_source >> 16 <> c.source >> 16),
held AS (
  SELECT *, max(closed_ns) OVER (PARTITION BY CASE role WHEN 'translation' THEN object END, protocol, outer_end,
    other_end ORDER BY opened_ns, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS held_ns
  FROM flows)
SELECT printf('connection %d gets %s:%d at %.6f s, which another one with the same other end has until %.6f s',
              held.id, a.address, outer_end & 65535, opened_ns / 1e9, held_ns / 1e9)
FROM held JOIN addresses a ON a.id = outer_end >> 16
WHERE opened_ns < held_ns ORDER BY opened_ns, held.id)";

}  // namespace

void judge_address_mappings(const trace::Reader& reader, std::vector<Broken>& broken) {
  judge_by(reader, "address_mapping", kSharedEndpoints, broken);
}

}  // namespace elblab::invariants
