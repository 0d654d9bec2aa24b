#include "scenarios/language/tree_loader.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string_view>

#include "scenarios/language/characters.hpp"

namespace elblab::language {
namespace {

// YAML takes the [ of b[1..4] inside braces for the begin of a list. Written like that the range is
// unmistakable, so it is carried through the parser with other brackets: two bytes that UTF-8 does
// not have, which find_bad_byte keeps out of every text and no escape stands for, so that nothing
// else can become a bracket.
constexpr char kOpen = '\xFE';
constexpr char kClose = '\xFF';

// Position of the ] when `text` has "[<digits>..<digits>]" at `open`, else npos.
std::size_t end_of_range(std::string_view text, std::size_t open) {
  const auto skip_digits = [&](std::size_t i) {
    while (i < text.size() && is_digit(text[i])) ++i;
    return i;
  };
  const std::size_t dots = skip_digits(open + 1);
  if (dots == open + 1 || text.substr(dots, 2) != "..") return std::string_view::npos;
  const std::size_t close = skip_digits(dots + 2);
  const bool closed = close > dots + 2 && close < text.size() && text[close] == ']';
  return closed ? close : std::string_view::npos;
}

std::string mask_ranges(std::string text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] != '[' || !is_name_character(text[i - 1])) continue;
    const std::size_t close = end_of_range(text, i);
    if (close == std::string_view::npos) continue;
    text[i] = kOpen;
    text[close] = kClose;
    i = close;
  }
  return text;
}

std::string unmask_ranges(std::string text) {
  std::replace(text.begin(), text.end(), kOpen, '[');
  std::replace(text.begin(), text.end(), kClose, ']');
  return text;
}

// yaml-cpp gives \N and \_ (U+0085 and U+00A0) as a byte each, which UTF-8 begins no character
// with.
std::string complete_characters(std::string text) {
  for (std::size_t i = 0; i < text.size(); i += std::max<std::size_t>(1, utf8_length(text, i))) {
    if (text[i] == '\x85' || text[i] == '\xA0') text.insert(i++, 1, '\xC2');
  }
  return text;
}

// Ends parsing early; never leaves this file.
struct Refused {
  Place place;
  std::string message;
};

// Builds the tree from events. A stack of open containers; the key of a map waits for its value.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(const SourcePtr& source, Diagnostics& diagnostics)
      : source_(source), diagnostics_(diagnostics) {}

  Node take() { return std::move(root_); }
  bool has_document() const { return documents_ > 0; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) {
      throw Refused{place(mark, 3),
                    "a scenario file holds one YAML document; here a second starts"};
    }
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    Node node;
    node.place = expecting_key() ? place(mark, 1)
                 : open_.empty() ? place(mark, 1)
                                 : null_place(mark);
    if (expecting_key()) throw Refused{node.place, "a key is missing here"};
    add(std::move(node));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refused{place(mark, 1),
                  "aliases (*name) are not part of the language; use names like b[1..4] or runs"};
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& masked) override {
    const std::string value = complete_characters(unmask_ranges(masked));
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    const bool quoted = tag == "!";
    const Place where = place(mark, static_cast<int>(value.size()) + (quoted ? 2 : 0));
    if (expecting_key()) return start_entry(value, where);
    Node node = Node::scalar(value, quoted);
    node.place = where;
    add(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::list(), mark, tag, anchor);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::map(), mark, tag, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node node;
    std::string key;  // map: of the value that comes next
    Place key_place;
    bool has_key = false;
    std::set<std::string, std::less<>> keys;
  };

  Place place(const YAML::Mark& mark, int length) const {
    return {source_, mark.line + 1, mark.column + 1, std::max(1, length)};
  }
  // yaml-cpp marks an absent value at the next token; the key tells more.
  Place null_place(const YAML::Mark& mark) const {
    const Open& top = open_.back();
    return top.has_key ? top.key_place : place(mark, 1);
  }
  bool expecting_key() const {
    return !open_.empty() && open_.back().node.is_map() && !open_.back().has_key;
  }
  void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) const {
    if (anchor != 0) {
      throw Refused{place(mark, 1),
                    "anchors (&name) are not part of the language; use names like b[1..4] or runs"};
    }
  }
  void refuse_tag(const YAML::Mark& mark, const std::string& tag) const {
    if (!tag.empty() && tag != "?" && tag != "!") {
      throw Refused{place(mark, 1), "tags (" + tag + ") are not part of the language"};
    }
  }
  void start_entry(const std::string& key, const Place& where) {
    Open& top = open_.back();
    if (key == "<<") {
      diagnostics_.error(where,
                         "merge keys (<<) are not part of the language; use names like "
                         "b[1..4] or runs");
    } else if (!top.keys.insert(key).second) {
      diagnostics_.error(where, fmt::format("key '{}' stands here a second time", key));
    }
    top.key = key;
    top.key_place = where;
    top.has_key = true;
  }
  void open(Node node, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    node.place = place(mark, 1);
    if (expecting_key())
      throw Refused{node.place, "a key must be a single word; or is this bracket not closed?"};
    if (open_.size() >= static_cast<std::size_t>(kDeepestLevel)) {
      throw Refused{node.place, fmt::format("nested deeper than {} levels", kDeepestLevel)};
    }
    open_.push_back({std::move(node), {}, {}, false, {}});
  }
  void close() {
    Node done = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(done));
  }
  void add(Node node) {
    if (++nodes_ > kMostNodes) {
      throw Refused{node.place, fmt::format("more than {} values", kMostNodes)};
    }
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& top = open_.back();
    if (top.node.is_list()) {
      top.node.items.push_back(std::move(node));
      return;
    }
    top.node.entries.push_back({std::move(top.key), top.key_place, std::move(node)});
    top.has_key = false;
  }

  SourcePtr source_;
  Diagnostics& diagnostics_;
  std::vector<Open> open_;
  Node root_;
  int documents_ = 0;
  std::size_t nodes_ = 0;
};

std::string readable(const YAML::Exception& error) {
  return error.msg.empty() ? "not valid YAML" : "not valid YAML: " + error.msg;
}

}  // namespace

std::optional<Node> load_tree(const SourcePtr& source, Diagnostics& diagnostics) {
  TreeBuilder builder(source, diagnostics);
  try {
    std::istringstream stream(mask_ranges(source->text()));
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    return builder.take();
  } catch (const Refused& refused) {
    diagnostics.error(refused.place, refused.message);
  } catch (const YAML::Exception& error) {
    const bool placed = !error.mark.is_null();
    diagnostics.error(
        {source, placed ? error.mark.line + 1 : 0, placed ? error.mark.column + 1 : 0, 1},
        readable(error));
  } catch (const std::exception& error) {
    diagnostics.error({source, 0, 0, 1}, std::string("not readable: ") + error.what());
  }
  return std::nullopt;
}

}  // namespace elblab::language
