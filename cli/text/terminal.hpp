// What the command may assume about where its text goes: colour, width, redrawing; and the
// widths of texts.
//
// Whatever a text holds, a terminal gets nothing to obey: what is written passes safe_text()
// (analysis/export/safe_text.hpp), and the only control sequences that leave are those of styled()
// and draw_over(). On its way from styled() to write() a style is a mark that no file can know.
//
// Colour: only on a terminal, never with NO_COLOR set (no-color.org) or TERM=dumb. Text is UTF-8;
// one code point is one column (the program writes no wide characters).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace elblab::cli {

enum class Style : std::uint8_t { plain, bold, dim, good, bad };

class Terminal {
 public:
  // stream: stdout or stderr; not owned.
  explicit Terminal(std::FILE* stream);

  bool is_interactive() const { return interactive_; }
  // Columns now (a window may be resized); 100 when nobody says.
  std::size_t width() const;
  std::string styled(std::string_view text, Style style) const;
  void write(std::string_view text);
  // In place of the last `lines` lines, and of the line that the cursor is in. Only where
  // is_interactive().
  void draw_over(std::size_t lines, std::string_view text);
  void flush();
  // False when what is written here goes nowhere any more (standard_streams.hpp).
  bool ok() const;

 private:
  void put(std::string_view bytes);

  std::FILE* stream_;
  bool interactive_;
  bool coloured_;
};

// Columns that a UTF-8 text takes, styles not counted.
std::size_t columns_of(std::string_view text);
// Cut with "…" to at most `columns`, or filled up with spaces. `text` holds no styles.
std::string fitted(std::string_view text, std::size_t columns);
std::string padded(std::string_view text, std::size_t columns);

// 0.42 s, 6.0 s, 2 min 05 s
std::string wall_time_text(double seconds);

}  // namespace elblab::cli
