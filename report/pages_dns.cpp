#include "report/page_tables.hpp"

#include <array>

namespace report
{
namespace
{

constexpr std::array pages{
    Page{
        .code = "dns-nxdomain",
        .brief = "the domain does not exist",
        .remedy =
            "Check the spelling of the domain. If it is right, its registration or its delegation has to "
            "be restored.",
        .meaning = R"~(
            The DNS says that there is no such name (NXDOMAIN): no MX record, no address, nothing below it.
            Nothing was connected to.)~",
        .matters = R"~(
            Mail to the domain bounces at once. A sender takes this answer as final and does not try again.)~",
        .verify = R"~(
            $ dig MX example.com
            $ dig +trace MX example.com

            The header of the answer says "status: NXDOMAIN". The trace shows which name server says so: one
            of the parent zone where the delegation is gone, one of the domain's own where it has not loaded
            the zone.)~",
        .mend = R"~(
            Most often it is a slip in the target. Else renew the registration, restore the NS records at the
            registrar, or load the zone on each of its name servers.)~",
        .rfc = "RFC 5321 section 5.1; RFC 2308 section 2.1; RFC 8020 section 2",
    },
    Page{
        .code = "dns-no-answer",
        .brief = "the DNS did not say: time-out or SERVFAIL",
        .remedy = "Ask again, and ask another resolver with --resolver. If that fails too, the domain's name "
                  "servers or its DNSSEC need repair.",
        .meaning = R"~(
            No resolver that was asked gave an answer: they timed out, or said SERVFAIL or REFUSED. Whether
            there is a record is not known. That is not the same as having none, and it says nothing about
            TLS.)~",
        .matters = R"~(
            Senders keep the mail and try again for days. They must not guess a route while the MX look-up
            fails, and a sender with DANE does not deliver while the TLSA look-up fails.)~",
        .verify = R"~(
            $ dig MX example.com
            $ dig @192.0.2.53 MX example.com
            $ dig +cd MX example.com
            $ dig +trace MX example.com

            Put the address of another resolver in place of 192.0.2.53. If only your own fails, the fault is
            yours. If +cd (no validation) brings an answer, DNSSEC is broken. The trace shows the name server
            that does not answer.)~",
        .mend = R"~(
            On this side: name a resolver that works with --resolver, or let port 53 through, UDP and TCP.

            On the domain's side: every name server of the zone has to answer, over UDP and TCP, and for every
            type of record. Servers that drop questions for TLSA in place of answering "none" are a
            known cause.)~",
        .rfc = "RFC 5321 section 5.1; RFC 1035 section 4.1.1; RFC 7672 section 2.1",
    },
    Page{
        .code = "dnssec-invalid",
        .brief = "DNSSEC validation of the answer fails",
        .remedy = "Sign the zone anew, or make the DS record at the parent match the zone's keys. Until then "
                  "validating senders cannot find the mail hosts.",
        .meaning = R"~(
            The zone is signed, and the answer does not fit its signatures (bogus): they have expired, or the
            DS record at the parent names a key that the zone no longer has.)~",
        .matters = R"~(
            A validating resolver withholds such answers and says SERVFAIL. Senders behind one keep the mail in
            their queue and bounce it in the end; the others notice nothing, so that part of the mail arrives
            and part does not.)~",
        .verify = R"~(
            $ dig MX example.com
            $ dig +cd MX example.com
            $ delv MX example.com
            $ dig +cd +dnssec MX example.com

            SERVFAIL from the first and an answer from the second is the sign. delv says why. In the last one
            look at the dates of the RRSIG: the first is the end, the second the beginning.)~",
        .mend = R"~(
            Expired signatures: run the signer again and find out why its timer stopped. After a change of
            keys or of the DNS provider: replace the DS record at the registrar, or take it out until the zone
            is in order. Check the signer's clock.)~",
        .rfc = "RFC 4033 section 5; RFC 4035 section 5.5; RFC 8460 section 4.3",
    },
    Page{
        .code = "mx-null",
        .brief = "the domain says that it takes no mail",
        .remedy =
            "None needed, if the domain is to take no mail. Else replace the null MX by the name of a mail "
            "host.",
        .meaning = R"~(
            The only MX record is "0 .": the domain declares that it takes no mail. Nothing was connected to,
            and there is no factor.)~",
        .matters = R"~(
            Senders that know null MX return mail to the sender at once, in place of trying for days. This is
            right for a domain without mailboxes.)~",
        .verify = R"~(
            $ dig +short MX example.com

            The answer is the one line "0 .".)~",
        .mend = R"~(
            To receive mail, publish an MX record with the name of a host in place of this one. Not beside it.)~",
        .rfc = "RFC 7505 sections 3 and 4",
    },
    Page{
        .code = "mx-null-not-alone",
        .brief = "a null MX stands beside other MX records",
        .remedy = "Delete the MX record with the name \".\", or else all the others.",
        .meaning = R"~(
            One MX record says that the domain takes no mail, others name hosts that do. Both cannot be true,
            and the standard forbids it. The probe leaves the "." out and tests the others.)~",
        .matters = R"~(
            What senders make of it differs: some ignore the ".", some try to find an address for it, some may
            take the domain for one without mail.)~",
        .verify = R"~(
            $ dig +short MX example.com

            Look for a line that ends in " ." and has company.)~",
        .mend = R"~(
            Delete one or the other. The "." is often what an empty field in a DNS provider's form became.)~",
        .rfc = "RFC 7505 section 3",
    },
    Page{
        .code = "mx-implicit",
        .brief = "no MX record: mail goes to the domain's address",
        .remedy = "Publish an MX record that names the mail host, or a null MX if the domain takes no mail.",
        .meaning = R"~(
            The domain has no MX record but an address. By the standard the domain itself is then its one mail
            host, with preference 0.)~",
        .matters = R"~(
            Mail goes to whatever answers on port 25 of that address, which often is a web server. Its
            certificate has to name the domain itself.)~",
        .verify = R"~(
            $ dig +short MX example.com
            $ dig +short A example.com
            $ dig +short AAAA example.com

            Nothing from the first, an address from one of the others.)~",
        .mend = R"~(
            Publish "example.com. MX 10 mx1.example.com.". A domain that takes no mail should say so with a
            null MX, "example.com. MX 0 .".)~",
        .rfc = "RFC 5321 section 5.1; RFC 7505 section 3",
    },
    Page{
        .code = "mx-is-address",
        .brief = "the MX record has an IP address for a name",
        .remedy = "Give the mail host a name with an address record, and put that name in the MX record.",
        .meaning = R"~(
            The exchange of an MX record reads like an IP address. An MX record holds a name; this one is a
            name made of digits, which exists nowhere. The probe connects to the address all the same, to show
            what is there.)~",
        .matters = R"~(
            Many senders look the "name" up, find nothing, and bounce the mail or pass on to the next host.
            Those that take it as an address have no name that a certificate could match.)~",
        .verify = R"~(
            $ dig +short MX example.com

            A line such as "10 192.0.2.1." shows it.)~",
        .mend = R"~(
            Publish "mx1.example.com. A 192.0.2.1" and "example.com. MX 10 mx1.example.com.", and have the
            certificate name mx1.example.com.)~",
        .rfc = "RFC 5321 section 5.1; RFC 1035 section 3.3.9",
    },
    Page{
        .code = "mx-is-alias",
        .brief = "the MX record names an alias (CNAME)",
        .remedy = "Put the real name of the host in the MX record, or give the name there address records in "
                  "place of its CNAME.",
        .meaning = R"~(
            The name in the MX record has no address of its own: it is a CNAME for another name. The probe
            followed it.)~",
        .matters = R"~(
            Most senders follow it, and compare the certificate with the name in the MX record. The standard
            forbids it, some senders refuse it, and DANE looks for TLSA records below the name that the
            alias leads to first.)~",
        .verify = R"~(
            $ dig +short MX example.com
            $ dig mx1.example.com

            The answer to the second has a CNAME record in it.)~",
        .mend = R"~(
            Write the target of the alias into the MX record, provided that its certificate names it, or
            replace the CNAME by A and AAAA records. Hosted services tell the name that they want in the MX.)~",
        .rfc = "RFC 2181 section 10.3; RFC 5321 section 5.1; RFC 7672 section 2.2",
    },
    Page{
        .code = "mx-no-address",
        .brief = "the mail host has no address",
        .remedy = "Publish an address record for the mail host, or delete the MX record that names it.",
        .meaning = R"~(
            The MX record names a host that has neither an A nor an AAAA record, or that does not exist. At the
            domain itself: it has neither an MX record nor an address. Under -4 or -6 only the family asked
            for was looked up.)~",
        .matters = R"~(
            Senders pass on to the next host. Where there is none, the mail waits or bounces: the domain can
            receive nothing.)~",
        .verify = R"~(
            $ dig +short MX example.com
            $ dig mx1.example.com A
            $ dig mx1.example.com AAAA

            "status: NXDOMAIN": the name does not exist. "NOERROR" with "ANSWER: 0": it has no address of that
            kind.)~",
        .mend = R"~(
            Correct the name in the MX record (a missing final dot makes mx1.example.com.example.com of it),
            publish its address, or delete the record. A host that was given up leaves its MX behind.)~",
        .rfc = "RFC 5321 section 5.1",
    },
    Page{
        .code = "mx-loop",
        .brief = "the mail host's address leads back to the sender",
        .remedy =
            "Replace the loopback or zero address of the mail host by its public one, or publish a null "
            "MX if the domain takes no mail.",
        .meaning = R"~(
            The host in the MX record has a loopback address (127.0.0.0/8, ::1) or 0.0.0.0. From anywhere, that
            is the machine that asks. What answered the probe, if anything, was this machine.)~",
        .matters = R"~(
            A sender would connect to itself. Most notice ("mail for example.com loops back to myself") and
            bounce the mail.)~",
        .verify = R"~(
            $ dig +short MX example.com
            $ dig +short A mx1.example.com

            If your resolver answers so and another does not, it filters: some blocklists answer 0.0.0.0.)~",
        .mend = R"~(
            Publish the public address. Such records are often set on purpose to keep mail away: a null MX
            says the same in the right way.)~",
        .rfc = "RFC 1122 section 3.2.1.3; RFC 6890 section 2.2; RFC 7505 section 3",
    },
};

} // namespace

Subject about_dns() noexcept
{
    return {"DNS", pages};
}

} // namespace report
