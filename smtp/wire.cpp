#include "smtp/wire.hpp"

#include "smtp/printable.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/bio.h>
#include <sys/socket.h>

#include <cerrno>
#include <new>

namespace smtp
{
namespace
{

Wire& wire_of(BIO* bio)
{
    return *static_cast<Wire*>(BIO_get_data(bio));
}

int bio_read(BIO* bio, char* into, std::size_t size, std::size_t* read)
{
    Wire& wire = wire_of(bio);
    BIO_clear_retry_flags(bio);
    *read = wire.receive(into, size);
    if (*read > 0) {
        wire.keep_first({into, *read});
        return 1;
    }
    if (wire.blocked())
        BIO_set_retry_read(bio);
    return 0;
}

int bio_write(BIO* bio, const char* octets, std::size_t size, std::size_t* written)
{
    Wire& wire = wire_of(bio);
    BIO_clear_retry_flags(bio);
    *written = wire.send({octets, size});
    if (*written > 0)
        return 1;
    if (wire.blocked())
        BIO_set_retry_write(bio);
    return 0;
}

long bio_control(BIO* bio, int command, long, void*)
{
    if (command == BIO_CTRL_EOF)
        return wire_of(bio).closed() ? 1 : 0;
    return command == BIO_CTRL_FLUSH ? 1 : 0;
}

/// One for the whole life of the program.
const BIO_METHOD* bio_method()
{
    static BIO_METHOD* const method = [] {
        BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "smtp::Wire");
        if (made == nullptr)
            throw std::bad_alloc();
        BIO_meth_set_read_ex(made, bio_read);
        BIO_meth_set_write_ex(made, bio_write);
        BIO_meth_set_ctrl(made, bio_control);
        return made;
    }();
    return method;
}

} // namespace

std::size_t Wire::receive(char* into, std::size_t size) noexcept
{
    blocked_ = ++received_at_once_ > most_at_once;
    if (blocked_)
        return 0;
    const ssize_t result = ::recv(socket_, into, size, 0);
    if (result > 0) {
        received_ += static_cast<std::size_t>(result);
        return static_cast<std::size_t>(result);
    }
    closed_ = result == 0;
    blocked_ = result < 0 && (errno == EAGAIN || errno == EINTR);
    if (result < 0 && !blocked_)
        error_ = errno;
    return 0;
}

std::size_t Wire::send(std::string_view octets) noexcept
{
    const ssize_t result = ::send(socket_, octets.data(), octets.size(), MSG_NOSIGNAL);
    if (result >= 0) {
        sent_ += static_cast<std::size_t>(result);
        return static_cast<std::size_t>(result);
    }
    blocked_ = errno == EAGAIN || errno == EINTR;
    if (!blocked_)
        error_ = errno;
    return 0;
}

std::string Wire::peek(std::size_t size) const
{
    std::string octets(size, '\0');
    const ssize_t result = ::recv(socket_, octets.data(), size, MSG_PEEK);
    octets.resize(result > 0 ? static_cast<std::size_t>(result) : 0);
    return octets;
}

void Wire::acknowledge_at_once() noexcept
{
    const int yes = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_QUICKACK, &yes, sizeof yes);
}

void Wire::keep_first(std::string_view octets)
{
    if (first_received_.size() < excerpt_limit)
        first_received_.append(octets.substr(0, excerpt_limit - first_received_.size()));
}

BIO* Wire::new_bio()
{
    BIO* bio = BIO_new(bio_method());
    if (bio == nullptr)
        throw std::bad_alloc();
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    return bio;
}

} // namespace smtp
