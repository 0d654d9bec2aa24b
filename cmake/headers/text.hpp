// Precompiled for the rooms that read and write text: the standard library and fmt.
#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <sstream>

#include "cmake/headers/standard.hpp"
