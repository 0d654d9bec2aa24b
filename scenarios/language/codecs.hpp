// Readers and writers of the kinds of value that fields hold. See field.hpp.
#pragma once

#include <fmt/format.h>

#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "models/config/load_balancer.hpp"
#include "models/net/address.hpp"
#include "scenarios/language/field.hpp"
#include "scenarios/language/name_expansion.hpp"
#include "scenarios/language/quantities.hpp"

namespace elblab::language {

// From two plain functions: text -> value or reason, value -> text. `plain` values (numbers,
// true/false) are not written in quotes.
template <typename V>
Codec<V> scalar_codec(const TypeInfo& type, std::function<Expected<V>(std::string_view)> parse,
                      std::function<std::string(const V&)> format, bool plain = false) {
  Codec<V> codec;
  codec.type = type;
  codec.read = [type, parse, plain](const Node& node, Diagnostics& d, V& value) {
    if (!node.is_scalar()) {
      d.error(node.place, fmt::format("expected {}, not {}", type.text, kind_name(node.kind)));
      return false;
    }
    if (plain && node.quoted) {
      d.error(node.place, fmt::format("expected {}, not text in quotes", type.text));
      return false;
    }
    Expected<V> parsed = parse(node.text);
    if (!parsed) {
      d.error(node.place, parsed.error().message);
      return false;
    }
    value = std::move(*parsed);
    return true;
  };
  codec.write = [format](const V& value) { return Node::scalar(format(value)); };
  return codec;
}

// Whole numbers low..high.
template <typename I>
Codec<I> integer(std::int64_t low, std::int64_t high) {
  const Json schema = {{"type", "integer"}, {"minimum", low}, {"maximum", high}};
  return scalar_codec<I>(
      {fmt::format("whole number {} … {}", low, high), schema},
      [low, high](std::string_view text) -> Expected<I> {
        const Expected<std::int64_t> parsed = parse_integer(text);
        if (!parsed) return parsed.error();
        if (*parsed < low || *parsed > high) {
          return Error{fmt::format("{} is out of range: allowed are {} … {}", text, low, high)};
        }
        return static_cast<I>(*parsed);
      },
      [](const I& value) { return fmt::format("{}", value); }, true);
}

// One of a few words.
template <typename E>
Codec<E> choice(std::vector<std::pair<std::string, E>> words) {
  Json names = Json::array();
  std::string list;
  std::vector<std::string> known;
  for (const auto& [word, value] : words) {
    names.push_back(word);
    known.push_back(word);
    list += (list.empty() ? "" : ", ") + word;
  }
  Codec<E> codec;
  codec.type = {"one of " + list, Json{{"enum", names}}};
  codec.read = [words, known, list](const Node& node, Diagnostics& d, E& value) {
    for (const auto& [word, meaning] : words) {
      if (!node.is_scalar() || node.text != word) continue;
      value = meaning;
      return true;
    }
    const std::string given =
        node.is_scalar() ? "'" + node.text + "'" : std::string(kind_name(node.kind));
    const std::string near = node.is_scalar() ? nearest(node.text, known) : std::string();
    d.error(node.place, given + " is not one of: " + list, did_you_mean(near));
    return false;
  };
  codec.write = [words](const E& value) {
    for (const auto& [word, meaning] : words) {
      if (meaning == value) return Node::scalar(word);
    }
    return Node::scalar("");
  };
  return codec;
}

Codec<bool> boolean();
Codec<std::string> text();  // any single value
Codec<std::string> name();  // letters, digits, - and _
Codec<Duration> duration(Duration low = Duration(0), Duration high = std::chrono::hours(24 * 365));
Codec<double> bit_rate();
Codec<double> per_second();
Codec<std::uint64_t> size(std::uint64_t low, std::uint64_t high);
Codec<double> share();  // 0 … 1, also as percent
Codec<net::IpAddress> address();
Codec<net::Subnet> subnet();
Codec<config::PortRange> port_range();  // 80 or 80-90

// A map of fields.
template <typename T>
Codec<T> section(const Section<T>& fields) {
  Codec<T> codec;
  codec.type = {fields.info().name, {}, TypeInfo::Shape::section, &fields.info()};
  codec.read = [&fields](const Node& node, Diagnostics& d, T& value) {
    const std::size_t errors = d.size();
    fields.read(node, node.place, d, value);
    return d.size() == errors;
  };
  codec.write = [&fields](const T& value) { return fields.write(value); };
  return codec;
}

// name -> section; the name is stored in the element. Order of the file.
template <typename T>
Codec<std::vector<T>> named(const Section<T>& fields, std::string T::*member) {
  Codec<std::vector<T>> codec;
  codec.type = {
      "map of names to " + fields.info().name, {}, TypeInfo::Shape::named, &fields.info()};
  codec.read = [&fields, member](const Node& node, Diagnostics& d, std::vector<T>& values) {
    if (!node.is_map() && !node.is_null()) {
      d.error(node.place, fmt::format("expected a map of names, each with its {}, not {}",
                                      fields.info().name, kind_name(node.kind)));
      return false;
    }
    static const Codec<std::string> kName = name();
    const std::size_t errors = d.size();
    std::vector<T> read;
    for (const Entry& entry : node.entries) {
      if (d.full()) break;
      std::string checked;
      Node as_name = Node::scalar(entry.key);
      as_name.place = entry.key_place;
      if (!kName.read(as_name, d, checked)) continue;
      T value{};
      value.*member = entry.key;
      fields.read(entry.value, entry.key_place, d, value);
      read.push_back(std::move(value));
    }
    values = std::move(read);
    return d.size() == errors;
  };
  codec.write = [&fields, member](const std::vector<T>& values) {
    Node node = Node::map();
    for (const T& value : values) node.put(value.*member, fields.write(value));
    return node;
  };
  return codec;
}

// A list of values, or one value alone.
template <typename V>
Codec<std::vector<V>> list_of(Codec<V> item) {
  Codec<std::vector<V>> codec;
  codec.type = {
      "list of " + item.type.text,
      Json{{"anyOf", {item.type.schema, {{"type", "array"}, {"items", item.type.schema}}}}}};
  codec.read = [item](const Node& node, Diagnostics& d, std::vector<V>& values) {
    const std::size_t errors = d.size();
    std::vector<V> read;
    const auto add = [&](const Node& one) {
      V value{};
      if (item.read(one, d, value)) read.push_back(std::move(value));
    };
    if (node.is_list()) {
      for (const Node& one : node.items) add(one);
    } else {
      add(node);
    }
    values = std::move(read);
    return d.size() == errors;
  };
  codec.write = [item](const std::vector<V>& values) {
    Node node = Node::list();
    for (const V& value : values) node.items.push_back(item.write(value));
    return node;
  };
  return codec;
}

// A list of names; b[1..4] stands for four.
Codec<std::vector<std::string>> names();

// A list of sections.
template <typename T>
Codec<std::vector<T>> listed(const Section<T>& fields) {
  Codec<std::vector<T>> codec;
  codec.type = {"list of " + fields.info().name, {}, TypeInfo::Shape::listed, &fields.info()};
  codec.read = [&fields](const Node& node, Diagnostics& d, std::vector<T>& values) {
    if (!node.is_list() && !node.is_null()) {
      d.error(node.place, fmt::format("expected a list of {}, not {}", fields.info().name,
                                      kind_name(node.kind)));
      return false;
    }
    const std::size_t errors = d.size();
    std::vector<T> read;
    for (const Node& item : node.items) {
      if (d.full()) break;
      T value{};
      fields.read(item, item.place, d, value);
      read.push_back(std::move(value));
    }
    values = std::move(read);
    return d.size() == errors;
  };
  codec.write = [&fields](const std::vector<T>& values) {
    Node node = Node::list();
    for (const T& value : values) node.items.push_back(fields.write(value));
    return node;
  };
  return codec;
}

}  // namespace elblab::language
