#include "scenarios/language/diagnostics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace elblab::language {
namespace {

// Longest part of a source line that is shown.
constexpr int kShownCharacters = 160;

bool starts_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

int count_characters(std::string_view text) {
  return static_cast<int>(std::count_if(text.begin(), text.end(), starts_character));
}

// Characters [first, first + count) of a UTF-8 text; tabs as one blank, so that the caret fits.
std::string characters(std::string_view text, int first, int count) {
  std::string result;
  int index = -1;
  for (const char byte : text) {
    if (starts_character(byte)) ++index;
    if (index >= first && index < first + count) result += byte == '\t' ? ' ' : byte;
  }
  return result;
}

bool is_unprintable(char byte) {
  const auto b = static_cast<unsigned char>(byte);
  return b < 0x20 || b > 0x7E;
}

Diagnostic locate(const Place& place, std::string message, std::string suggestion) {
  Diagnostic d;
  d.message = std::move(message);
  d.suggestion = std::move(suggestion);
  if (!place.source) return d;
  d.file = place.source->name();
  if (place.line < 1) return d;
  const std::string_view line = place.source->line(place.line);
  const auto offset =
      std::min(line.size(), static_cast<std::size_t>(std::max(0, place.column - 1)));
  const auto length = std::min(line.size() - offset, static_cast<std::size_t>(place.length));
  d.line = place.line;
  d.column = count_characters(line.substr(0, offset)) + 1;
  d.length = std::max(1, count_characters(line.substr(offset, length)));
  d.source_line = std::string(line);
  if (find_bad_byte(line)) {
    // A terminal would obey control characters. Each byte as one character: the caret still fits.
    d.column = static_cast<int>(offset) + 1;
    d.length = std::max(1, static_cast<int>(length));
    std::replace_if(d.source_line.begin(), d.source_line.end(), is_unprintable, '.');
  }
  return d;
}

}  // namespace

std::string Diagnostic::to_string() const {
  std::string text = file.empty() ? "scenario" : file;
  if (line > 0) text += fmt::format(":{}:{}", line, column);
  text += ": " + message;
  if (line == 0) return suggestion.empty() ? text : text + " " + suggestion;

  // A very long line is shown from shortly before the caret.
  const int total = count_characters(source_line);
  const int first = total <= kShownCharacters ? 0 : std::max(0, column - 1 - kShownCharacters / 2);
  const int shown = std::min(total - first, kShownCharacters);
  const int carets = std::max(1, std::min(length, shown - (column - 1 - first)));
  text += fmt::format("\n{:>5} | {}", line, characters(source_line, first, shown));
  text += fmt::format("\n{:>5} | {}{}", "",
                      std::string(static_cast<std::size_t>(column - 1 - first), ' '),
                      std::string(static_cast<std::size_t>(carets), '^'));
  if (!suggestion.empty()) text += " " + suggestion;
  return text;
}

void Diagnostics::error(const Place& place, std::string message, std::string suggestion) {
  if (full() || !known_.insert(key(place)).second) return;
  errors_.push_back({place, std::move(message), std::move(suggestion)});
}

std::vector<Diagnostic> Diagnostics::take() {
  std::vector<std::size_t> order(errors_.size());
  std::iota(order.begin(), order.end(), 0u);
  // Sources in the order in which they first erred; lines and columns within one.
  std::vector<const Source*> sources;
  for (const Located& error : errors_) {
    const Source* source = error.place.source.get();
    if (std::find(sources.begin(), sources.end(), source) == sources.end()) {
      sources.push_back(source);
    }
  }
  const auto rank = [&](std::size_t i) {
    const Place& place = errors_[i].place;
    const auto found = std::find(sources.begin(), sources.end(), place.source.get());
    return std::tuple(found - sources.begin(), place.line, place.column);
  };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return rank(a) < rank(b); });

  std::vector<Diagnostic> sorted;
  for (const std::size_t i : order) {
    if (sorted.size() == kShown) break;
    // The text around a place is looked at for those only that are shown: a line may be long.
    Located& error = errors_[i];
    sorted.push_back(locate(error.place, std::move(error.message), std::move(error.suggestion)));
  }
  if (order.size() > kShown) {
    Diagnostic rest;
    rest.file = sorted.front().file;
    rest.message = fmt::format("{}{} more errors are not shown",
                               order.size() >= kMost ? "at least " : "", order.size() - kShown);
    sorted.push_back(std::move(rest));
  }
  errors_.clear();
  known_.clear();
  return sorted;
}

std::string did_you_mean(const std::string& name) {
  return name.empty() ? std::string() : fmt::format("did you mean '{}'?", name);
}

}  // namespace elblab::language
