#include "analysis/metrics/view_rows.hpp"

#include <algorithm>

namespace elblab::metrics {

bool ViewRows::next() {
  if (rows_ > kMostRows || !query_.next()) return false;
  if (++rows_ <= kMostRows) return true;
  return trace_.noted(false);
}

std::optional<double> ViewRows::optional_real(std::string_view column) const {
  const trace::QueryCell& found = cell(column);
  if (trace::is_null(found)) return std::nullopt;
  return trace::to_real(found);
}

std::uint64_t ViewRows::count(std::string_view column) const {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(trace::to_integer(cell(column)), 0));
}

const trace::QueryCell& ViewRows::cell(std::string_view column) const {
  static const trace::QueryCell kNull;
  const auto& names = query_.columns();
  const auto found = std::find(names.begin(), names.end(), column);
  if (found == names.end()) return kNull;
  return query_.row()[static_cast<std::size_t>(found - names.begin())];
}

}  // namespace elblab::metrics
