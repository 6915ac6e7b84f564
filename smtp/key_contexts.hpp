// For --key-types: contexts that each offer one certificate algorithm only.
#pragma once

#include "smtp/tls.hpp"

#include <vector>

namespace smtp
{

/// Indexed by KeyType. Throws as TlsContext does.
std::vector<TlsContext> contexts_by_key(TlsSettings settings);

} // namespace smtp
