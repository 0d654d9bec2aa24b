// For test programs that make network namespaces: skipped, with the reason, where that is refused.
#pragma once

#include <boost/test/unit_test.hpp>
#include <cstdio>
#include <cstdlib>

#include "live/network/failure.hpp"
#include "live/network/privileges.hpp"

namespace elblab::live {

struct NeedsPrivileges {
  NeedsPrivileges() {
    if (const auto refused = live_refused()) {
      std::printf("skipped: %s\n", refused->c_str());
      std::fflush(stdout);
      std::_Exit(77);
    }
  }
};

inline void require_success(const Failure& failure) {
  BOOST_REQUIRE_MESSAGE(!failure, failure.value_or(""));
}

}  // namespace elblab::live
