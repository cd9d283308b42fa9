#pragma once

#include <string>

#include "api/http/request_head.h"

namespace evently {

// Where a request belongs in a trace of its caller's (W3C Trace Context); empty: nowhere.
struct TraceParent {
  std::string trace_id;   // 32 hexadecimal digits
  std::string parent_id;  // 16
};

// From the field traceparent. One that is malformed counts as absent, as the standard wants.
TraceParent trace_parent_of(const RequestHead& head);

}  // namespace evently
