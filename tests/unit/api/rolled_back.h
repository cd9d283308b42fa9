#pragma once

#include <string>
#include <type_traits>

namespace evently {

// libpqxx 6 makes these of a message, libpqxx 7 of a message and a query.
template <class Rollback>
Rollback rolled_back() {
  if constexpr (std::is_constructible_v<Rollback, std::string>)
    return Rollback("");
  else
    return Rollback("", "");
}

}  // namespace evently
