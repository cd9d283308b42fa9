#pragma once

#include <string>

#include "api/http/request_head.h"

namespace evently {

// The client's own X-Request-Id where it is short and plain, otherwise a new one.
std::string request_id_of(const RequestHead& head);

}  // namespace evently
