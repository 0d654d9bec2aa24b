// What was hidden in runs against what was found in them: hits, recall, the confusion matrix.
//
//   one cause   a hit is a diagnosis whose most explaining cause is the hidden one
//   two         a hit is one whose two most explaining causes are the hidden ones, in any order
//   none        a hit is one that finds nothing wrong
//
// Pure: counts what it is given, in the order it is given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace elblab::scoring {

inline constexpr const char* kNothingWrong = "none";
inline constexpr const char* kNoKnownCause = "no known cause";

struct ScoredRun {
  std::uint64_t seed = 0;
  std::vector<std::string> hidden;  // none, one or two causes
  std::vector<std::string> found;   // most explaining first
  bool nothing_wrong = false;
  std::string problem;  // why it could not be run or diagnosed: no hit

  bool is_hit() const;
  // The column of the matrix: the most explaining cause, kNothingWrong or kNoKnownCause.
  std::string top() const;
};

// Of runs that hide so many causes.
struct Tally {
  std::size_t runs = 0;
  std::size_t hits = 0;
  double share() const { return runs == 0 ? 1 : double(hits) / double(runs); }
};
Tally tally(const std::vector<ScoredRun>& runs, std::size_t hidden);

// Runs with one cause or none: row = hidden (kNothingWrong: none), column = top().
class ConfusionMatrix {
 public:
  // causes: rows and columns in their order, kNothingWrong and kNoKnownCause after them.
  ConfusionMatrix(const std::vector<std::string>& causes, const std::vector<ScoredRun>& runs);

  // Only rows and columns in which there is something, but every cause that was hidden.
  const std::vector<std::string>& rows() const { return rows_; }
  const std::vector<std::string>& columns() const { return columns_; }
  std::size_t count(const std::string& row, const std::string& column) const;
  std::size_t runs(const std::string& row) const;
  // Of the runs that hide it, those that were hits.
  double recall(const std::string& row) const;

 private:
  std::vector<std::string> rows_;
  std::vector<std::string> columns_;
  std::map<std::string, std::map<std::string, std::size_t>> counts_;
};

// How the runs with two causes went, by the pair in the order it was hidden.
struct PairScore {
  std::string first;
  std::string second;
  std::size_t both = 0;
  std::size_t one = 0;    // one of the two is among the two most explaining
  std::size_t other = 0;  // neither
};
std::vector<PairScore> pair_scores(const std::vector<ScoredRun>& runs);

std::vector<ScoredRun> misses(const std::vector<ScoredRun>& runs);

}  // namespace elblab::scoring
