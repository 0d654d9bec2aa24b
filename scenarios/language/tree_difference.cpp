#include "scenarios/language/tree_difference.hpp"

#include "scenarios/language/yaml_writer.hpp"

namespace elblab::language {
namespace {

void find_differences(const Node& before, const Node& after, DottedPath& path,
                      std::vector<Difference>& found) {
  std::vector<std::string> keys;
  for (const Entry& entry : before.entries) keys.push_back(entry.key);
  for (const Entry& entry : after.entries) {
    if (!before.find(entry.key)) keys.push_back(entry.key);
  }
  for (const std::string& key : keys) {
    const Entry* was = before.find(key);
    const Entry* is = after.find(key);
    path.push_back(key);
    if (was && is && was->value.is_map() && is->value.is_map()) {
      find_differences(was->value, is->value, path, found);
    } else {
      const std::string old_text = was ? inline_yaml(was->value) : std::string();
      const std::string new_text = is ? inline_yaml(is->value) : std::string();
      if (old_text != new_text) found.push_back({path, old_text, new_text});
    }
    path.pop_back();
  }
}

}  // namespace

std::vector<Difference> differences_of(const Node& before, const Node& after) {
  std::vector<Difference> found;
  DottedPath path;
  find_differences(before, after, path, found);
  return found;
}

}  // namespace elblab::language
