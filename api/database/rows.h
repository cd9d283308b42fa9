#pragma once

#include <cstdint>
#include <optional>
#include <pqxx/pqxx>
#include <string>
#include <vector>

#include "api/database/database.h"
#include "api/database/pqxx_compat.h"
#include "runtime/rfc3339.h"

// How the files of queries read columns and bind parameters.
namespace evently {

inline std::int64_t number(const Row& row, const char* column) {
  return row[column].as<std::int64_t>();
}

inline std::string text(const Row& row, const char* column) {
  return row[column].c_str();
}

inline std::optional<std::string> optional_text(const Row& row, const char* column) {
  if (row[column].is_null()) return std::nullopt;
  return text(row, column);
}

inline std::string time(const Row& row, const char* column) {
  return rfc3339_of_timestamptz(row[column].c_str());
}

template <class Thing, class Convert>
std::vector<Thing> all(const pqxx::result& rows, Convert convert) {
  std::vector<Thing> things;
  things.reserve(static_cast<std::size_t>(rows.size()));
  for (const auto& row : rows) things.push_back(convert(row));
  return things;
}

template <class Thing, class Convert>
std::optional<Thing> first(const pqxx::result& rows, Convert convert) {
  if (rows.empty()) return std::nullopt;
  return std::optional<Thing>(convert(rows[0]));
}

inline Parameter parameter(std::int64_t number) {
  return std::to_string(number);
}

inline Parameter parameter(const std::optional<std::int64_t>& number) {
  if (!number) return std::nullopt;
  return std::to_string(*number);
}

}  // namespace evently
