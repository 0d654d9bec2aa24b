#include "cli/packets_option.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <string>

namespace elblab::cli {
namespace {

worlds::PacketKeeping keeping_of(const std::string& name) {
  if (name == "none") return worlds::PacketKeeping::none;
  return name == "all" ? worlds::PacketKeeping::all : worlds::PacketKeeping::some;
}

}  // namespace

void add_packets_option(CLI::App& command, worlds::PacketKeeping& keeping) {
  command
      .add_option_function<std::string>(
          "--packets", [&keeping](const std::string& name) { keeping = keeping_of(name); },
          "Whose packets the trace keeps: some, the first of each client and those in trouble")
      ->check(CLI::IsMember({"none", "some", "all"}).description(""))
      ->type_name("none|some|all")
      ->default_str("some");
}

}  // namespace elblab::cli
