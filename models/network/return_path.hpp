// Which node gets an answer that flows of several nodes claim (FTC-15): among flows that are not over,
// the one that began last or first, or none.
#pragma once

#include <cstdint>

namespace elblab::network {

enum class ReturnPath : std::uint8_t { newest, oldest, drop };

}  // namespace elblab::network
