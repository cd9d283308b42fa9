#include "extension/backend/refuse.h"

#include "extension/backend/pg.h"

namespace evently {

void refuse(const BusinessError& error, const char* detail) {
  const char* state = error.sqlstate;
  ereport(ERROR, (errcode(MAKE_SQLSTATE(state[0], state[1], state[2], state[3], state[4])),
                  errmsg_internal("%s", error.message),
                  detail ? errdetail_internal("%s", detail) : 0, errhint("%s", error.hint)));
  pg_unreachable();
}

void refuse(Refusal refusal, const char* detail) {
  refuse(error_of(refusal), detail);
}

}  // namespace evently

extern "C" {

PG_FUNCTION_INFO_V1(evently_refuse);

// refuse(code text, detail text): lets PL/pgSQL raise from the same table.
Datum evently_refuse(PG_FUNCTION_ARGS) {
  if (PG_ARGISNULL(0)) elog(ERROR, "refuse needs a code");
  const char* code = text_to_cstring(PG_GETARG_TEXT_PP(0));
  const char* detail = PG_ARGISNULL(1) ? nullptr : text_to_cstring(PG_GETARG_TEXT_PP(1));

  for (const auto& error : evently::business_errors)
    if (strcmp(error.code, code) == 0) evently::refuse(error, detail);
  elog(ERROR, "there is no business error \"%s\"", code);
}
}
