// The fence: server headers come in here first. Every file outside rules/ includes it and lives in
// the backend zone: an ereport may longjmp over any of its frames, so it holds trivially
// destructible locals and palloc memory only. rules/ never includes it; the unit tests compile that
// room without any server header, so that one cannot slip in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

extern "C" {
#include "postgres.h"
//
#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_type_d.h"
#include "commands/async.h"
#include "commands/event_trigger.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/timestamp.h"
}
