// docs/scenario-reference.md, from the table of fields.
#include <fmt/format.h>

#include <set>

#include "scenarios/language/scenario_file.hpp"
#include "scenarios/language/sections.hpp"

namespace elblab::language {
namespace {

using Shape = TypeInfo::Shape;

// A bar would end the cell.
std::string cell(std::string text) {
  for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2)) {
    text.replace(at, 1, "\\|");
  }
  return text;
}

std::string anchor(const SectionInfo& section) {
  std::string text = section.name;
  for (char& c : text) c = c == ' ' ? '-' : c;
  return text;
}

std::string type_text(const TypeInfo& type) {
  if (!type.section) return type.text;
  const std::string link = fmt::format("[{}](#{})", type.section->name, anchor(*type.section));
  switch (type.shape) {
    case Shape::named:
      return "map of names to " + link;
    case Shape::listed:
      return "list of " + link;
    case Shape::one_or_many:
      return "map of runs to lists of " + link;
    default:
      return link;
  }
}

std::string default_text(const FieldInfo& field) {
  if (field.required) return "**required**";
  if (!field.choice.empty()) return "one " + field.choice;
  return field.default_text;
}

class ReferenceWriter {
 public:
  std::string write() {
    text_ =
        "# Scenario reference\n\n"
        "Every field of a scenario file, and of [a balancer file](#the-balancer-file). This page "
        "is\n"
        "generated from the table of fields that the parser uses (`scenarios/language`);\n"
        "[scenario-language.md](scenario-language.md) tells how to write one. Paths for `set` and "
        "`--set` are the field names joined by dots.\n";
    add(document_section().info());
    add(balancer_document_section().info());
    add(addressed_server_section().info());
    settings();
    return text_;
  }

 private:
  // Depth first, so that a section follows the one that first mentions it.
  void add(const SectionInfo& section) {
    if (!seen_.insert(section.name).second) return;
    text_ +=
        fmt::format("\n## {}\n\n{}\n\n| field | value | default | meaning |\n|---|---|---|---|\n",
                    section.name, section.help);
    for (const FieldInfo& field : section.fields) {
      text_ += fmt::format("| `{}` | {} | {} | {} |\n", field.name, cell(type_text(field.type)),
                           cell(default_text(field)), cell(field.help));
    }
    for (const FieldInfo& field : section.fields) {
      if (field.type.section) add(*field.type.section);
    }
  }

  void settings() {
    text_ +=
        "\n## Kernel settings\n\n"
        "Names and units are those of `/proc/sys`. `net.ipv4.ip_local_port_range` takes both "
        "ports:\n"
        "`\"32768 60999\"` or `[32768, 60999]`.\n\n"
        "| setting | range | default | meaning |\n|---|---|---|---|\n";
    const host::Sysctls defaults;
    for (const host::SysctlEntry& entry : host::sysctl_table()) {
      text_ += fmt::format("| `{}` | {} … {} | {} | {} |\n", entry.name, entry.low, entry.high,
                           defaults.*entry.member, cell(std::string(entry.help)));
    }
  }

  std::string text_;
  std::set<std::string> seen_;
};

}  // namespace

std::string reference_markdown() { return ReferenceWriter().write(); }

}  // namespace elblab::language
