#include "analysis/trace/traffic_query.hpp"

namespace elblab::trace {

bool read_traffic(const Database& database, std::vector<TrafficRow>& rows) {
  Statement query(database,
                  "SELECT ifnull(a.address, ''), ifnull(o.name, ''), t.connections, t.failed,"
                  " t.bytes_sent, t.bytes_received FROM traffic t"
                  " LEFT JOIN addresses a ON a.id = t.client"
                  " LEFT JOIN objects o ON o.id = t.server ORDER BY t.rowid");
  Step step = query.step();
  for (; step == Step::row; step = query.step()) {
    rows.push_back({std::string(query.text(0)), std::string(query.text(1)),
                    static_cast<std::uint64_t>(query.integer(2)),
                    static_cast<std::uint64_t>(query.integer(3)),
                    static_cast<std::uint64_t>(query.integer(4)),
                    static_cast<std::uint64_t>(query.integer(5))});
  }
  return step == Step::done;
}

}  // namespace elblab::trace
