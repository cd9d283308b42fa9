#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace evently {

constexpr int json_depth_max = 16;

// A JSON object as this service takes it: UTF-8 without mark, no key twice, no \u0000, not nested
// deeper than json_depth_max. Otherwise `fault` says why not, and the object is empty.
nlohmann::json parse_object(const std::string& body, std::string& fault);

}  // namespace evently
