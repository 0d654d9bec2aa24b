// Cuts an exchange that differs down to the steps that matter.
#pragma once

#include "tests/fidelity/exchange_battery.hpp"

namespace elblab::fidelity {

// Leaves out steps, and shortens, as long as the first difference stays of one kind. Plays on the
// kernel all the while.
exchanges::Exchange shrink(exchanges::Exchange exchange, const BatteryOptions& options);

}  // namespace elblab::fidelity
