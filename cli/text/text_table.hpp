// Rows of cells as aligned text.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace elblab::cli {

class TextTable {
 public:
  // alignment: one letter per column, 'l' or 'r'.
  TextTable(std::size_t indent, std::string alignment);

  // As many cells as there are columns; styled cells are fine.
  void add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }
  // Two spaces between columns; an empty last cell leaves no blanks behind.
  std::string text() const;

 private:
  std::size_t indent_;
  std::string alignment_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace elblab::cli
