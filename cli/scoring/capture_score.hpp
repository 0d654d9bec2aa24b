// Captures whose truth is known against what is said of them.
//
// The truth file is CSV: a capture (a path below the folder) and what is right of it, each line.
// Right is a cause's name or several, "packet_loss|bandwidth", of which any will do; "none":
// nothing is wrong; "unseen": the capture cannot show it, so that nothing may be said for certain.
// An unsure right answer is right; a wrong one that is certain counts double.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "models/contract/expected.hpp"

namespace elblab::cli {

struct CaptureScore {
  std::string capture;
  std::vector<std::string> right;
  std::string answered;  // the most explaining cause, "none"
  bool certain = false;
  std::string problem;  // why it could not be read; empty: it could

  bool is_right() const;
};

// Error: no such file, or a line that is none, by its number.
Expected<std::vector<CaptureScore>> score_captures(const std::filesystem::path& folder,
                                                   const std::filesystem::path& truth);

// Right of all, those that were certain and wrong counted twice.
double share_right(const std::vector<CaptureScore>& scores);
// A matrix, the share, and every wrong answer; `markdown`: as a section of a document.
std::string capture_score_text(const std::vector<CaptureScore>& scores, bool markdown);

}  // namespace elblab::cli
