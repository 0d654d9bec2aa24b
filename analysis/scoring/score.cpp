#include "analysis/scoring/score.hpp"

#include <algorithm>

namespace elblab::scoring {
namespace {

// The `most` first of what was found that were hidden.
std::size_t hidden_among_first(const ScoredRun& run, std::size_t most) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < run.found.size() && i < most; ++i) {
    count += std::count(run.hidden.begin(), run.hidden.end(), run.found[i]) > 0 ? 1U : 0U;
  }
  return count;
}

std::string row_of(const ScoredRun& run) {
  return run.hidden.empty() ? kNothingWrong : run.hidden.front();
}

}  // namespace

bool ScoredRun::is_hit() const {
  if (!problem.empty()) return false;
  if (hidden.empty()) return nothing_wrong;
  return hidden_among_first(*this, hidden.size()) == hidden.size();
}

std::string ScoredRun::top() const {
  if (!problem.empty()) return kNoKnownCause;
  if (!found.empty()) return found.front();
  return nothing_wrong ? kNothingWrong : kNoKnownCause;
}

Tally tally(const std::vector<ScoredRun>& runs, std::size_t hidden) {
  Tally tally;
  for (const ScoredRun& run : runs) {
    if (run.hidden.size() != hidden) continue;
    ++tally.runs;
    if (run.is_hit()) ++tally.hits;
  }
  return tally;
}

ConfusionMatrix::ConfusionMatrix(const std::vector<std::string>& causes,
                                 const std::vector<ScoredRun>& runs) {
  for (const ScoredRun& run : runs) {
    if (run.hidden.size() < 2) ++counts_[row_of(run)][run.top()];
  }
  std::vector<std::string> all = causes;
  all.emplace_back(kNothingWrong);
  all.emplace_back(kNoKnownCause);
  for (const std::string& name : all) {
    const bool row = counts_.contains(name);
    const bool column = std::any_of(counts_.begin(), counts_.end(),
                                    [&](const auto& entry) { return entry.second.contains(name); });
    if (row) rows_.push_back(name);
    if (row || column) columns_.push_back(name);
  }
}

std::size_t ConfusionMatrix::count(const std::string& row, const std::string& column) const {
  const auto found = counts_.find(row);
  if (found == counts_.end()) return 0;
  const auto cell = found->second.find(column);
  return cell == found->second.end() ? 0 : cell->second;
}

std::size_t ConfusionMatrix::runs(const std::string& row) const {
  std::size_t sum = 0;
  for (const std::string& column : columns_) sum += count(row, column);
  return sum;
}

double ConfusionMatrix::recall(const std::string& row) const {
  const std::size_t all = runs(row);
  return all == 0 ? 1 : double(count(row, row)) / double(all);
}

std::vector<PairScore> pair_scores(const std::vector<ScoredRun>& runs) {
  std::vector<PairScore> scores;
  for (const ScoredRun& run : runs) {
    if (run.hidden.size() != 2) continue;
    auto at = std::find_if(scores.begin(), scores.end(), [&](const PairScore& s) {
      return s.first == run.hidden[0] && s.second == run.hidden[1];
    });
    if (at == scores.end()) at = scores.insert(at, {run.hidden[0], run.hidden[1], 0, 0, 0});
    const std::size_t found = run.problem.empty() ? hidden_among_first(run, 2) : 0;
    ++(found == 2 ? at->both : found == 1 ? at->one : at->other);
  }
  return scores;
}

std::vector<ScoredRun> misses(const std::vector<ScoredRun>& runs) {
  std::vector<ScoredRun> missed;
  std::copy_if(runs.begin(), runs.end(), std::back_inserter(missed),
               [](const ScoredRun& run) { return !run.is_hit(); });
  return missed;
}

}  // namespace elblab::scoring
