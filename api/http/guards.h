#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "api/http/problem.h"
#include "api/http/request_head.h"

namespace evently {

constexpr std::size_t path_bytes_max = 512;
constexpr std::size_t header_fields_max = 100;

// What goes wrong in the HTTP library if it is let in: each guard says no before a body is read.

// About any request, whatever its path. `target` is the URL as sent.
std::optional<Problem> check_head(const RequestHead& head, std::string_view target);

// About the body that is still to come. takes_body says whether the route reads one.
std::optional<Problem> check_body(const RequestHead& head, std::string_view method, bool takes_body,
                                  std::size_t body_bytes_max);

// Bytes may follow the header section: the connection is of no use unless they are read.
bool may_have_body(const RequestHead& head);

}  // namespace evently
