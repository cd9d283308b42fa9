#include "redis_bridge/bridge/inventory_queries.h"

#include "runtime/array_literal.h"

namespace evently {
namespace {

std::vector<SellableInventory> inventories_of(const PostgresRows& rows) {
  std::vector<SellableInventory> inventories;
  inventories.reserve(static_cast<std::size_t>(rows.size()));
  for (int row = 0; row < rows.size(); ++row) {
    const Inventory inventory{rows.integer(row, 0), rows.integer(row, 1), rows.integer(row, 2)};
    inventories.push_back({inventory, rows.integer(row, 3)});
  }
  return inventories;
}

}  // namespace

void listen_for_changes(PostgresSession& session) {
  session.query("LISTEN evently_inventory");
}

std::string read_epoch(PostgresSession& session) {
  const PostgresRows rows = session.query("SELECT evently.epoch()");
  if (rows.size() != 1 || rows.text(0, 0).empty()) {
    throw PostgresError("evently.epoch() has no answer");
  }
  return rows.text(0, 0);
}

std::vector<SellableInventory> read_inventories(PostgresSession& session,
                                                const std::vector<std::int64_t>& event_ids) {
  return inventories_of(
      session.query("SELECT id, version, seats_available, ms_until_start::bigint"
                    " FROM evently.inventory WHERE id = ANY($1::bigint[])",
                    {array_literal(event_ids)}));
}

std::vector<SellableInventory> read_inventory_page(PostgresSession& session,
                                                   std::int64_t after_event_id, int limit) {
  return inventories_of(
      session.query("SELECT id, version, seats_available, ms_until_start::bigint"
                    " FROM evently.inventory WHERE id > $1::bigint ORDER BY id LIMIT $2::integer",
                    {std::to_string(after_event_id), std::to_string(limit)}));
}

}  // namespace evently
