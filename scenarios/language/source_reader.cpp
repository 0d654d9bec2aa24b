#include "scenarios/language/source_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <memory>

#include "scenarios/language/name_expansion.hpp"
#include "scenarios/language/tree_loader.hpp"

namespace elblab::language {
namespace {

constexpr std::uintmax_t kLargestFile = 1 << 20;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string too_large(std::uintmax_t bytes) {
  return fmt::format("{} bytes: a scenario file has at most 1 MiB", bytes);
}

// Line and column of a byte, for bytes that no tree can hold.
Place place_at(const SourcePtr& source, std::size_t offset) {
  const std::string_view before = std::string_view(source->text()).substr(0, offset);
  const std::size_t newline = before.rfind('\n');
  const std::size_t column = newline == std::string_view::npos ? offset : offset - newline - 1;
  return {source, 1 + static_cast<int>(std::count(before.begin(), before.end(), '\n')),
          1 + static_cast<int>(column), 1};
}

}  // namespace

void error_about_file(const std::string& name, std::string message, Diagnostics& diagnostics,
                      std::string suggestion) {
  diagnostics.error({std::make_shared<Source>(name, std::string()), 0, 0, 1}, std::move(message),
                    std::move(suggestion));
}

std::optional<std::string> read_text(const std::filesystem::path& path, Diagnostics& diagnostics) {
  const auto refuse = [&](std::string message) {
    error_about_file(path.string(), std::move(message), diagnostics);
    return std::nullopt;
  };
  std::error_code failed;
  const auto status = std::filesystem::status(path, failed);
  if (failed || !std::filesystem::exists(status)) return refuse("there is no such file");
  if (!std::filesystem::is_regular_file(status)) return refuse("this is not a file");
  const std::uintmax_t size = std::filesystem::file_size(path, failed);
  if (failed) return refuse("cannot be read: " + failed.message());
  if (size > kLargestFile) return refuse(too_large(size));
  std::ifstream stream(path, std::ios::binary);
  std::string text(size, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(size));
  if (!stream) return refuse("cannot be read");
  return text;
}

ReadSource read_source(std::string_view text, const std::string& name, std::string_view beginning,
                       Diagnostics& diagnostics) {
  if (text.size() > kLargestFile) {
    error_about_file(name, too_large(text.size()), diagnostics);
    return {};
  }
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  ReadSource read;
  read.source = std::make_shared<Source>(name, std::string(text));
  if (const auto bad = find_bad_byte(text)) {
    diagnostics.error(place_at(read.source, bad->offset), bad->message);
    return read;
  }
  read.tree = load_tree(read.source, diagnostics);
  if (read.tree && read.tree->is_null() && diagnostics.empty()) {
    error_about_file(name, fmt::format("the file is empty: {}", beginning), diagnostics);
    read.tree.reset();
  }
  if (read.tree) expand_keys(*read.tree, diagnostics);
  return read;
}

}  // namespace elblab::language
