// Divides what went wrong among the causes that claim it.
//
// Each kind of failure is divided column by column, by the claims that stood over the time a
// request may have taken from its trouble to its end (Load::patience). Claims that add up to more
// than there is are scaled down; what they leave is unexplained. A cause is material with at least
// kLeastShare of everything, or kLeastOfKind of one kind that is itself a symptom.
#pragma once

#include <vector>

#include "analysis/diagnosis/cause.hpp"

namespace elblab::diagnosis {

inline constexpr double kLeastShare = 0.05;
inline constexpr double kLeastOfKind = 0.2;
// A kind of failure is a symptom by itself from this share of the requests on.
inline constexpr double kSymptomShare = 0.005;

// One Granted per entry of claims. with_slow: slow answers are among what went wrong.
std::vector<Granted> divide(const Case& run, const std::vector<Claims>& claims, bool with_slow);

}  // namespace elblab::diagnosis
