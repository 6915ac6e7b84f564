// OpenSSL's algorithms without those that a handshake never needs and always pays for. Private to smtp/.
#pragma once

struct ossl_lib_ctx_st;

namespace smtp
{

/// Has `context`, which is new, take its algorithms from the default provider (OSSL_PROVIDER-default(7)) of
/// `implementing`, which outlives it; of its decoders only those of public keys in certificates. For each key
/// of each certificate OpenSSL 3.0 goes anew through all decoders there are, some hundred, which took a
/// quarter of the instructions of a session. Private keys have to be read in another context. Throws
/// std::runtime_error where OpenSSL refuses.
void load_lean_provider(ossl_lib_ctx_st* context, ossl_lib_ctx_st* implementing);

} // namespace smtp
