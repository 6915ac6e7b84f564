// Before every file that clang 14 compiles for the fuzzers: it does not see Asio's coroutines, yet pure files
// include headers that declare some.
#pragma once

#include <asio/any_io_executor.hpp>

namespace asio
{

template <class T, class Executor = any_io_executor>
class awaitable;

} // namespace asio
