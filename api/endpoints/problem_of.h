#pragma once

#include <exception>

#include "api/http/problem.h"

namespace evently {

struct BusinessError;

// The one place where errors become answers. Contention was retried before it comes here: it is
// "busy" by now.
Problem problem_of(const std::exception& error);
Problem problem_of(const BusinessError& error);

// After a deletion has failed: throws Refused where rows of other tables stand in its way.
void refuse_if_referenced(const std::exception& error);

}  // namespace evently
