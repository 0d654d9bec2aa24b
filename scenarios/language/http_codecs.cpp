#include "scenarios/language/http_codecs.hpp"

#include <algorithm>

#include "scenarios/language/characters.hpp"

namespace elblab::language {
namespace {

using workload::HttpPage;

Codec<std::uint16_t> status() { return integer<std::uint16_t>(100, 599); }

// What a request line can name: visible ASCII, and no query, which no page is told apart by.
bool is_path(std::string_view text) {
  return text.starts_with('/') && std::ranges::all_of(text, [](char c) {
           return c > ' ' && c < 0x7F && c != '?' && c != '#';
         });
}

bool read_page(const Entry& entry, Diagnostics& d, HttpPage& page) {
  if (!is_path(entry.key)) {
    d.error(entry.key_place,
            fmt::format("'{}' is not a path: it begins with '/' and holds no blank, '?' or '#'",
                        entry.key));
    return false;
  }
  page.path = entry.key;
  if (entry.value.is_null()) {
    d.error(entry.key_place, fmt::format("'{}' needs a status: {}", entry.key, status().type.text));
    return false;
  }
  return status().read(entry.value, d, page.status);
}

bool read_pages(const Node& node, Diagnostics& d, std::vector<HttpPage>& pages) {
  if (!node.is_map() && !node.is_null()) {
    d.error(node.place,
            fmt::format("expected a map of paths to status codes, not {}", kind_name(node.kind)));
    return false;
  }
  const std::size_t errors = d.size();
  std::vector<HttpPage> read;
  for (const Entry& entry : node.entries) {
    if (d.full()) break;
    HttpPage page;
    if (read_page(entry, d, page)) read.push_back(std::move(page));
  }
  if (d.size() != errors) return false;
  pages = std::move(read);
  return true;
}

Node write_pages(const std::vector<HttpPage>& pages) {
  Node node = Node::map();
  for (const HttpPage& page : pages) node.put(page.path, status().write(page.status));
  return node;
}

bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 &&
         std::ranges::all_of(text, [](char c) { return is_name_character(c) || c == '.'; });
}

Expected<std::string> parse_host_name(std::string_view text) {
  if (is_host_name(text)) return std::string(text);
  return Error{fmt::format(
      "'{}' is not the name of a host: letters, digits, '-', '_' and '.', without a port", text)};
}

}  // namespace

Codec<std::vector<HttpPage>> http_pages() {
  const Json schema = {{"type", "object"},
                       {"propertyNames", {{"pattern", "^/[!-\"$->@-~]*$"}}},
                       {"additionalProperties", status().type.schema}};
  return {{"map of paths to status codes", schema, TypeInfo::Shape::settings, nullptr},
          read_pages,
          write_pages};
}

Codec<std::string> host_name() {
  const Json schema = {{"type", "string"}, {"pattern", "^[A-Za-z0-9_.-]+$"}, {"maxLength", 253}};
  return scalar_codec<std::string>({"name of a host", schema}, parse_host_name,
                                   [](const std::string& name) { return name; });
}

}  // namespace elblab::language
