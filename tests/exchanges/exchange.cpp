#include "tests/exchanges/exchange.hpp"

#include <algorithm>
#include <charconv>
#include <sstream>
#include <stdexcept>

namespace elblab::exchanges {
namespace {

std::int64_t to_number(std::string_view text, std::int64_t otherwise) {
  if (text.starts_with('+')) text.remove_prefix(1);
  std::int64_t number = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

const std::string* Step::option(std::string_view key) const {
  const auto at = std::find_if(options.begin(), options.end(),
                               [key](const Option& option) { return option.key == key; });
  return at == options.end() ? nullptr : &at->value;
}

std::int64_t Step::number(std::string_view key, std::int64_t otherwise) const {
  const std::string* value = option(key);
  return value == nullptr ? otherwise : to_number(*value, otherwise);
}

std::int64_t Step::word_number(std::size_t index) const {
  return index < words.size() ? to_number(words[index], 0) : 0;
}

Step parse_step(std::string_view line) {
  std::istringstream words{std::string(line)};
  Step step;
  if (!(words >> step.verb)) throw std::invalid_argument("an empty step");
  for (std::string word; words >> word;) {
    const auto equals = word.find('=');
    if (equals == std::string::npos) {
      step.words.push_back(word);
    } else {
      step.options.push_back({word.substr(0, equals), word.substr(equals + 1)});
    }
  }
  return step;
}

std::vector<Exchange> parse_exchanges(std::string_view text) {
  std::vector<Exchange> exchanges;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    if (line.starts_with("== ")) {
      const Step heading = parse_step(line);
      if (heading.words.empty()) throw std::invalid_argument("an exchange without a name");
      const bool v6 =
          std::find(heading.words.begin(), heading.words.end(), "v6") != heading.words.end();
      exchanges.push_back({.name = heading.words.front(), .v6 = v6, .steps = {}, .expected = {}});
      continue;
    }
    if (exchanges.empty()) throw std::invalid_argument("a step before the first exchange: " + line);
    if (line.starts_with("| ")) {
      exchanges.back().expected += line.substr(2) + "\n";
      continue;
    }
    exchanges.back().steps.push_back(parse_step(line));
  }
  return exchanges;
}

std::string to_string(const Step& step) {
  std::string text = step.verb;
  for (const std::string& word : step.words) text += " " + word;
  for (const Step::Option& option : step.options) text += " " + option.key + "=" + option.value;
  return text;
}

std::string to_string(const Exchange& exchange) {
  std::string text = "== " + exchange.name + (exchange.v6 ? " v6" : "") + "\n";
  for (const Step& step : exchange.steps) text += to_string(step) + "\n";
  std::istringstream expected(exchange.expected);
  for (std::string line; std::getline(expected, line);) text += "| " + line + "\n";
  return text;
}

}  // namespace elblab::exchanges
