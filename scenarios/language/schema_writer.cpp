// The JSON Schema (draft 2020-12) of the language, from the table of fields.
//
// The schema is what an editor can check without knowing names: keys, types, units, ranges. What
// refers to something else (a host, a measure, a path of `set`) is left to the decoder.
#include <set>

#include "scenarios/language/scenario_file.hpp"
#include "scenarios/language/sections.hpp"

namespace elblab::language {
namespace {

using Shape = TypeInfo::Shape;

// Names, with or without a range: b1, b[1..4].
constexpr std::string_view kNamePattern =
    "^[A-Za-z0-9_-]+(\\[[0-9]+\\.\\.[0-9]+\\][A-Za-z0-9_-]*)?$";

std::string definition_name(const SectionInfo& section) {
  std::string name = section.name;
  for (char& c : name) c = c == ' ' ? '_' : c;
  return name;
}

class SchemaWriter {
 public:
  Json write(const SectionInfo& top, const std::string& title) {
    Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", title}};
    schema.update(object(top));
    schema["$defs"] = definitions_;
    return schema;
  }

 private:
  Json object(const SectionInfo& section) {
    Json properties = Json::object();
    Json required = Json::array();
    for (const FieldInfo& field : section.fields) {
      properties[field.name] = describe(field);
      if (field.required) required.push_back(field.name);
    }
    Json schema = {{"description", section.help},
                   {"type", "object"},
                   {"properties", properties},
                   {"additionalProperties", false}};
    if (!required.empty()) schema["required"] = required;
    return schema;
  }

  Json describe(const FieldInfo& field) {
    Json schema = type(field.type);
    std::string text = field.help;
    if (!field.default_text.empty()) text += "; default: " + field.default_text;
    schema["description"] = text;
    return schema;
  }

  Json type(const TypeInfo& type) {
    switch (type.shape) {
      case Shape::leaf:
      case Shape::settings:
        return type.schema;
      case Shape::section:
        return reference(*type.section);
      case Shape::named:
        return {{"type", "object"},
                {"patternProperties",
                 {{std::string(kNamePattern), or_nothing(reference(*type.section))}}},
                {"additionalProperties", false}};
      case Shape::listed:
        return {{"type", "array"}, {"items", reference(*type.section)}};
      case Shape::one_or_many:
        return {{"type", "object"},
                {"additionalProperties", {{"type", "array"}, {"items", reference(*type.section)}}}};
      case Shape::paths:
        return {{"type", "object"}};
    }
    return {};
  }

  // `symptom:` without a value is a run that changes nothing.
  static Json or_nothing(const Json& schema) { return {{"anyOf", {schema, {{"type", "null"}}}}}; }

  Json reference(const SectionInfo& section) {
    const std::string name = definition_name(section);
    if (seen_.insert(name).second) definitions_[name] = object(section);
    return {{"$ref", "#/$defs/" + name}};
  }

  Json definitions_ = Json::object();
  std::set<std::string> seen_;
};

}  // namespace

std::string json_schema() {
  return SchemaWriter().write(document_section().info(), "elblab scenario").dump(2) + "\n";
}

std::string balancer_json_schema() {
  const SectionInfo& top = balancer_document_section().info();
  return SchemaWriter().write(top, "elblab balancer").dump(2) + "\n";
}

}  // namespace elblab::language
