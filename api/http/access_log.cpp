#include "api/http/access_log.h"

#include "api/http/guards.h"
#include "runtime/log.h"

namespace evently {

void log_request(const HttpCall& call, std::string_view method, std::string_view route,
                 std::chrono::steady_clock::duration duration) {
  if (!log_enabled(Level::info)) return;
  const RequestContext& context = call.context();
  JsonText line = start_line(Level::info, "request");
  line.text("request_id", context.request_id)
      .text("method", method)
      .text("route", route)
      .text("path", std::string_view(call.path()).substr(0, path_bytes_max))
      .number("status", call.status())
      .thousandths("duration_ms",
                   std::chrono::duration_cast<std::chrono::microseconds>(duration).count())
      .number("bytes", static_cast<std::int64_t>(call.answer_bytes()))
      .text("remote", context.client)
      .texts("statement_ids", context.statement_ids);
  if (!context.trace_parent.trace_id.empty()) {
    line.text("trace_id", context.trace_parent.trace_id)
        .text("parent_span_id", context.trace_parent.parent_id);
  }
  if (!context.problem_code.empty()) line.text("code", context.problem_code);
  end_line(Level::info, line);
}

}  // namespace evently
