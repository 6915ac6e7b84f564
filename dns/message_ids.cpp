#include "dns/message_ids.hpp"

#include <sys/random.h>

#include <cerrno>
#include <system_error>

namespace dns
{

std::uint16_t MessageIds::next()
{
    if (given_ == ids_.size()) {
        while (getrandom(ids_.data(), sizeof ids_, 0) < 0) {
            if (errno != EINTR) // before the kernel has gathered enough, a signal interrupts
                throw std::system_error(errno, std::generic_category(), "getrandom");
        }
        given_ = 0;
    }
    return ids_[given_++];
}

} // namespace dns
