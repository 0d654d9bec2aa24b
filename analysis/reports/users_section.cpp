// Users and their sessions: SWITCH, and what it is due to.
#include <algorithm>

#include "analysis/metrics/metrics.hpp"
#include "analysis/reports/cells.hpp"
#include "analysis/reports/sections.hpp"

namespace elblab::reports {
namespace {

struct Sum {
  std::uint64_t users = 0;
  std::uint64_t losers = 0;
  std::uint64_t requests = 0;  // but the first of each
  std::uint64_t lost = 0;
};

Sum sum_of(const std::vector<metrics::UserSwitches>& users) {
  Sum sum;
  for (const auto& user : users) {
    ++sum.users;
    sum.losers += user.lost > 0 ? 1 : 0;
    sum.requests += user.requests - 1;
    sum.lost += user.lost;
  }
  return sum;
}

std::string words_of(const std::string& cause) { return cause.empty() ? "not told" : cause; }

}  // namespace

Section users_section(const Runs& runs) {
  Section section{"users", "Users", {}};
  Table all = table_of(runs, "user_switches",
                       {{"users", "users", true},
                        {"requests", "requests but the first", true},
                        {"lost", "sessions lost", true},
                        {"losers", "by users", true},
                        {"switch", "SWITCH", true}});
  Table causes = table_of(runs, "switch_causes",
                          {{"cause", "lost by"},
                           {"lost", "sessions", true},
                           {"users", "of users", true},
                           {"switch", "SWITCH", true}});
  for (const auto& run : runs) {
    const Sum sum = sum_of(metrics::user_switches(*run.trace));
    if (sum.requests == 0) continue;
    add_row(all, runs, run,
            {count_cell(sum.users), count_cell(sum.requests), count_cell(sum.lost),
             count_cell(sum.losers),
             share_cell(static_cast<double>(sum.lost) / static_cast<double>(sum.requests))});
    if (sum.lost == 0) continue;
    for (const auto& cause : metrics::switch_causes(*run.trace)) {
      add_row(causes, runs, run,
              {text_cell(words_of(cause.cause)), count_cell(cause.lost), count_cell(cause.users),
               share_cell(cause.share)});
    }
  }
  all.remark = "SWITCH: the share of these requests whose server did not know the user.";
  if (!all.rows.empty()) section.blocks.emplace_back(std::move(all));
  if (!causes.rows.empty()) section.blocks.emplace_back(std::move(causes));
  return section;
}

}  // namespace elblab::reports
