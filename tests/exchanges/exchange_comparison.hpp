// Whether two hosts did the same in an exchange, and if not, what kind of difference comes first.
#pragma once

#include <string>

#include "tests/golden/transcript.hpp"

namespace elblab::exchanges {

struct Comparison {
  bool whole = true;     // every packet and every outcome
  bool outcome = true;   // what the applications saw
  std::string expected;  // the first lines that differ
  std::string actual;
  std::string kind;  // both, without numbers: for counting
};

// Packets of the host must come in the same order, with the same text, and at times that differ by
// no more than `tolerance` plus an eighth of the time: the kernel's timer wheel (timer.c). What
// peers send is compared as a stream of its own: a line of one beside a line of the other may
// change places within the tolerance.
Comparison compare(const golden::Transcript& expected, const golden::Transcript& actual,
                   Duration tolerance = std::chrono::milliseconds(25));

}  // namespace elblab::exchanges
