// Raising business errors. Backend zone.
#pragma once

#include "extension/rules/errors.h"

namespace evently {

// Raises the error with its SQLSTATE, message and hint from the table; detail may be null, and is a
// sentence in palloc memory. Never returns.
[[noreturn]] void refuse(const BusinessError& error, const char* detail);
[[noreturn]] void refuse(Refusal refusal, const char* detail);

}  // namespace evently
