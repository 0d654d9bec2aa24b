// For test programs that make network namespaces: skipped, with the reason, where that is refused.
#pragma once

#include <cstdio>
#include <cstdlib>

#include "live/network/privileges.hpp"
#include "tests/must.hpp"

namespace elblab::live {

struct NeedsPrivileges {
  NeedsPrivileges() {
    if (const auto allowed = check_privileges(); !allowed) {
      std::printf("skipped: %s\n", allowed.error().message.c_str());
      std::fflush(stdout);
      std::_Exit(77);
    }
  }
};

}  // namespace elblab::live
