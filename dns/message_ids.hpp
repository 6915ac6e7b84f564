// Ids for queries that nobody can foretell, of all 16 bits (RFC 5452 §9.2).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace dns
{

/// The kernel is asked for many at a time: for each one, it or the processor would take longer than all else
/// that a question costs.
class MessageIds
{
public:
    /// Throws std::system_error where the system has no randomness to give.
    std::uint16_t next();

private:
    std::array<std::uint16_t, 128> ids_{}; // 256 octets: so many the kernel gives whole or not at all
    std::size_t given_ = ids_.size();
};

} // namespace dns
