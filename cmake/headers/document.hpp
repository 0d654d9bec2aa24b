// Precompiled for the rooms that read and write documents: text and JSON.
#include <nlohmann/json.hpp>

#include "cmake/headers/text.hpp"
