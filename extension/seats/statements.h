// The statements by which seats change hands. Backend zone.
#pragma once

#include "extension/backend/plans.h"

namespace evently::statements {

extern SavedPlan find_by_key;
extern SavedPlan lock_event;
extern SavedPlan find_user;
extern SavedPlan insert_booking;
extern SavedPlan move_seats;
extern SavedPlan find_booking;
extern SavedPlan cancel_booking;
extern SavedPlan set_capacity;

// For batches.
extern SavedPlan find_by_keys;
extern SavedPlan lock_users;
extern SavedPlan insert_bookings;

}  // namespace evently::statements
