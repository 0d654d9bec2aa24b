// How a test program says that it cannot run here: the reason, and CTest's exit code for it.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace elblab::peers {

[[noreturn]] inline void skip(const char* reason) {
  std::printf("skipped: %s\n", reason);
  std::fflush(stdout);
  std::_Exit(77);
}

}  // namespace elblab::peers
