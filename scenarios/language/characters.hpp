// Which characters make numbers and names. ASCII, whatever the locale.
#pragma once

namespace elblab::language {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }

inline bool is_name_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
}

}  // namespace elblab::language
