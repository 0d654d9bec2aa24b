// How the rows of the catalogue are named, and how texts cite them.
//
// A row is FAMILY-NUMBER: "BW-07"; cases of a family that has facts too carry an S: "STK-S02"; a
// letter names an item of a row ("SCH-15e") or is part of the name ("SC-400a"). A range cites the
// rows of one family between two numbers: "HC-45..52", "MET-01 … MET-08".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace elblab::catalogue {

struct RowId {
  std::string family;  // what the number follows: "BW-", "STK-S"
  unsigned number = 0;
  char item = 0;  // 'a' … 'z', 0 without

  // "BW-07": at least two digits.
  std::string to_string() const;
};

// The whole text, capital letters and two or three digits: "BW-07". nullopt for anything else.
std::optional<RowId> parse_row_id(std::string_view text);

// One place of a text that names a row, or the first and the last of a range.
struct Mention {
  std::size_t offset = 0;  // bytes from the start of the text
  std::size_t length = 0;
  RowId first;
  std::optional<RowId> last;
};

// In the order of the text. Whether such rows exist is for the catalogue to say: "UTF-16" is a
// mention too. O(bytes).
std::vector<Mention> mentions_in(std::string_view text);

// "IMB-01..06, IMB-08": runs of three and more neighbours become a range. The order is kept.
std::string listed_in_short(const std::vector<std::string>& ids);

}  // namespace elblab::catalogue
