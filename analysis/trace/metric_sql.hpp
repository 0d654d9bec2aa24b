// The SELECTs of the metric views. Names and order of their columns stand in metric_views.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace elblab::trace::metric_sql {

std::string server_shares();
std::string imbalances();
std::string traffic_matrix();
std::string gaps();
std::string occupancy_samples();
std::string occupancies();
std::string latency_quantiles();
std::string drops();
std::string request_totals();
std::string cloud_metrics();
// user_sql.cpp
std::string user_requests();
std::string user_switches();
std::string switch_causes();

// latency_quantiles() over the sample intervals that end after from_ns and until to_ns.
std::string latency_quantiles_between(std::int64_t from_ns, std::int64_t to_ns);

}  // namespace elblab::trace::metric_sql
