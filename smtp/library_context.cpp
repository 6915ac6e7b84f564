#include "smtp/library_context.hpp"

#include <openssl/crypto.h>

#include <mutex>
#include <new>
#include <vector>

namespace smtp
{
namespace
{

/// For as long as the process, its very end included.
void keep(OSSL_LIB_CTX* context)
{
    static auto& kept = *new std::vector<OSSL_LIB_CTX*>();
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    kept.push_back(context);
}

} // namespace

void have_own_library_context()
{
    auto* context = OSSL_LIB_CTX_new();
    if (!context)
        throw std::bad_alloc();
    keep(context);
    OSSL_LIB_CTX_set0_default(context);
}

} // namespace smtp
