// The case of ASCII letters, whatever the locale: names of scenarios, files and areas are compared
// without regard to it. Other bytes stay as they are.
#pragma once

#include <string>

namespace elblab::cli {

inline std::string lower(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

inline std::string upper(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

}  // namespace elblab::cli
