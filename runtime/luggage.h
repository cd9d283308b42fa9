#pragma once

namespace evently {

// One pointer that belongs to what the thread works on: a coroutine takes its own along, and so
// does the worker that it waits for. In a header of its own because most of the code needs no more.
inline constinit thread_local void* luggage = nullptr;

}  // namespace evently
