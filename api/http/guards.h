#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "api/http/message.h"
#include "api/http/problem.h"

namespace evently {

constexpr std::size_t path_bytes_max = 512;
constexpr std::size_t header_fields_max = 100;

// Each guard says no before a body is read.

// About any request, whatever its path.
std::optional<Problem> check_head(const HttpRequest& request);

// About the body that is still to come. takes_body says whether the route reads one.
std::optional<Problem> check_body(const HttpRequest& request, bool takes_body,
                                  std::size_t body_bytes_max);

// Some path answers it.
bool is_known_method(std::string_view method);

}  // namespace evently
