#include "models/config/allowing_profiles.hpp"

namespace elblab::config {

std::string allowing_profiles(const std::function<bool(const Profile&)>& allows,
                              const std::function<std::string_view(const Profile&)>& fact) {
  std::string names;
  std::size_t count = 0;
  for (const Profile& profile : profiles()) {
    if (!allows(profile)) continue;
    if (count++ > 0) names += " and ";
    names += profile.name;
    if (fact) names.append(" (").append(fact(profile)).append(")");
  }
  if (count == 0) return "no profile allows it";
  return count == 1 ? "profile " + names + " allows it" : "profiles " + names + " allow it";
}

}  // namespace elblab::config
