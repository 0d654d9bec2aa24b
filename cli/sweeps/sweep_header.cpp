#include "cli/sweeps/sweep_header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "analysis/export/csv.hpp"

namespace elblab::cli {
namespace {

constexpr std::string_view kFirstLine = "# elblab sweep,1\n";
constexpr std::string_view kComment = "# ";

std::string comment(std::vector<std::string> fields) {
  return std::string(kComment) + exports::csv_line(fields);
}

// The line that names the columns; setting paths in full, so that they are found in the scenario.
std::string columns_line(const SweepHeader& header) {
  std::vector<std::string> names{"cell", "seed"};
  for (const Axis& axis : header.axes) names.push_back(axis.path);
  for (const auto& measure : header.measures) {
    names.push_back(measure.unit.empty() ? measure.name
                                         : fmt::format("{} [{}]", measure.name, measure.unit));
  }
  return exports::csv_line(names);
}

bool read_seeds(const std::vector<std::string>& fields, SweepHeader& header) {
  for (std::size_t i = 1; i < fields.size(); ++i) {
    std::uint64_t seed = 0;
    const char* end = fields[i].data() + fields[i].size();
    const auto read = std::from_chars(fields[i].data(), end, seed);
    if (read.ec != std::errc() || read.ptr != end) return false;
    header.seeds.push_back(seed);
  }
  return fields.size() > 1;
}

// One comment; false: it is none that belongs here.
bool take(std::vector<std::string> fields, SweepHeader& header) {
  const std::string& key = fields.front();
  const std::size_t n = fields.size();
  if (key == "scenario" && n == 3) {
    header.scenario = fields[1];
    header.title = fields[2];
    return true;
  }
  if (key == "over" && n >= 3) {
    header.axes.push_back({fields[1], {fields.begin() + 2, fields.end()}});
    return true;
  }
  if (key == "measure" && n == 3) {
    header.measures.push_back({fields[1], fields[2]});
    return true;
  }
  if (key == "seeds") return read_seeds(fields, header);
  if (key == "set" && n == 2) {
    header.settings.push_back(fields[1]);
    return true;
  }
  for (const auto& [name, member] : {std::pair{"run", &SweepHeader::run},
                                     {"program", &SweepHeader::program},
                                     {"digest", &SweepHeader::digest}}) {
    if (key != name || n != 2) continue;
    header.*member = fields[1];
    return true;
  }
  return false;
}

std::string list_of(const std::vector<std::string>& items) {
  return items.empty() ? "nothing" : fmt::format("{}", fmt::join(items, " "));
}

std::vector<std::string> axis_texts(const SweepHeader& header) {
  std::vector<std::string> texts;
  for (const Axis& axis : header.axes) {
    const bool few = axis.values.size() <= 4;
    texts.push_back(few ? fmt::format("{}={}", axis.path, fmt::join(axis.values, ","))
                        : fmt::format("{}={},{},…,{} ({} values)", axis.path, axis.values[0],
                                      axis.values[1], axis.values.back(), axis.values.size()));
  }
  return texts;
}

std::vector<std::string> measure_texts(const SweepHeader& header) {
  std::vector<std::string> texts;
  for (const auto& measure : header.measures) texts.push_back(measure.name);
  return texts;
}

}  // namespace

std::string header_text(const SweepHeader& header) {
  std::string text(kFirstLine);
  text += comment({"scenario", header.scenario, header.title});
  text += comment({"run", header.run});
  text += comment({"program", header.program});
  text += comment({"digest", header.digest});
  for (const std::string& setting : header.settings) text += comment({"set", setting});
  for (const Axis& axis : header.axes) {
    std::vector<std::string> fields{"over", axis.path};
    fields.insert(fields.end(), axis.values.begin(), axis.values.end());
    text += comment(std::move(fields));
  }
  std::vector<std::string> seeds{"seeds"};
  for (const std::uint64_t seed : header.seeds) seeds.push_back(std::to_string(seed));
  text += comment(std::move(seeds));
  for (const auto& measure : header.measures) {
    text += comment({"measure", measure.name, measure.unit});
  }
  return text + columns_line(header);
}

bool looks_like_sweep_table(std::string_view text) { return text.starts_with(kFirstLine); }

Expected<ReadHeader> read_header(std::string_view text) {
  if (!looks_like_sweep_table(text)) {
    return Error{"line 1: no table of elblab sweep, or of a newer version"};
  }
  ReadHeader read;
  std::size_t at = kFirstLine.size();
  std::size_t line = 2;
  for (; text.substr(at).starts_with(kComment); ++line) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) return Error{"the header is incomplete"};
    const auto fields =
        exports::csv_fields(text.substr(at + kComment.size(), end - at - kComment.size()));
    if (!fields || !take(*fields, read.header)) {
      return Error{fmt::format("line {}: not what the header of a table holds", line)};
    }
    at = end + 1;
  }
  const SweepHeader& header = read.header;
  const std::string columns = columns_line(header);
  const bool whole = !header.axes.empty() && !header.seeds.empty() && !header.measures.empty();
  if (!whole || !text.substr(at).starts_with(columns)) {
    return Error{text.find('\n', at) == std::string_view::npos
                     ? std::string("the header is incomplete")
                     : fmt::format("line {}: not the columns that the header names", line)};
  }
  read.end = at + columns.size();
  read.lines = line;
  return read;
}

std::optional<std::string> difference(const SweepHeader& theirs, const SweepHeader& ours) {
  const auto told = [](std::string_view what, const std::string& a, const std::string& b) {
    return fmt::format("its {} {}, not {}", what, a, b);
  };
  const auto seeds = [](const SweepHeader& header) { return std::to_string(header.seeds.size()); };
  if (theirs.scenario != ours.scenario) return told("scenario is", theirs.scenario, ours.scenario);
  if (theirs.run != ours.run) return told("run is", theirs.run, ours.run);
  if (theirs.axes != ours.axes) {
    return told("axes are", list_of(axis_texts(theirs)), list_of(axis_texts(ours)));
  }
  if (theirs.measures != ours.measures) {
    return told("measures are", list_of(measure_texts(theirs)), list_of(measure_texts(ours)));
  }
  if (theirs.seeds != ours.seeds) return told("number of seeds is", seeds(theirs), seeds(ours));
  if (theirs.settings != ours.settings) {
    return told("settings are", list_of(theirs.settings), list_of(ours.settings));
  }
  if (theirs.program != ours.program) return told("program is", theirs.program, ours.program);
  if (theirs != ours) return "the scenario's text has changed since";
  return std::nullopt;
}

}  // namespace elblab::cli
