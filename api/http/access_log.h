#pragma once

#include <chrono>
#include <string_view>

#include "api/http/http_call.h"

namespace evently {

// Writes the line of one request that has been answered. `route` is its template.
void log_request(const HttpCall& call, std::string_view method, std::string_view route,
                 std::chrono::steady_clock::duration duration);

}  // namespace evently
