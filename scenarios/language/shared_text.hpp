// A text that never changes; its copies share it. The many runs of one file keep one copy of it.
#pragma once

#include <memory>
#include <string>
#include <utility>

namespace elblab::language {

class SharedText {
 public:
  SharedText() = default;  // empty
  // NOLINTNEXTLINE(google-explicit-constructor): stands for a text
  SharedText(std::string text) : text_(std::make_shared<const std::string>(std::move(text))) {}
  explicit SharedText(std::shared_ptr<const std::string> text) : text_(std::move(text)) {}

  const std::string& str() const {
    static const std::string kEmpty;
    return text_ ? *text_ : kEmpty;
  }

 private:
  std::shared_ptr<const std::string> text_;
};

}  // namespace elblab::language
