#include "live/network/stale_namespaces.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "live/network/namespace_name.hpp"
#include "live/network/network_namespace.hpp"

namespace elblab::live {
namespace {

std::vector<std::string> stale_names() {
  std::vector<std::string> names;
  std::error_code missing;  // no directory: nothing to do
  for (std::filesystem::directory_iterator entry(kNamespaceDirectory, missing), end;
       !missing && entry != end; entry.increment(missing)) {
    std::string name = entry->path().filename().string();
    const auto owner = namespace_owner(name);
    if (owner && identify_process(owner->pid) != owner) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

StaleNamespaces remove_stale_namespaces() {
  StaleNamespaces result;
  for (std::string& name : stale_names()) {
    if (auto removed = remove_named_namespace(name)) {
      result.removed.push_back(std::move(name));
    } else {
      result.failures.push_back(std::move(removed.error().message));
    }
  }
  return result;
}

}  // namespace elblab::live
