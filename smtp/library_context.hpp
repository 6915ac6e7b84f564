// What OpenSSL keeps of its algorithms, for one thread alone.
#pragma once

namespace smtp
{

/// From here on OpenSSL looks its algorithms up, for this thread, in a library context of the thread's own
/// (OSSL_LIB_CTX(3)). That of the process, which all threads have in common otherwise, is behind locks that a
/// handshake takes thousands of times. The context stays for as long as the process: certificates refer to
/// it.
void have_own_library_context();

} // namespace smtp
