#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace evently {

// The header section as it arrived. The HTTP library hands out values percent-decoded and drops
// empty ones, which would merge different idempotency keys and hide an empty one; and what it skips
// silently, a proxy may have read otherwise.
class RequestHead {
 public:
  // `text` from the request line to the empty line.
  explicit RequestHead(std::string_view text);

  // False when a line is not `name: value` with CRLF at its end.
  bool well_formed() const { return well_formed_; }

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
  void parse(std::string_view text);

  bool well_formed_ = true;
  std::vector<Field> fields_;
};

// The length announced by Content-Length: nullopt when there is none, or not one plain number.
std::optional<std::size_t> content_length(const RequestHead& head);

bool is_utf8_without_nul(std::string_view text);

}  // namespace evently
