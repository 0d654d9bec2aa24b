#include "cli/sweeps/grid.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "scenarios/language/name_expansion.hpp"

namespace elblab::cli {
namespace {

// The last `segments` parts of a dotted path.
std::string tail_of(const std::string& path, std::size_t segments) {
  std::size_t at = path.size();
  for (std::size_t i = 0; i < segments && at != std::string::npos; ++i) {
    at = at == 0 ? std::string::npos : path.rfind('.', at - 1);
  }
  return at == std::string::npos ? path : path.substr(at + 1);
}

std::vector<std::string> short_names_of(const std::vector<Axis>& axes) {
  std::vector<std::string> names;
  for (const Axis& axis : axes) {
    std::string name;
    for (std::size_t segments = 1; name != axis.path; ++segments) {
      name = tail_of(axis.path, segments);
      const auto same = std::count_if(axes.begin(), axes.end(), [&](const Axis& other) {
        return tail_of(other.path, segments) == name;
      });
      if (same == 1) break;
    }
    names.push_back(std::move(name));
  }
  return names;
}

// Two axes of one setting, also as hosts.b[1..2] and hosts.b1: the later would always win.
Expected<void> check_paths(const std::vector<Axis>& axes) {
  std::map<std::string, std::string> named;  // setting, axis
  for (const Axis& axis : axes) {
    const auto paths = language::expand_name(axis.path);
    if (!paths) return Error{fmt::format("--over {}: {}", axis.path, paths.error().message)};
    for (const std::string& path : *paths) {
      const auto [at, is_new] = named.emplace(path, axis.path);
      if (!is_new) {
        return Error{fmt::format("--over {}: {} is an axis already{}", axis.path, path,
                                 at->second == path ? "" : " (" + at->second + ")")};
      }
    }
  }
  return {};
}

}  // namespace

Grid::Grid(std::vector<Axis> axes) : axes_(std::move(axes)), short_names_(short_names_of(axes_)) {
  for (const Axis& axis : axes_) size_ *= axis.values.size();
}

Expected<Grid> Grid::make(std::vector<Axis> axes) {
  if (axes.empty()) return Error{"--over: name at least one setting and its values"};
  if (const auto checked = check_paths(axes); !checked) return checked.error();
  std::size_t cells = 1;
  std::string product;
  for (const Axis& axis : axes) {
    cells = std::min(cells * axis.values.size(), 100 * kMostCells);
    product += fmt::format("{}{}", product.empty() ? "" : " × ", axis.values.size());
    if (axis.values.empty()) return Error{fmt::format("--over {}: no values", axis.path)};
  }
  if (cells > kMostCells) {
    return Error{fmt::format("--over: {} cells are too many, at most {} are run; take longer steps",
                             product, kMostCells)};
  }
  return Grid(std::move(axes));
}

std::vector<std::size_t> Grid::position(std::size_t cell) const {
  std::vector<std::size_t> at(axes_.size());
  for (std::size_t i = axes_.size(); i-- > 0;) {
    at[i] = cell % axes_[i].values.size();
    cell /= axes_[i].values.size();
  }
  return at;
}

std::size_t Grid::cell_at(const std::vector<std::size_t>& position) const {
  std::size_t cell = 0;
  for (std::size_t i = 0; i < axes_.size(); ++i) cell = cell * axes_[i].values.size() + position[i];
  return cell;
}

std::vector<language::Override> Grid::settings(std::size_t cell) const {
  const auto at = position(cell);
  std::vector<language::Override> settings;
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    settings.push_back({axes_[i].path, axes_[i].values[at[i]]});
  }
  return settings;
}

std::string Grid::name_of(std::size_t cell) const {
  const auto at = position(cell);
  std::string name;
  for (std::size_t i = 0; i < axes_.size(); ++i) {
    name += fmt::format("{}{}={}", i > 0 ? " " : "", short_names_[i], axes_[i].values[at[i]]);
  }
  return name;
}

}  // namespace elblab::cli
