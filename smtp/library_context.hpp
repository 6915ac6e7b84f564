// What OpenSSL keeps of its algorithms, for one thread alone.
#pragma once

namespace smtp
{

/// OpenSSL reads its configuration (config(5)) once, at its first use; whoever asks first decides whether.
/// This asks it not to: what a probe offers and believes hangs on no file of the machine it runs on.
void keep_configuration_out();

/// From here on OpenSSL looks its algorithms up, for this thread, in a library context of the thread's own
/// (OSSL_LIB_CTX(3)). That of the process, which all threads have in common otherwise, is behind locks that a
/// handshake takes thousands of times. It is lean (lean_provider.hpp): it reads no private keys. It stays for
/// as long as the process: certificates refer to it.
void have_own_library_context();

} // namespace smtp
