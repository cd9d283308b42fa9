#include "runtime/json_text.h"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "runtime/digits.h"

namespace evently {
namespace {

constexpr std::size_t usual_bytes = 512;

bool stands_for_itself(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

// Much faster than formatting, and with every request.
void append_number(std::string& target, std::int64_t value) {
  char digits[24];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), value).ptr;
  target.append(digits, end);
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
  append_number(text_, value);
  return *this;
}

JsonText& JsonText::thousandths(std::string_view key, std::int64_t value) {
  begin(key);
  append_number(text_, value / 1000);
  text_ += '.';
  append_three_digits(text_, value % 1000);
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
