#include "tests/fidelity/transcript_text.hpp"

#include <unistd.h>

#include <stdexcept>

namespace elblab::fidelity {
namespace {

std::string take_field(std::string_view& text) {
  const auto end = text.find(kFieldEnd);
  if (end == std::string_view::npos) throw std::runtime_error("a cut-off transcript");
  std::string field(text.substr(0, end));
  text.remove_prefix(end + 1);
  return field;
}

}  // namespace

std::string to_text(const golden::Transcript& transcript) {
  std::string text;
  for (const golden::Line& line : transcript) {
    text +=
        std::to_string(line.at.count()) + kFieldEnd + line.text + kFieldEnd + line.note + kFieldEnd;
  }
  return text;
}

golden::Transcript from_text(std::string_view text) {
  golden::Transcript transcript;
  while (!text.empty()) {
    golden::Line line;
    line.at = Duration(std::stoll(take_field(text)));
    line.text = take_field(text);
    line.note = take_field(text);
    transcript.push_back(std::move(line));
  }
  return transcript;
}

void write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(descriptor, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace elblab::fidelity
