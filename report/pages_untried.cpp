#include "report/page_tables.hpp"

#include <array>

namespace report
{
namespace
{

constexpr std::array pages{
    Page{
        .code = "target-invalid",
        .brief = "a line of a scan that is no target",
        .remedy = "Correct the line of the input, or leave it out: write a domain, a mail address or an "
                  "address literal.",
        .meaning = R"~(
            The line is neither a domain nor a mail address, so that nothing was looked up and nothing was
            connected to. The finding says what is wrong with it. The lines before and behind it were scanned
            as ever.)~",
        .matters = R"~(
            Nothing: no mail can be sent to what is no address.)~",
        .verify = R"~(
            $ mxtls user@example.com
            $ idn2 example.com

            The first takes what a scan takes, and says the same of it. The second shows what becomes of a name
            with letters outside ASCII.)~",
        .mend = R"~(
            One target a line and nothing else on it: no header, no columns, no URL, no quotation marks. An
            address stands in brackets, as in [192.0.2.1] or [IPv6:2001:db8::1]. A file from elsewhere may have
            to be converted to UTF-8 first. Lines that are empty or begin with # are passed over.)~",
        .rfc = "RFC 5321 sections 4.1.2 and 4.1.3; RFC 5891 section 5",
    },
    Page{
        .code = "target-abandoned",
        .brief = "a target of a queue that no worker ever finished",
        .remedy =
            "Look at what became of the workers that had it; probe it by itself, and feed it under a new "
            "run.",
        .meaning = R"~(
            The entry of the queue was given to workers five times, and none of them came to an end with it:
            they were killed, or lost their machine. So that it takes no further ones with it, it has this
            result. It says nothing about the target's TLS.)~",
        .matters = R"~(
            Nothing, to senders: it was not found out.)~",
        .verify = R"~(
            $ mxtls -v example.com
            $ redis-cli XINFO CONSUMERS mxtls:targets mxtls

            The first probes it alone. The second lists the workers, those that died among them.)~",
        .mend = R"~(
            Most often the workers are short of memory, or take-over is shorter than a probe may last, and
            entries beside this one have suffered as well. Mend that, then feed the target under another run:
            under the old one it has its result. A sender gives up on a message in the same way. Where it was
            the target itself that ended the program, that is a fault of mxtls: report it, with the output of
            the first command.)~",
        .rfc = "RFC 5321 section 4.5.4.1",
    },
    Page{
        .code = "excluded",
        .brief = "--exclude keeps it from being contacted",
        .remedy =
            "None needed, where the exclusion is meant. Else take its line out of the file that is given "
            "by --exclude.",
        .meaning = R"~(
            The file given by --exclude names this domain, this host, or a network with this address in it, so
            that nobody connected there. It is left out of the factor, and says nothing about TLS. Where nothing
            else was reached, the status is UNKNOWN.)~",
        .matters = R"~(
            Nothing, to senders: it is your own choice whom to leave alone.)~",
        .verify = R"~(
            $ grep -n -F example.com exclude.txt
            $ dig +short A mx1.example.com

            The finding tells the line that applies. A name may also lead to an address in one of the networks
            of the file.)~",
        .mend = R"~(
            Keep the line where its owner asked not to be probed: that is what the file is for. To probe one
            target of an excluded network all the same, run mxtls for it without --exclude, and with the
            consent of whoever runs it.)~",
        .rfc = "RFC 9511 section 1",
    },
};

} // namespace

Subject about_what_was_not_tried() noexcept
{
    return {"What was not tried", pages};
}

} // namespace report
