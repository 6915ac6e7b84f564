#include "smtp/library_context.hpp"

#include "smtp/lean_provider.hpp"

#include <openssl/crypto.h>
#include <openssl/ssl.h>

#include <mutex>
#include <new>
#include <vector>

namespace smtp
{
namespace
{

/// For as long as the process, its very end included.
OSSL_LIB_CTX* new_context()
{
    static auto& kept = *new std::vector<OSSL_LIB_CTX*>();
    static std::mutex mutex;
    const std::lock_guard lock(mutex);
    kept.push_back(OSSL_LIB_CTX_new());
    if (!kept.back())
        throw std::bad_alloc();
    return kept.back();
}

} // namespace

void keep_configuration_out()
{
    static const int once = OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);
    (void)once;
}

void have_own_library_context()
{
    keep_configuration_out();
    auto* context = new_context();
    load_lean_provider(context, new_context());
    OSSL_LIB_CTX_set0_default(context);
}

} // namespace smtp
