#include "scenarios/catalogue/search.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <set>

namespace elblab::catalogue {
namespace {

constexpr std::size_t kShortestStem = 4;
constexpr std::size_t kLongestEnding = 4;

constexpr std::array<std::string_view, 38> kSayNothing{
    "a",   "an", "and", "are",  "at",  "be",   "by",  "can",  "do",   "does", "for", "from", "has",
    "how", "i",  "if",  "in",   "is",  "it",   "its", "many", "may",  "me",   "my",  "not",  "of",
    "on",  "or", "so",  "that", "the", "then", "to",  "we",   "what", "when", "why", "with"};

bool says_nothing(const std::string& word) {
  return std::find(kSayNothing.begin(), kSayNothing.end(), word) != kSayNothing.end();
}

// Not what follows an apostrophe ("server's"): it would be a word "s".
bool is_part(unsigned char c) { return std::isalnum(c) != 0 || c >= 0x80; }
bool joins(char c) { return c == '-' || c == '_' || c == '.' || c == '/'; }

bool matches(const std::string& wanted, const std::string& word) {
  if (word.starts_with(wanted)) return true;
  if (word.size() < kShortestStem || !wanted.starts_with(word)) return false;
  const std::string_view ending = std::string_view(wanted).substr(word.size());
  return ending.size() <= kLongestEnding &&
         std::all_of(ending.begin(), ending.end(), [](unsigned char c) { return is_part(c); });
}

std::size_t count_found(const std::vector<std::string>& wanted, const std::string& text) {
  const auto words = words_of(text);
  return static_cast<std::size_t>(
      std::count_if(wanted.begin(), wanted.end(), [&](const std::string& one) {
        return std::any_of(words.begin(), words.end(),
                           [&](const std::string& word) { return matches(one, word); });
      }));
}

std::string text_of(const Question& question) {
  std::string text = question.asks;
  for (const std::string& word : question.words) text += " " + word;
  return text;
}

std::string text_of(const KnownScenario& scenario, const Catalogue& catalogue) {
  std::string text = scenario.title + " " + scenario.area;
  if (const Area* area = catalogue.area(scenario.area)) text += " " + area->title;
  const Row* row = catalogue.row(scenario.id);
  if (row != nullptr && row->kind == RowKind::test_case) text += " " + row->says;
  return text;
}

// Visits every text that can be found: `visit(text, target)` with a pointer to what it belongs to.
template <class Visit>
void for_each_text(const Coverage& coverage, const Visit& visit) {
  const Catalogue& catalogue = coverage.catalogue();
  for (const Question& question : catalogue.questions()) visit(text_of(question), &question);
  for (const KnownScenario& scenario : coverage.scenarios()) {
    visit(text_of(scenario, catalogue), &scenario);
  }
  for (const Row& row : catalogue.rows()) {
    if (coverage.of(row).scenario == nullptr) visit(row.says, &row);
  }
}

// Keeps what has as many of the words as the best one.
class Collector {
 public:
  explicit Collector(std::vector<std::string> wanted)
      : wanted_(std::move(wanted)), most_((wanted_.size() + 1) / 2) {}

  template <class Target>
  void operator()(const std::string& text, const Target* target) {
    const std::size_t found = count_found(wanted_, text);
    if (found == 0 || found < most_) return;
    if (found > most_) found_ = {};
    most_ = found;
    add(target);
  }

  Matches take() {
    found_.is_partial = most_ < wanted_.size();
    return std::move(found_);
  }

 private:
  void add(const Question* question) { found_.questions.push_back(question); }
  void add(const KnownScenario* scenario) { found_.scenarios.push_back(scenario); }
  void add(const Row* row) {
    (row->kind == RowKind::fact ? found_.facts : found_.cases).push_back(row);
  }

  std::vector<std::string> wanted_;
  std::size_t most_;
  Matches found_;
};

}  // namespace

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto end_word = [&] {
    while (!word.empty() && joins(word.back())) word.pop_back();
    if (!word.empty()) words.push_back(std::move(word));
    word.clear();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (is_part(c)) {
      word += static_cast<char>(std::tolower(c));
    } else if (joins(text[i]) && !word.empty()) {
      word += text[i];
    } else {
      end_word();
      if (text[i] == '\'' && i + 1 < text.size() && text[i + 1] == 's') ++i;
    }
  }
  end_word();
  return words;
}

Matches find_words(const Coverage& coverage, std::string_view text) {
  auto wanted = words_of(text);
  auto telling = wanted;
  telling.erase(std::remove_if(telling.begin(), telling.end(), says_nothing), telling.end());
  if (!telling.empty()) wanted = std::move(telling);
  if (wanted.empty()) return {};
  Collector collector(std::move(wanted));
  for_each_text(coverage,
                [&](const std::string& found, const auto* target) { collector(found, target); });
  return collector.take();
}

std::vector<std::string> vocabulary(const Coverage& coverage) {
  std::vector<std::string> words;
  std::set<std::string> known;
  for_each_text(coverage, [&](const std::string& text, const auto*) {
    for (std::string& word : words_of(text)) {
      if (!says_nothing(word) && known.insert(word).second) words.push_back(std::move(word));
    }
  });
  return words;
}

}  // namespace elblab::catalogue
