#include "probe/command/manual.hpp"

namespace command
{
namespace
{

const Manual check_manual{
    .word = "",
    .summary =
        "Usage: mxtls [check] [OPTIONS] TARGET...\n"
        "       mxtls scan [OPTIONS] [FILE|-]\n"
        "       mxtls tlsa [OPTIONS] HOST[:PORT]...\n"
        "       mxtls sts-policy [OPTIONS] DOMAIN\n"
        "       mxtls explain [CODE...]\n"
        "       mxtls history [OPTIONS] --history FILE [TARGET...]\n"
        "       mxtls log [OPTIONS] FILE...|-\n"
        "       mxtls config check FILE\n"
        "\n"
        "Checks the TLS of a domain's mail hosts: finds its MX, speaks EHLO and STARTTLS with every address "
        "of each,\n"
        "verifies the certificates, and tells with what confidence mail to it is encrypted and "
        "authenticated.",
    .ending =
        "\n"
        "Examples:\n"
        "  mxtls example.com                                  the table of all mail hosts of a domain\n"
        "  mxtls -v --policy required-verify user@example.com would verified TLS deliver? With the whole "
        "dialogue\n"
        "  mxtls --mx 192.0.2.1 --reference mx1.example.com example.com\n"
        "                                                     test your own listener by its address\n"
        "  mxtls explain certificate-expired                  what a finding means, and how to mend it\n"
        "  mxtls -q --history mx.db example.com               from cron; then mxtls history --history mx.db\n"
        "  mxtls -q --targets partners.toml                   many, each with limits and a policy of its "
        "own\n"
        "  mxtls -q -o /dev/null --history mx.db --notify-mail admin@example.net example.com\n"
        "                                                     from cron, telling of changes only\n"
        "  mxtls tlsa mx1.example.com                         the TLSA records to publish for a host\n"
        "\n"
        "Exit status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN (nothing could be judged, or bad usage).\n"
        "TARGET is a domain, a mail address, or an address literal such as user@[192.0.2.1].",
    .nothing_given = "no target: give a domain or a mail address",
    .without = {"--mode", "--max-age"}};

const Manual scan_manual{
    .word = "scan ",
    .summary =
        "Usage: mxtls scan [OPTIONS] [FILE|-]\n"
        "       mxtls scan [OPTIONS] --queue URL\n"
        "\n"
        "Checks any number of targets: reads them from a file or standard input, one a line, and writes one\n"
        "result a line as soon as it is known. What many targets have in common is looked up and connected\n"
        "to once. A line that is no target becomes a result too; blank lines and # comments are skipped.",
    .ending =
        "\n"
        "Examples:\n"
        "  mxtls scan -o partners.ndjson partners.txt         progress is shown on the terminal\n"
        "  mxtls scan --resume partners.ndjson -o partners.ndjson partners.txt\n"
        "                                                     goes on where it was interrupted\n"
        "  mxtls scan --format score - <partners.txt          a factor and a target a line\n"
        "  mxtls scan --rate 50 --host-interval 1 --contact 'survey@example.org' --exclude optout.txt list\n"
        "                                                     as those who are scanned would like it\n"
        "\n"
        "Exit status: 2 where a target is CRITICAL, else 3 where one is UNKNOWN, else 1 where one is "
        "WARNING, else\n"
        "0; 3 where it was interrupted. SIGHUP tells how far it is. Of targets that --resume skips the "
        "status\n"
        "counts no more.",
    .nothing_given = "",
    .without = {
        "--targets", "-v", "--color", "--tlsa", "--protocols", "--keep", "--notify", "--notify-mail",
        "--sendmail", "--notify-url", "--confirm", "--mode", "--max-age"}};

const Manual tlsa_manual{
    .word = "tlsa ",
    .summary =
        "Usage: mxtls tlsa [OPTIONS] HOST[:PORT]...\n"
        "\n"
        "Connects to the mail host itself and prints the TLSA records that match the certificates it "
        "presents\n"
        "now, as a fragment of a zone file: 3 1 1 for its own, and 2 1 1 for each issuer that it sends and "
        "that\n"
        "vouches for it. Comments say what each describes, what is published already or matches nothing, "
        "and\n"
        "whether DNSSEC protects the name: without it no sender uses the records.",
    .ending =
        "\n"
        "Examples:\n"
        "  mxtls tlsa --key-types mx1.example.com             for both its certificates, RSA and ECDSA\n"
        "  mxtls tlsa --reference mx1.example.com 192.0.2.1   for a server that DNS does not name yet\n"
        "  mxtls --tlsa example.com                           for all mail hosts of a domain, in a check\n"
        "\n"
        "Exit status: 0 each host presented a certificate at each address; 1 one did so at some of them "
        "only;\n"
        "3 one did nowhere, or bad usage. An address that this machine has no route to does not count.",
    .nothing_given = "no host: give the name of a mail host",
    .without = {"--targets",    "--mx",
                "--quick",      "--no-dane",
                "--no-mta-sts", "--sts-port",
                "--assure",     "--rcpt",
                "--protocols",  "--expiry-days",
                "--policy",     "--warn-below",
                "--fail-below", "--ignore-unreachable",
                "--known-good", "--format",
                "-v",           "-q",
                "--color",      "--tlsa",
                "--history",    "--keep",
                "--notify",     "--notify-mail",
                "--sendmail",   "--notify-url",
                "--confirm",    "--mode",
                "--max-age"}};

const Manual sts_policy_manual{
    .word = "sts-policy ",
    .summary =
        "Usage: mxtls sts-policy [OPTIONS] DOMAIN\n"
        "\n"
        "Prints the MTA-STS policy that covers the mail hosts of a domain, as the file mta-sts.txt, and on\n"
        "standard error the DNS records that go with it. It speaks with every address of each host, and "
        "says\n"
        "there too where mail would fail the policy today.",
    .ending =
        "\n"
        "Examples:\n"
        "  mxtls sts-policy example.com >mta-sts.txt          to begin with: failures are only reported\n"
        "  mxtls sts-policy --mode enforce -o mta-sts.txt example.com\n"
        "                                                     once none are: failures stop mail\n"
        "\n"
        "Exit status: 0 all hosts satisfy the policy; 1 one does not, in mode testing, or was not seen at "
        "one\n"
        "of its addresses; 2 one does not, in mode enforce; 3 nothing was seen of a host (the policy is\n"
        "printed all the same), or there is no host to cover, or bad usage.",
    .nothing_given = "no domain: give one",
    .without = {"--targets",    "--reference",   "--trust-ad",   "--no-trust-ad",
                "--quick",      "--no-dane",     "--no-mta-sts", "--assure",
                "--rcpt",       "--protocols",   "--key-types",  "--expiry-days",
                "--policy",     "--warn-below",  "--fail-below", "--ignore-unreachable",
                "--known-good", "--format",      "-v",           "--color",
                "--tlsa",       "--jobs",        "--history",    "--keep",
                "--notify",     "--notify-mail", "--sendmail",   "--notify-url",
                "--confirm"}};

} // namespace

const Manual& manual_of(Command command)
{
    switch (command) {
    case Command::scan:
        return scan_manual;
    case Command::tlsa:
        return tlsa_manual;
    case Command::sts_policy:
        return sts_policy_manual;
    case Command::check:
        break;
    }
    return check_manual;
}

} // namespace command
