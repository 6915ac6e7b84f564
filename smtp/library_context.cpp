#include "smtp/library_context.hpp"

#include <openssl/crypto.h>

#include <new>

namespace smtp
{

void have_own_library_context()
{
    auto* context = OSSL_LIB_CTX_new();
    if (!context)
        throw std::bad_alloc();
    OSSL_LIB_CTX_set0_default(context);
}

} // namespace smtp
