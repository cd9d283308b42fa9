// Results of several columns. Backend zone.
#pragma once

#include "extension/backend/pg.h"

namespace evently {

// The values as a row of the type that the called function is declared to return.
inline Datum row_datum(FunctionCallInfo fcinfo, const Datum* values, const bool* nulls) {
  TupleDesc row_type;
  if (get_call_result_type(fcinfo, nullptr, &row_type) != TYPEFUNC_COMPOSITE)
    elog(ERROR, "the function is not declared to return a row");
  return HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(row_type), const_cast<Datum*>(values),
                                           const_cast<bool*>(nulls)));
}

}  // namespace evently
