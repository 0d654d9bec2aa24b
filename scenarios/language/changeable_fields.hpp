// What of a balancer may change while it runs, and what the audit trace calls a change of it
// (CTS-03, CTS-06, CTS-08, CTS-09). Everything else is refused by name.
#pragma once

#include <string_view>

#include "scenarios/language/dotted_path.hpp"

namespace elblab::language {

struct ChangeableField {
  std::string_view pattern;   // below the balancer's own path; * stands for a name
  std::string_view resource;  // empty: it is not the balancer's own
  // What a value that comes, changes and goes is called.
  std::string_view added;
  std::string_view updated;
  std::string_view removed;
};

// "at run time change: …"
extern const std::string_view kChangeableText;

// path: below the balancer. nullptr: it cannot change.
const ChangeableField* find_changeable(const DottedPath& path);

}  // namespace elblab::language
