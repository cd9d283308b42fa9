// What happens when the server loads the module. Order only; each piece lives in its own file.
#include "extension/pg.h"
#include "extension/pg_inventory.h"
#include "extension/pg_settings.h"

extern "C" {

PG_MODULE_MAGIC;

PGDLLEXPORT void _PG_init(void);

void _PG_init(void) {
  evently::define_settings();
  evently::register_inventory_callbacks();
}

PG_FUNCTION_INFO_V1(evently_module_version);

Datum evently_module_version(PG_FUNCTION_ARGS) {
  (void)fcinfo;
  PG_RETURN_TEXT_P(cstring_to_text(EVENTLY_VERSION));
}
}
