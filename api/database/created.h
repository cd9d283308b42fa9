#pragma once

namespace evently {

// What a call with an idempotency key made, or what the same key had made before.
template <class Row>
struct Created {
  Row row;
  bool replayed;
};

}  // namespace evently
