// What the causes of lost sessions (DIAG-13, STK-24) have in common. Of failures and slow answers
// they explain nothing, and rank below what does.
#pragma once

#include "analysis/diagnosis/cause.hpp"
#include "analysis/diagnosis/user_book.hpp"

namespace elblab::diagnosis {

// From this share of the lost sessions on one is a cause, as in blame.hpp.
inline constexpr double kLeastOfLost = 0.05;

bool loses_sessions(const Case& run, SwitchCause cause);

// Why a cause is none: nobody has a session, none was lost, or by others alone. `untouched`: what
// it is of those, "the servers that users were bound to took them".
Finding no_sessions_lost(const Case& run, Finding finding, SwitchCause cause,
                         const std::string& untouched);

// Found, certain, with its share and this first piece of evidence: how many, whose, when.
Finding sessions_lost(const Case& run, Finding finding, SwitchCause cause, const std::string& how);

}  // namespace elblab::diagnosis
