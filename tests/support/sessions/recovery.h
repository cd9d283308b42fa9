#pragma once

#include <exception>
#include <string>

#include "tests/support/sessions/database.h"
#include "tests/support/sessions/eventually.h"

namespace evently {

constexpr Milliseconds recovery_limit{30'000};

// Tries until it is true, also while the server is away.
template <class Work>
testing::AssertionResult succeeds(const Work& work) {
  return eventually(recovery_limit, [&]() -> std::string {
    try {
      return work() ? "" : "not yet";
    } catch (const std::exception& error) {
      return error.what();
    }
  });
}

inline testing::AssertionResult server_answers() {
  return succeeds([] { return OwnerDatabase().value<int>("SELECT 1") == 1; });
}

}  // namespace evently
