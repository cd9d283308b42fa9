#include "extension/backend/plans.h"

namespace evently {
namespace {

SPIPlanPtr prepare(const SavedPlan& plan) {
  SPIPlanPtr prepared =
      SPI_prepare(plan.text, plan.argument_count, const_cast<Oid*>(plan.argument_types));
  if (prepared == nullptr)
    elog(ERROR, "SPI_prepare failed: %s", SPI_result_code_string(SPI_result));
  if (SPI_keepplan(prepared) != 0) elog(ERROR, "SPI_keepplan failed");
  return prepared;
}

}  // namespace

uint64 run(SavedPlan& plan, const Datum* arguments) {
  if (plan.prepared == nullptr) plan.prepared = prepare(plan);
  const int result =
      SPI_execute_plan(plan.prepared, const_cast<Datum*>(arguments), nullptr, false, 0);
  if (result < 0) elog(ERROR, "SPI_execute_plan failed: %s", SPI_result_code_string(result));
  return SPI_processed;
}

Datum column(int number, uint64 row) {
  bool is_null = false;
  const Datum value =
      SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, number, &is_null);
  if (is_null) elog(ERROR, "column %d is unexpectedly null", number);
  return value;
}

Datum row_column(int number) {
  return SPI_datumTransfer(column(number), false, -1);
}

}  // namespace evently
