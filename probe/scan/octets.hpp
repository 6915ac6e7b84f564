// What it takes to keep a thing, roughly: the octets it came with, and those that hold them together.
#pragma once

#include "dns/records.hpp"
#include "probe/fetch.hpp"
#include "smtp/session.hpp"

#include <cstddef>

namespace scan
{

std::size_t octets_of(const dns::Answer& answer) noexcept;
std::size_t octets_of(const smtp::Session& session
) noexcept; // of the chain, the first only: others are shared
std::size_t octets_of(const probe::Fetched& fetched) noexcept;

/// Of what has nothing but itself.
template <class Value>
std::size_t octets_of(const Value&) noexcept
{
    return sizeof(Value);
}

} // namespace scan
