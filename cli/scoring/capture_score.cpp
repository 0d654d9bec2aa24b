#include "cli/scoring/capture_score.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "cli/captures/captured_diagnosis.hpp"

namespace elblab::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kNone = "none";
constexpr const char* kUnseen = "unseen";

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(at, begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

CaptureScore answer(const fs::path& folder, std::string capture, std::vector<std::string> right) {
  CaptureScore score;
  score.right = std::move(right);
  const auto captured = diagnose_captured(folder / capture, {});
  score.capture = std::move(capture);
  if (!captured) {
    score.problem = captured.error().message;
    return score;
  }
  const diagnosis::Diagnosis& diagnosis = captured->diagnosis;
  score.answered = kNone;
  if (diagnosis.found.empty()) return score;
  score.answered = diagnosis.found.front().cause;
  score.certain = diagnosis.found.front().confidence == diagnosis::Confidence::certain;
  return score;
}

using Matrix = std::map<std::string, std::map<std::string, std::size_t>>;

Matrix matrix_of(const std::vector<CaptureScore>& scores) {
  Matrix matrix;
  for (const CaptureScore& score : scores) {
    // Any of the right ones is the first.
    const bool hit = score.is_right() && score.right.front() != kUnseen;
    ++matrix[score.right.front()][hit ? score.right.front() : score.answered];
  }
  return matrix;
}

std::string table(const Matrix& matrix) {
  std::set<std::string> columns;
  for (const auto& [right, answers] : matrix) {
    for (const auto& [answered, count] : answers) columns.insert(answered);
  }
  std::string text = fmt::format("| right \\ answered | {} |\n|---|", fmt::join(columns, " | "));
  for (std::size_t i = 0; i < columns.size(); ++i) text += "--:|";
  text += "\n";
  for (const auto& [right, answers] : matrix) {
    text += "| " + right + " |";
    for (const std::string& column : columns) {
      const auto found = answers.find(column);
      text += found == answers.end() ? "  |" : fmt::format(" {} |", found->second);
    }
    text += "\n";
  }
  return text;
}

}  // namespace

bool CaptureScore::is_right() const {
  if (!problem.empty()) return false;
  if (right.front() == kUnseen) return !certain;
  return std::ranges::find(right, answered) != right.end();
}

Expected<std::vector<CaptureScore>> score_captures(const fs::path& folder, const fs::path& truth) {
  std::ifstream file(truth);
  if (!file) return Error{truth.string() + ": cannot be read; name a file of lines CAPTURE,CAUSE"};
  std::vector<CaptureScore> scores;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    if (line.empty() || line.front() == '#') continue;
    const auto cells = split(line, ',');
    if (cells.size() != 2 || cells[0].empty() || cells[1].empty()) {
      return Error{fmt::format("{}:{}: is not CAPTURE,CAUSE", truth.string(), number)};
    }
    scores.push_back(answer(folder, cells[0], split(cells[1], '|')));
  }
  if (scores.empty()) return Error{truth.string() + ": holds no line CAPTURE,CAUSE"};
  return scores;
}

double share_right(const std::vector<CaptureScore>& scores) {
  std::size_t right = 0;
  std::size_t certain_and_wrong = 0;
  for (const CaptureScore& score : scores) {
    if (score.is_right()) {
      ++right;
    } else if (score.certain) {
      ++certain_and_wrong;
    }
  }
  return double(right) / double(scores.size() + certain_and_wrong);
}

std::string capture_score_text(const std::vector<CaptureScore>& scores, bool markdown) {
  std::size_t right = 0;
  std::size_t certain_and_wrong = 0;
  std::string wrong;
  constexpr std::size_t kMostTold = 40;
  std::size_t told = 0;
  for (const CaptureScore& score : scores) {
    if (score.is_right()) {
      ++right;
      continue;
    }
    if (score.certain) ++certain_and_wrong;
    if (++told > kMostTold) continue;
    wrong +=
        fmt::format("{}{}: {}, right is {}\n", markdown ? "- " : "  ", score.capture,
                    score.problem.empty() ? score.answered + (score.certain ? " (certain)" : "")
                                          : score.problem,
                    fmt::join(score.right, " or "));
  }
  return fmt::format("{}\n{} of {} captures right, {} wrong and certain: {:.1f} %\n{}{}",
                     table(matrix_of(scores)), right, scores.size(), certain_and_wrong,
                     100 * share_right(scores), wrong.empty() ? "" : "\n", wrong);
}

}  // namespace elblab::cli
