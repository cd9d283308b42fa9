#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace evently {

// Arrays as PostgreSQL reads them, to be bound as $n::bigint[] or $n::text[]: neither libpq nor
// libpqxx 6 binds any.
std::string array_literal(const std::vector<std::int64_t>& numbers);
std::string array_literal(const std::vector<std::string>& texts);

}  // namespace evently
