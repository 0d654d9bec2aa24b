// What a refusal ends with, where the profile is why: "; profile dedicated allows it".
// Private to models/config.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "models/config/profile.hpp"

namespace elblab::config {

// fact: the catalogue row by which a profile allows it, where each has its own. "no profile allows
// it" where none does.
std::string allowing_profiles(
    const std::function<bool(const Profile&)>& allows,
    const std::function<std::string_view(const Profile&)>& fact = nullptr);

}  // namespace elblab::config
