#include "smtp/key_contexts.hpp"

namespace smtp
{

std::vector<TlsContext> contexts_by_key(TlsSettings settings)
{
    std::vector<TlsContext> contexts;
    for (const auto type : all_key_types) {
        settings.only_key = type;
        contexts.emplace_back(settings);
    }
    return contexts;
}

} // namespace smtp
