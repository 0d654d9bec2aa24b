// Plays golden cases on this machine's kernel, all at once, each in a child process of its own
// whose namespaces end with it. The whole takes about as long as the longest case.
#pragma once

#include <string>
#include <vector>

#include "tests/golden/golden_case.hpp"
#include "tests/golden/transcript.hpp"

namespace elblab::fidelity {

struct KernelResult {
  golden::Transcript transcript;
  std::string failure;  // why there is no transcript; empty if there is one
};

// One result per case, in their order. Children that outlive `limit` are ended. The calling
// process must have one thread.
std::vector<KernelResult> play_on_kernel(const std::vector<golden::GoldenCase>& cases,
                                         Duration limit);

}  // namespace elblab::fidelity
