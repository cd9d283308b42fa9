// A layer between our code and the server's functions that fails on demand: the k-th call of one of
// those below raises an error, or is the session's end. The linker puts it there (see
// extension/build.mk), in a module that only the tests have; the objects around it are the shipped
// sources with assertions, and hold no hook. Backend zone.
#include <signal.h>
#include <time.h>

#include "extension/backend/pg.h"
#include "extension/changes/shared_set.h"

extern "C" {
#include "catalog/namespace.h"
#include "commands/sequence.h"
#include "commands/trigger.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "storage/lmgr.h"
#include "storage/lwlock.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/tuplestore.h"
}

namespace evently {
namespace {

// Of this session.
int64 calls_left = 0;        // until one fails; 0: none will
int64 calls_left_again = 0;  // from then on until a second one fails; 0: none will
int fault_sqlstate = 0;
int faults_raised = 0;
bool committed = false;  // since it was armed
bool mortal = false;     // it is no error that is to come, but the end
int fatal_signal = 0;    // of a mortal one; 0: none, to count only
int fatal_delay_us = 0;  // from the commit's begin until it is killed; 0: it is not

constexpr int passed_max = 2000;
const char* passed[passed_max];  // by a mortal one
int passed_count = 0;

void disarm() {
  calls_left = calls_left_again = 0;
  mortal = false;
  fatal_delay_us = 0;
}

// Where the session may end; true when it is the place for an error.
bool is_due(const char* function) {
  if (mortal && passed_count < passed_max) passed[passed_count++] = function;
  if (calls_left == 0 || --calls_left > 0) return false;
  if (!mortal) return true;
  kill(MyProcPid, fatal_signal);
  return false;
}

void pass(const char* function) {
  if (!is_due(function)) return;
  calls_left = calls_left_again;
  calls_left_again = 0;
  ++faults_raised;
  ereport(ERROR, (errcode(fault_sqlstate), errmsg_internal("injected fault in %s%s", function,
                                                           committed ? " after the commit" : "")));
}

// Where an error could not be handled: none is raised, but the session may end.
void pass_without_error(const char* function) {
  if (mortal) is_due(function);
}

// By the kernel's clock, so also within the server's own code.
void die_later() {
  if (fatal_delay_us == 0) return;
  sigevent event = {};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGKILL;
  timer_t timer;
  const itimerspec when = {{0, 0}, {0, fatal_delay_us * 1000L}};
  if (timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 ||
      timer_settime(timer, 0, &when, nullptr) != 0)
    elog(ERROR, "no timer: %m");
}

// Whether the notifier is woken depends on what it does at the moment, so these calls are not
// counted: the k-th call is to be the same one in every run.
bool is_notifiers(const Latch* latch) {
  const SharedDatabase* database = shared_database();
  return database != nullptr &&
         (latch == database->notifier_latch || latch == shared_state()->launcher_latch);
}

}  // namespace
}  // namespace evently

// Passes the place of a fault, then does what the server's function does.
#define WRAPPED(pass, result, name, parameters, arguments) \
  extern "C" decltype(name) __real_##name;                 \
  extern "C" result __wrap_##name parameters;              \
  extern "C" result __wrap_##name parameters {             \
    evently::pass(#name);                                  \
    return __real_##name arguments;                        \
  }

// CopyErrorData is not among them: the handler of an error cannot handle one more, here as in
// PL/pgSQL.
#define FALLIBLE(result, name, parameters, arguments) \
  WRAPPED(pass, result, name, parameters, arguments)

FALLIBLE(void*, palloc, (Size size), (size))
FALLIBLE(void*, palloc0, (Size size), (size))
FALLIBLE(struct varlena*, pg_detoast_datum, (struct varlena * datum), (datum))
FALLIBLE(struct varlena*, pg_detoast_datum_packed, (struct varlena * datum), (datum))
FALLIBLE(text*, cstring_to_text, (const char* s), (s))
FALLIBLE(text*, cstring_to_text_with_len, (const char* s, int length), (s, length))
FALLIBLE(char*, text_to_cstring, (const text* t), (t))
FALLIBLE(ArrayType*, construct_md_array,
         (Datum * values, bool* nulls, int dimensions, int* counts, int* lower_bounds, Oid type,
          int length, bool by_value, char alignment),
         (values, nulls, dimensions, counts, lower_bounds, type, length, by_value, alignment))
FALLIBLE(void, deconstruct_array,
         (ArrayType * array, Oid type, int length, bool by_value, char alignment, Datum** values,
          bool** nulls, int* count),
         (array, type, length, by_value, alignment, values, nulls, count))
FALLIBLE(void, get_typlenbyvalalign, (Oid type, int16* length, bool* by_value, char* alignment),
         (type, length, by_value, alignment))
FALLIBLE(Oid, get_namespace_oid, (const char* name, bool missing_ok), (name, missing_ok))
FALLIBLE(Oid, get_relname_relid, (const char* name, Oid schema), (name, schema))
FALLIBLE(int64, nextval_internal, (Oid sequence, bool check), (sequence, check))
FALLIBLE(HeapTuple, heap_form_tuple, (TupleDesc type, Datum* values, bool* nulls),
         (type, values, nulls))
FALLIBLE(TypeFuncClass, get_call_result_type, (FunctionCallInfo call, Oid* id, TupleDesc* type),
         (call, id, type))
FALLIBLE(TupleDesc, BlessTupleDesc, (TupleDesc type), (type))
FALLIBLE(void, InitMaterializedSRF, (FunctionCallInfo call, bits32 flags), (call, flags))
FALLIBLE(void, tuplestore_putvalues,
         (Tuplestorestate * store, TupleDesc type, Datum* values, bool* nulls),
         (store, type, values, nulls))
FALLIBLE(HeapTuple, SearchSysCache1, (int cache, Datum key), (cache, key))

FALLIBLE(int, SPI_connect, (), ())
FALLIBLE(int, SPI_connect_ext, (int options), (options))
FALLIBLE(int, SPI_finish, (), ())
FALLIBLE(SPIPlanPtr, SPI_prepare, (const char* text, int count, Oid* types), (text, count, types))
FALLIBLE(int, SPI_keepplan, (SPIPlanPtr plan), (plan))
FALLIBLE(int, SPI_execute_plan,
         (SPIPlanPtr plan, Datum* values, const char* nulls, bool read_only, long count),
         (plan, values, nulls, read_only, count))
FALLIBLE(Datum, SPI_getbinval, (HeapTuple row, TupleDesc type, int column, bool* is_null),
         (row, type, column, is_null))
FALLIBLE(Datum, SPI_datumTransfer, (Datum value, bool by_value, int length),
         (value, by_value, length))

FALLIBLE(LockAcquireResult, LockAcquire,
         (const LOCKTAG* tag, LOCKMODE mode, bool session, bool dont_wait),
         (tag, mode, session, dont_wait))
FALLIBLE(void, LockRelationOid, (Oid relation, LOCKMODE mode), (relation, mode))
FALLIBLE(void, BeginInternalSubTransaction, (const char* name), (name))
FALLIBLE(void, ReleaseCurrentSubTransaction, (), ())
FALLIBLE(void, AfterTriggerSetState, (ConstraintsSetStmt * statement), (statement))
FALLIBLE(int, set_config_option,
         (const char* name, const char* value, GucContext context, GucSource source,
          GucAction action, bool change, int level, bool is_reload),
         (name, value, context, source, action, change, level, is_reload))
FALLIBLE(void, Async_Notify, (const char* channel, const char* payload), (channel, payload))

// As those, but never with an error: the commit is made, or other sessions wait for what follows.
#define MORTAL(result, name, parameters, arguments) \
  WRAPPED(pass_without_error, result, name, parameters, arguments)

MORTAL(bool, LWLockAcquire, (LWLock * lock, LWLockMode mode), (lock, mode))
MORTAL(void, LWLockRelease, (LWLock * lock), (lock))

extern "C" {

decltype(SetLatch) __real_SetLatch;
void __wrap_SetLatch(Latch* latch);

void __wrap_SetLatch(Latch* latch) {
  if (evently::mortal && !evently::is_notifiers(latch)) evently::pass_without_error("SetLatch");
  __real_SetLatch(latch);
}

decltype(SPI_commit) __real_SPI_commit;
void __wrap_SPI_commit();

void __wrap_SPI_commit() {
  evently::pass("SPI_commit");
  evently::die_later();
  __real_SPI_commit();
  evently::committed = true;
  evently::pass_without_error("after SPI_commit");
}

PG_FUNCTION_INFO_V1(evently_fail_at);
PG_FUNCTION_INFO_V1(evently_faults_raised);
PG_FUNCTION_INFO_V1(evently_end_at);
PG_FUNCTION_INFO_V1(evently_die_in_commit);
PG_FUNCTION_INFO_V1(evently_calls_passed);

// fail_at(first bigint, then bigint, sqlstate text): arms this session, from its next statement on.
Datum evently_fail_at(PG_FUNCTION_ARGS) {
  evently::disarm();
  const char* state = text_to_cstring(PG_GETARG_TEXT_PP(2));
  evently::fault_sqlstate = MAKE_SQLSTATE(state[0], state[1], state[2], state[3], state[4]);
  evently::faults_raised = 0;
  evently::committed = false;
  evently::calls_left_again = PG_GETARG_INT64(1);
  evently::calls_left = PG_GETARG_INT64(0);
  PG_RETURN_VOID();
}

// faults_raised() integer: how many were, and disarms.
Datum evently_faults_raised(PG_FUNCTION_ARGS) {
  (void)fcinfo;
  evently::disarm();
  PG_RETURN_INT32(evently::faults_raised);
}

// end_at(call bigint, signal integer): the session sends itself that signal at that call, counted
// from its next statement on; none when they are 0.
Datum evently_end_at(PG_FUNCTION_ARGS) {
  evently::disarm();
  evently::passed_count = 0;
  evently::fatal_signal = PG_GETARG_INT32(1);
  evently::calls_left = PG_GETARG_INT64(0);
  evently::mortal = true;
  PG_RETURN_VOID();
}

// die_in_commit(microseconds integer): the session is killed so long after its next commit began.
Datum evently_die_in_commit(PG_FUNCTION_ARGS) {
  evently::disarm();
  evently::fatal_delay_us = PG_GETARG_INT32(0);
  PG_RETURN_VOID();
}

// calls_passed() text: the names of the calls since end_at, and disarms.
Datum evently_calls_passed(PG_FUNCTION_ARGS) {
  (void)fcinfo;
  evently::disarm();
  StringInfoData names;
  initStringInfo(&names);
  for (int i = 0; i < evently::passed_count; ++i)
    appendStringInfo(&names, "%s\n", evently::passed[i]);
  PG_RETURN_TEXT_P(cstring_to_text(names.data));
}
}
