// Files that are no scenario at all: one message each.
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "scenarios/language/source.hpp"
#include "tests/language/example.hpp"

namespace elblab::language {
namespace {

namespace fs = std::filesystem;

struct Folder {
  fs::path path = fs::temp_directory_path() /
                  ("elblab-language-" +
                   std::to_string(std::chrono::steady_clock::now().time_since_epoch().count()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
  fs::path write(const std::string& name, const std::string& text) const {
    std::ofstream(path / name, std::ios::binary) << text;
    return path / name;
  }
};

std::string answer(const fs::path& file) {
  const auto loaded = ScenarioFile::load(file);
  BOOST_TEST(!loaded.file);
  BOOST_TEST(loaded.errors.size() == 1u);
  const std::string text = testing::all(loaded.errors);
  BOOST_REQUIRE(text.starts_with(file.string()));
  return text.substr(file.string().size(), text.find('\n') - file.string().size());
}

BOOST_AUTO_TEST_SUITE(files)

BOOST_AUTO_TEST_CASE(what_is_no_scenario_gets_one_message) {
  const Folder folder;
  BOOST_TEST(answer(folder.path / "none.yaml") == ": there is no such file");
  BOOST_TEST(answer(folder.path) == ": this is not a file");
  BOOST_TEST(answer(folder.write("empty", "")) ==
             ": the file is empty: a scenario begins with 'scenario: ID'");
  BOOST_TEST(answer(folder.write("comments", "# nothing\n\n")) ==
             ": the file is empty: a scenario begins with 'scenario: ID'");
  BOOST_TEST(answer(folder.write("nul", std::string("scenario: x\n\0", 13))) ==
             ":2:1: byte 0x00 does not belong in a text file: this looks like a binary file, not a "
             "scenario");
  BOOST_TEST(answer(folder.write("latin1", "scenario: x\ntitle: na\xEFve\n")) ==
             ":2:10: byte 0xEF is not valid UTF-8: a scenario is a UTF-8 text");
  BOOST_TEST(answer(folder.write("elf",
                                 "\x7F"
                                 "ELF\x02\x01")) ==
             ":1:1: byte 0x7F does not belong in a text file: this looks like a binary file, not a "
             "scenario");
  BOOST_TEST(answer(folder.write("word", "hello\n")) ==
             ":1:1: the scenario must be a map of scenario, title, text, …, not a single value");
}

// Sparse: it takes no disk. Refused unread, so it takes no time and no memory either.
BOOST_AUTO_TEST_CASE(a_file_of_100_MB_is_refused_unread) {
  const Folder folder;
  const fs::path file = folder.write("large.yaml", "");
  fs::resize_file(file, 100'000'000);
  BOOST_TEST(answer(file) == ": 100000000 bytes: a scenario file has at most 1 MiB");
}

BOOST_AUTO_TEST_CASE(a_file_loads_with_the_name_of_its_folder_as_area) {
  const Folder folder;
  fs::create_directories(folder.path / "time-wait");
  const auto loaded = ScenarioFile::load(folder.write("time-wait/a.yaml", testing::kExample));
  BOOST_REQUIRE_MESSAGE(loaded.file, testing::all(loaded.errors));
  BOOST_TEST(loaded.file->area() == "time-wait");
  const auto decoded = loaded.file->decode("symptom");
  BOOST_TEST(decoded.scenario->area == "time-wait");
  BOOST_TEST(decoded.scenario->source_text.str() == testing::kExample);
}

BOOST_AUTO_TEST_CASE(invalid_utf8_is_told_by_the_table_of_the_rfc) {
  const auto refused = [](const std::string& bytes) { return find_bad_byte(bytes).has_value(); };
  for (const std::string good : {"a", "\xC2\x80", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEF\xBF\xBD",
                                 "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    BOOST_TEST(!refused(good));
  }
  for (const std::string bad :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF",
        "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xC2", "\xE2\x82", "\xFF"}) {
    BOOST_TEST(refused(bad));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace elblab::language
