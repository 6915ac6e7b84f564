// CNAME chains: what one message adds to an answer (RFC 1034 §3.6.2). Pure.
#pragma once

#include "dns/message.hpp"
#include "dns/records.hpp"

#include <cstddef>
#include <string>

namespace dns
{

inline constexpr std::size_t alias_limit = 16; // aliases followed for one question

/// The name that the records must bear: the last alias, or the name asked.
const std::string& end_of_chain(const Answer& answer);

/// Takes over what a message (NOERROR or NXDOMAIN) says of end_of_chain(answer): the aliases from there on,
/// in the order of the chain, whatever order they came in, and the records at its end. True: the answer is
/// settled, also as too_many_aliases. False: the message leaves the chain open, and the new end has to be
/// asked after. `security` is the message's; an answer starts out secure, and is worth what the least of its
/// messages is.
///
/// Asked for Type::cname, nothing is followed: found is an answer with one alias and no records.
bool absorb(const Message& message, Security security, Answer& answer);

} // namespace dns
