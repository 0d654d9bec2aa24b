// The SELECTs of the metric views. Names and order of their columns stand in metric_views.cpp.
#pragma once

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

// latency_quantiles() over the sample intervals that end at ?1 < at_ns <= ?2.
std::string latency_quantiles_between();

}  // namespace elblab::trace::metric_sql
