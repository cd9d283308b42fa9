#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "redis_bridge/bridge/postgres_session.h"
#include "redis_bridge/tokens/inventory.h"

namespace evently {

// All SQL of the bridge.

void listen_for_changes(PostgresSession& session);

std::string read_epoch(PostgresSession& session);

// Those of the events that exist and have not started.
std::vector<SellableInventory> read_inventories(PostgresSession& session,
                                                const std::vector<std::int64_t>& event_ids);

// The next ones in the order of their ids.
std::vector<SellableInventory> read_inventory_page(PostgresSession& session,
                                                   std::int64_t after_event_id, int limit);

}  // namespace evently
