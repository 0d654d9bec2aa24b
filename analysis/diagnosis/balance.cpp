#include "analysis/diagnosis/balance.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "analysis/diagnosis/evidence.hpp"
#include "analysis/diagnosis/open_connections.hpp"
#include "analysis/diagnosis/symptoms.hpp"
#include "analysis/diagnosis/uneven_parts.hpp"
#include "analysis/diagnosis/uneven_requests.hpp"

namespace elblab::diagnosis {
namespace {

// Of each server, so that chance alone could not hide one with kUneven times another's.
constexpr double kEnough = 100;

std::string sentence(const Unevenness& group, const UnevenParts& parts) {
  const auto [least, most] =
      std::minmax_element(group.connections.begin(), group.connections.end());
  double off = 0;
  for (std::size_t i = 0; i < group.servers.size(); ++i) {
    off = std::max(off, std::abs(group.connections[i] - parts.due[i]));
  }
  return fmt::format(
      "{} is balanced: {} servers got {:.1f} … {:.1f} % of {} connections, at most {:.1f} % from "
      "what they were due",
      group.group, group.servers.size(), 100 * ratio(*least, group.all),
      100 * ratio(*most, group.all), count_text(group.all), 100 * ratio(off, group.all));
}

// By least connections.
std::string open_sentence(const Unevenness& group, const std::vector<double>& open) {
  const auto [least, most] = std::minmax_element(open.begin(), open.end());
  return fmt::format(
      "{} is balanced by open connections: {} servers had {:.1f} … {:.1f} on average", group.group,
      group.servers.size(), *least, *most);
}

}  // namespace

std::vector<std::string> balanced_groups(const Case& run) {
  std::vector<std::string> uneven;
  for (const auto& group : unevenly_asked_groups(run)) uneven.push_back(group.group);
  for (const auto& group : uneven_groups(run.seen)) uneven.push_back(group.group);
  std::vector<std::string> sentences;
  for (const Unevenness& group : scheduled_groups(run.seen)) {
    const double enough = kEnough * static_cast<double>(group.servers.size());
    const bool known = group.servers.size() > 1 && group.all >= enough;
    if (!known || std::find(uneven.begin(), uneven.end(), group.group) != uneven.end()) continue;
    if (is_level_by_open(run.seen, group)) {
      sentences.push_back(
          open_sentence(group, *shared_out_open(run.seen, group.group, group.servers)));
      continue;
    }
    const auto parts = parts_of(run.seen, group);
    if (!parts || !parts->follows) continue;
    sentences.push_back(sentence(group, *parts));
  }
  return sentences;
}

}  // namespace elblab::diagnosis
