// Texts of strangers: whatever a title, a reason, a name or a trace holds, what leaves the program
// tells a terminal, a spreadsheet and a browser nothing to do.
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "analysis/export/csv.hpp"
#include "analysis/export/safe_text.hpp"
#include "analysis/trace/database.hpp"
#include "cli/text/terminal.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/scenario_folder.hpp"

namespace elblab::test {
namespace {

namespace fs = std::filesystem;
using exports::csv_field;
using exports::safe_line;
using exports::safe_text;
using Words = std::vector<std::string>;

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

std::string text_of(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

// Written without the code under test: what a terminal might obey.
bool has_orders(const std::string& text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7F) return true;
    const unsigned char next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
    if (c == 0xC2 && next >= 0x80 && next < 0xA0) return true;
    if (text.compare(i, 3, "\u202E") == 0) return true;
  }
  return false;
}

const std::string kHostile = R"yaml(
title: "a\e[31mRED\e]0;pwn\a\nsecond\r over\x9b2J \u202Eback <script>alert(1)</script> =cmd()"
)yaml";
const std::string kHostileWhy = R"yaml(
why: "\e[2J\e[31mboo <img src=x onerror=alert(1)> {max time_wait(c1)}"
remedy: "\e[2J"
)yaml";

std::string hostile_scenario() {
  std::string text =
      with(small_scenario("T-1"), "\ntitle: One client exhausts its ports, in small\n", kHostile);
  return with(text, "\nwhy: The peak was {max time_wait(c1)}.\n", kHostileWhy);
}

struct Fixture {
  ScenarioFolder folder;
  Surroundings here{folder.path().string(), {}, {}};
  std::string file = "e\x1b[2Jvil.elb.yaml";
  std::string trace = "out/T-1.symptom.seed1.db";

  Fixture() { folder.write(file, hostile_scenario()); }

  void check_harmless(const Words& words) {
    const Ended ended = run_program(words, here);
    BOOST_TEST_CONTEXT(words.front()) {
      BOOST_TEST(!(ended.out + ended.err).empty());
      BOOST_TEST(!has_orders(ended.out), ended.out);
      BOOST_TEST(!has_orders(ended.err), ended.err);
    }
  }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(foreign_text, Fixture)

BOOST_AUTO_TEST_CASE(what_a_terminal_would_obey_is_replaced) {
  BOOST_TEST(safe_text("a\x1b[2Jb\x07") == "a?[2Jb?");
  BOOST_TEST(safe_text("\xC2\x9B"
                       "2J\x9B\x7F") == "?2J??");
  BOOST_TEST(safe_text("one\ntwo\tthree\r\nfour\rfive") == "one\ntwo\tthree\r\nfour?five");
  BOOST_TEST(safe_line("one\ntwo\tthree\r\nfour") == "one two three  four");
  BOOST_TEST(safe_text("a\u202Eb\u2066c\u2028d") == "a?b?c?d");
}

BOOST_AUTO_TEST_CASE(what_is_no_utf8_is_replaced_byte_by_byte_and_what_is_stays) {
  for (const char* text : {"Grüße … 测试 █", "\U0001F642", "", "\u00A0", "\uFFFD", "\u200D"}) {
    BOOST_TEST(safe_text(text) == text);
  }
  // Overlong, a surrogate, beyond Unicode, cut off, a lone continuation (RFC 3629, 3 and 10).
  BOOST_TEST(safe_text("\xC0\x9B|\xE0\x80\x9B|\xF0\x80\x80\x9B") == "??|???|????");
  BOOST_TEST(safe_text("\xED\xA0\x80|\xF4\x90\x80\x80|\xE2\x80") == "???|????|??");
  BOOST_TEST(safe_text("\x80|\xFF|\xEF\xBF\xBF") == "?|?|?");
}

BOOST_AUTO_TEST_CASE(no_command_hands_on_what_a_scenario_holds_to_a_terminal) {
  check_harmless({"run", file, "--seeds", "1", "--junit", "report.xml"});
  check_harmless({"list"});
  check_harmless({"list", "--format", "json"});
  check_harmless({"show", file});
  check_harmless({"validate", file});
  check_harmless({"diagnose", trace});
  check_harmless({"diagnose", trace, "--format", "json"});
  check_harmless({"diagnose", trace, "--format", "md"});
  check_harmless({"compare", trace, "out/T-1.remedy.seed1.db"});
  check_harmless({"query", trace, "--format", "csv", "SELECT title, scenario_text FROM run"});
  check_harmless({"query", trace, "--format", "table", "SELECT title FROM run"});
  check_harmless({"query", trace, "--format", "json", "SELECT title FROM run"});
  check_harmless({"query", trace, "--format", "csv", "SELECT char(27) || char(155), x'1b' AS y"});
  check_harmless({"export", trace, "--what", "run", "-o", "-"});
  for (const char* format : {"html", "md", "json", "csv"}) {
    check_harmless({"report", trace, "--format", format, "-o", "-"});
  }
  BOOST_TEST(!has_orders(text_of(folder.path() / "report.xml")));
}

BOOST_AUTO_TEST_CASE(no_message_hands_on_what_stands_on_the_command_line) {
  const std::string evil = "\x1b[31mx\x1b]0;y\x07";
  for (const Words& words :
       {Words{evil}, Words{"run", evil}, Words{"run", file, "--" + evil}, Words{"show", evil},
        Words{"query", evil}, Words{"query", evil, "SELECT 1"}, Words{"diagnose", evil},
        Words{"run", file, "--set", evil}, Words{"run", file, "--run", evil},
        Words{"report", evil, "-o", "-"}, Words{"replay", evil, "-b", evil}, Words{"import", evil},
        Words{"sweep", file, "--over", evil}, Words{"shares", evil},
        Words{"export", evil, "--what", evil, "-o", evil}, Words{"run", file, "--jobs", evil},
        Words{"query", evil, "--limit", evil}}) {
    check_harmless(words);
  }
}

BOOST_AUTO_TEST_CASE(files_that_are_written_for_others_hold_no_orders_either) {
  run_program({"run", file, "--seeds", "1", "-q"}, here);
  for (const std::string name : {"t.html", "t.md", "t.json", "t.csv"}) {
    BOOST_TEST(run_program({"report", trace, "-o", name}, here).exit_code == 0);
    const std::string text = text_of(folder.path() / name);
    BOOST_TEST(!text.empty());
    BOOST_TEST(!has_orders(text), name);
  }
  const std::string page = text_of(folder.path() / "t.html");
  BOOST_TEST(!holds(page, "<script>alert"));
  BOOST_TEST(!holds(page, "<img src=x"));
  BOOST_TEST(!holds(text_of(folder.path() / "t.md"), "\n<script>"));
}

BOOST_AUTO_TEST_CASE(a_foreign_trace_is_shown_without_its_orders) {
  run_program({"run", file, "--seeds", "1", "-q"}, here);
  const auto database = trace::Database::open(folder.path() / trace, SQLITE_OPEN_READWRITE);
  BOOST_REQUIRE(database);
  BOOST_REQUIRE(
      database->execute("UPDATE objects SET name = char(27) || '[31m' || name;"
                        "UPDATE run SET scenario = 'X' || char(27) || '[2J',"
                        " run = 'y' || char(10) || 'z', world = char(155)"));
  check_harmless({"diagnose", trace});
  check_harmless({"report", trace, "--format", "md", "-o", "-"});
  check_harmless({"report", trace, "--format", "html", "-o", "-"});
  check_harmless({"compare", trace, trace});
  check_harmless({"query", trace, "SELECT * FROM objects"});
}

BOOST_AUTO_TEST_CASE(a_text_that_a_spreadsheet_would_calculate_is_marked_as_a_text) {
  for (const std::string text : {"=1+1", "+cmd()", "-2+3", "@SUM(A1)", "\t=1", " =1", "'=1"}) {
    BOOST_TEST_CONTEXT(text) {
      const std::string field = csv_field(text);
      BOOST_TEST((field.starts_with("'") || field.starts_with("\"'")), field);
      const auto read = exports::csv_fields(field);
      BOOST_REQUIRE((read && read->size() == 1));
      BOOST_TEST(read->front() == text);
    }
  }
  for (const std::string text : {"-5", "+3.25", "-1e-9", "a=b", "'quoted'", "–", "", "5 %"}) {
    BOOST_TEST(csv_field(text) == text);
    BOOST_TEST(exports::csv_fields(csv_field(text))->front() == text);
  }
  // Numbers are no texts.
  const std::vector<trace::QueryCell> cells{std::int64_t{-5}, -0.5, std::string("=1")};
  BOOST_TEST(exports::csv_line(cells) == "-5,-0.5,'=1\n");
}

BOOST_AUTO_TEST_CASE(a_query_as_csv_marks_texts_too) {
  run_program({"run", file, "--seeds", "1", "-q"}, here);
  const Ended ended = run_program(
      {"query", trace, "--format", "csv", "SELECT '=1+1' AS a, '@x' AS \"=b\", -1 AS c, '-1' AS d"},
      here);
  BOOST_TEST(ended.out == "a,'=b,c,d\n'=1+1,'@x,-1,-1\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace elblab::test
