#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace evently {

// The fields of a header section as they were sent, in their order: what follows a chunked body is
// not among them. The bytes stay with the caller that adds it.
class RequestHead {
 public:
  void add(std::string_view name, std::string_view value) { fields_.push_back({name, value}); }

  std::size_t field_count() const { return fields_.size(); }

  std::vector<std::string> values(std::string_view name) const;

  // All values of a list-like field as one, nullopt when it is absent.
  std::optional<std::string> joined(std::string_view name) const;

  bool has(std::string_view name) const;

 private:
  struct Field {
    std::string_view name;
    std::string_view value;
    bool is(std::string_view wanted) const;
  };

  std::vector<Field> fields_;
};

// The length announced by Content-Length: nullopt when there is none, or not one plain number.
std::optional<std::size_t> content_length(const RequestHead& head);

bool is_utf8_without_nul(std::string_view text);

}  // namespace evently
