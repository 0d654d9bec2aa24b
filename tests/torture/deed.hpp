// Does to a command what a point says, and looks at what has come of it.
#pragma once

#include <filesystem>
#include <string>

#include "tests/cli/program.hpp"
#include "tests/temporary_folder.hpp"
#include "tests/torture/belongings.hpp"
#include "tests/torture/commands.hpp"
#include "tests/torture/point.hpp"

namespace elblab::torture {

class Trial {
 public:
  // All outlive the trial.
  Trial(const Point& point, Commands& commands, Belongings& belongings);

  // Empty when all was as it must be; else what was not.
  std::string run();

 private:
  void disturb(test::Program& program);
  void read_slowly() const;
  std::string judge(const test::Ended& ended) const;
  std::string judge_two(const test::Ended& first, const test::Ended& second) const;
  std::string judge_output(const test::Ended& ended) const;
  std::string judge_code(const test::Ended& ended) const;
  bool was_told(const test::Ended& ended, const char* words) const;
  void wait_for_moment() const;

  const Point& point_;
  Commands& commands_;
  Belongings& belongings_;
  testing::TemporaryFolder folder_;
  std::filesystem::path output_;
  std::filesystem::path temporary_files_;
  test::Surroundings here_;
  int signal_ = 0;
};

}  // namespace elblab::torture
