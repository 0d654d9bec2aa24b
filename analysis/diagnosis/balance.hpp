// Groups of which it can be said that their traffic is even: that nothing is there to be found is
// an answer, too (DIAG-10).
#pragma once

#include <string>
#include <vector>

#include "analysis/diagnosis/cause.hpp"

namespace elblab::diagnosis {

// "app is balanced: 4 servers got 24.9 … 25.1 % of 10,000 connections, within 0.1 % of what they
// were due". Of groups with two servers and enough connections to tell that are not uneven and
// whose shares are what their servers were due; none with uneven requests. Of least
// connections: "app is balanced by open connections: …".
std::vector<std::string> balanced_groups(const Case& run);

}  // namespace elblab::diagnosis
