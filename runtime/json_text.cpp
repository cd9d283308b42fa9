#include "runtime/json_text.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

namespace evently {
namespace {

constexpr std::size_t usual_bytes = 512;

bool stands_for_itself(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

}  // namespace

void append_quoted(std::string& target, std::string_view text) {
  if (!stands_for_itself(text)) {
    target += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return;
  }
  target += '"';
  target += text;
  target += '"';
}

void JsonText::begin(std::string_view key) {
  if (text_.size() == 1) {
    text_.reserve(usual_bytes);
  } else {
    text_ += ',';
  }
  text_ += '"';
  text_ += key;
  text_ += "\":";
}

JsonText& JsonText::text(std::string_view key, std::string_view value) {
  begin(key);
  append_quoted(text_, value);
  return *this;
}

JsonText& JsonText::texts(std::string_view key, const std::vector<std::string>& values) {
  begin(key);
  char before = '[';
  for (const std::string& value : values) {
    text_ += before;
    append_quoted(text_, value);
    before = ',';
  }
  text_ += values.empty() ? "[]" : "]";
  return *this;
}

JsonText& JsonText::number(std::string_view key, std::int64_t value) {
  begin(key);
  fmt::format_to(std::back_inserter(text_), "{}", value);
  return *this;
}

JsonText& JsonText::thousandths(std::string_view key, std::int64_t value) {
  begin(key);
  fmt::format_to(std::back_inserter(text_), "{}.{:03}", value / 1000, value % 1000);
  return *this;
}

JsonText& JsonText::json(std::string_view key, std::string_view value) {
  begin(key);
  text_ += value;
  return *this;
}

std::string JsonText::finish() {
  text_ += '}';
  return std::move(text_);
}

}  // namespace evently
