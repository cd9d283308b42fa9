#pragma once

#include <cstddef>
#include <exception>
#include <utility>
#include <vector>

#include "api/database/database_error.h"

namespace evently {

// Attempts calls together. Where that fails and one of them may be the cause, each half is
// attempted by itself, until the call that no other should suffer for stands alone. The failure of
// a part that is given up becomes the failure of each of its calls. At most `splits_max` splits,
// so at most twice as many attempts and one; returns the number of splits.
template <class Call, class Attempt>
std::size_t attempt_in_halves(const std::vector<Call*>& calls, std::size_t splits_max,
                              const Attempt& attempt) {
  std::size_t splits = 0;
  std::vector<std::vector<Call*>> parts{calls};  // the next one last
  while (!parts.empty()) {
    const std::vector<Call*> part = std::move(parts.back());
    parts.pop_back();
    try {
      attempt(part);
      continue;
    } catch (const std::exception& error) {
      if (part.size() == 1 || splits == splits_max || !is_about_the_call(error)) {
        for (Call* call : part) call->failure = std::current_exception();
        continue;
      }
    }
    ++splits;
    const auto middle = part.begin() + static_cast<std::ptrdiff_t>(part.size() / 2);
    parts.emplace_back(middle, part.end());
    parts.emplace_back(part.begin(), middle);
  }
  return splits;
}

}  // namespace evently
