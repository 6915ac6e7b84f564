#include "smtp/lean_provider.hpp"

#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace smtp
{
namespace
{

using Algorithms = std::vector<OSSL_ALGORITHM>;

constexpr std::array<std::string_view, 3> types_of_any_openssl{"RSA", "EC", "ED25519"};
constexpr OSSL_ALGORITHM end_of_algorithms{nullptr, nullptr, nullptr, nullptr};

OSSL_PROVIDER* default_provider_of(OSSL_LIB_CTX* context)
{
    auto* provider = OSSL_PROVIDER_load(context, "default");
    if (!provider)
        throw std::runtime_error("OpenSSL cannot load its default provider");
    return provider;
}

/// It tells of the same algorithms in every context; which of them they work for, their provider's own
/// context says.
const OSSL_PROVIDER* told_by()
{
    static const auto* provider = default_provider_of(OSSL_LIB_CTX_get0_global_default());
    return provider;
}

bool reads_public_keys(const OSSL_ALGORITHM& decoder)
{
    constexpr std::string_view form = "input=der,structure=SubjectPublicKeyInfo";
    return std::string_view(decoder.property_definition).find(form) != std::string_view::npos;
}

Algorithms decoders_of_public_keys()
{
    Algorithms some;
    int may_change = 0;
    const auto* decoder = OSSL_PROVIDER_query_operation(told_by(), OSSL_OP_DECODER, &may_change);
    for (; decoder && decoder->algorithm_names; ++decoder) {
        if (reads_public_keys(*decoder))
            some.push_back(*decoder);
    }
    const auto reads = [&](std::string_view type) {
        return std::ranges::any_of(some, [&](const auto& each) { return each.algorithm_names == type; });
    };
    if (!std::ranges::all_of(types_of_any_openssl, reads))
        throw std::runtime_error("OpenSSL names its decoders in another way than we know");
    some.push_back(end_of_algorithms);
    return some;
}

/// Kept to the very end, as the contexts are.
const Algorithms& known_decoders()
{
    static const auto& decoders = *new Algorithms(decoders_of_public_keys());
    return decoders;
}

const OSSL_ALGORITHM* algorithms(void*, int operation, int* may_change)
{
    if (operation != OSSL_OP_DECODER)
        return OSSL_PROVIDER_query_operation(told_by(), operation, may_change);
    *may_change = 0;
    return known_decoders().data();
}

int capabilities(void*, const char* capability, OSSL_CALLBACK* tell, void* argument)
{
    return OSSL_PROVIDER_get_capabilities(told_by(), capability, tell, argument);
}

thread_local OSSL_PROVIDER* implementing_now = nullptr; // OpenSSL hands nothing of ours to initialize()

int initialize(
    const OSSL_CORE_HANDLE*, const OSSL_DISPATCH*, const OSSL_DISPATCH** functions, void** provider_context
)
{
    static const OSSL_DISPATCH ours[] = {
        {OSSL_FUNC_PROVIDER_QUERY_OPERATION, reinterpret_cast<void (*)()>(algorithms)},
        {OSSL_FUNC_PROVIDER_GET_CAPABILITIES, reinterpret_cast<void (*)()>(capabilities)},
        {0, nullptr},
    };
    *functions = ours;
    *provider_context = OSSL_PROVIDER_get0_provider_ctx(implementing_now);
    return 1;
}

} // namespace

void load_lean_provider(OSSL_LIB_CTX* context, OSSL_LIB_CTX* implementing)
{
    known_decoders(); // before OpenSSL, which knows no exceptions, asks
    implementing_now = default_provider_of(implementing);
    const bool is_loaded = OSSL_PROVIDER_add_builtin(context, "lean", initialize) == 1 &&
                           OSSL_PROVIDER_load(context, "lean") != nullptr;
    implementing_now = nullptr;
    if (!is_loaded)
        throw std::runtime_error("OpenSSL refuses a provider of ours");
}

} // namespace smtp
