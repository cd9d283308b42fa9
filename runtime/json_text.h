#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace evently {

// A JSON object, written member by member straight into its text. For what is written with every
// request, where building a document first would cost several times as much. Keys are names of
// ours, letters and underscores: they are not escaped.
class JsonText {
 public:
  JsonText& text(std::string_view key, std::string_view value);
  JsonText& texts(std::string_view key, const std::vector<std::string>& values);
  JsonText& number(std::string_view key, std::int64_t value);
  // With the three digits that whole thousandths have.
  JsonText& thousandths(std::string_view key, std::int64_t value);
  // A value that is JSON already.
  JsonText& json(std::string_view key, std::string_view value);

  // The object; nothing can be added any more.
  std::string finish();

 private:
  void begin(std::string_view key);

  std::string text_ = "{";
};

// As a JSON string. Bad UTF-8 is replaced, so that any bytes of a client can be shown.
void append_quoted(std::string& target, std::string_view text);

}  // namespace evently
