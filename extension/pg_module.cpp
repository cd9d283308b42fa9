// What happens when the server loads the module. Order only.
#include "extension/backend/compat.h"
#include "extension/backend/foreign_keys.h"
#include "extension/backend/pg.h"
#include "extension/backend/settings.h"
#include "extension/changes/notifier.h"
#include "extension/pg_shared_memory.h"
#include "extension/pg_transaction.h"

extern "C" {
#include "miscadmin.h"
}

extern "C" {

EVENTLY_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);  // NOLINT(bugprone-reserved-identifier): the server's name for it

void _PG_init(void) {
  evently::define_settings();
  evently::install_foreign_key_hook();
  evently::register_transaction_callbacks();
  if (!process_shared_preload_libraries_in_progress) return;
  evently::request_shared_memory();
  if (!IsBinaryUpgrade) evently::register_launcher();
}

PG_FUNCTION_INFO_V1(evently_module_version);

Datum evently_module_version(PG_FUNCTION_ARGS) {
  (void)fcinfo;
  PG_RETURN_TEXT_P(cstring_to_text(EVENTLY_VERSION));
}
}
