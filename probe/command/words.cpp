#include "probe/command/words.hpp"

namespace command
{
namespace
{

const std::vector<Term> environment{
    {"SSL_CERT_FILE", "The file of the trusted roots, in place of the system's; --ca-file goes before it."},
    {"SSL_CERT_DIR", "The folder of the trusted roots, in place of the system's; --ca-path goes before it."}};

const Term resolvers{"/etc/resolv.conf", "The resolvers, where --resolver names none."};
const Term roots{"/etc/ssl/certs", "The trusted roots, where no option names others."};

const Words check_words{
    .manual =
        {.word = "",
         .purpose = "check the TLS of a domain's mail hosts",
         .usage =
             {"[check] [OPTIONS] TARGET...", "scan [OPTIONS] [FILE|-]", "tlsa [OPTIONS] HOST[:PORT]...",
              "sts-policy [OPTIONS] DOMAIN", "explain [CODE...]",
              "history [OPTIONS] --history FILE [TARGET...]", "log [OPTIONS] FILE...|-", "config check FILE"},
         .description =
             {"Checks the TLS of a domain's mail hosts: finds its MX, speaks EHLO and STARTTLS with every "
              "address of each, verifies the certificates, and tells with what confidence mail to it is "
              "encrypted and authenticated."},
         .operand = "TARGET",
         .examples =
             {{"mxtls example.com", "the table of all mail hosts of a domain"},
              {"mxtls -v --policy required-verify user@example.com",
               "would verified TLS deliver? With the whole dialogue"},
              {"mxtls --mx 192.0.2.1 --reference mx1.example.com example.com",
               "test your own listener by its address"},
              {"mxtls explain certificate-expired", "what a finding means, and how to mend it"},
              {"mxtls -q --history mx.db example.com", "from cron; then mxtls history --history mx.db"},
              {"mxtls -q --targets partners.toml", "many, each with limits and a policy of its own"},
              {"mxtls -q -o /dev/null --history mx.db --notify-mail admin@example.net example.com",
               "from cron, telling of changes only"},
              {"mxtls tlsa mx1.example.com", "the TLSA records to publish for a host"}},
         .notes = {"TARGET is a domain, a mail address, or an address literal such as user@[192.0.2.1]."},
         .statuses =
             {{"0", "OK"},
              {"1", "WARNING"},
              {"2", "CRITICAL"},
              {"3", "UNKNOWN (nothing could be judged, or bad usage)"}},
         .environment =
             {environment[0],
              environment[1],
              {"NO_COLOR", "Where it is set and not empty, nothing is coloured unless --color says always."}},
         .files =
             {resolvers,
              roots,
              {"/etc/mxtls/targets.toml", "The targets of mxtls.service."},
              {"/etc/default/mxtls",
               "A line MXTLS_OPTIONS=... of options for mxtls.service, in place of -q."},
              {"/var/lib/mxtls/history", "The history of mxtls.service."}},
         .see_also = {"openssl-s_client(1)", "posttls-finger(1)", "systemd.timer(5)"}},
    .nothing_given = "no target: give a domain or a mail address",
    .without = {"--mode", "--max-age"}};

const Words scan_words{
    .manual =
        {.word = "scan",
         .purpose = "check the TLS of mail hosts for any number of domains",
         .usage = {"scan [OPTIONS] [FILE|-]", "scan [OPTIONS] --queue URL"},
         .description =
             {"Checks any number of targets: reads them from a file or standard input, one a line, and "
              "writes one result a line as soon as it is known. What many targets have in common is looked "
              "up and connected to once. A line that is no target becomes a result too; blank lines and # "
              "comments are skipped."},
         .operand = "FILE",
         .examples =
             {{"mxtls scan -o partners.ndjson partners.txt", "progress is shown on the terminal"},
              {"mxtls scan --resume partners.ndjson -o partners.ndjson partners.txt",
               "goes on where it was interrupted"},
              {"mxtls scan --format score - <partners.txt", "a factor and a target a line"},
              {"mxtls scan --rate 50 --host-interval 1 --contact 'survey@example.org' --exclude optout.txt "
               "list",
               "as those who are scanned would like it"}},
         .statuses =
             {{"0", "each target is OK"},
              {"1", "the worst of them is WARNING"},
              {"2", "one is CRITICAL"},
              {"3", "none is CRITICAL and one is UNKNOWN, or the scan was interrupted"}},
         .status_note =
             "SIGHUP tells how far it is. Of targets that --resume skips the status counts no more.",
         .environment =
             {environment[0],
              environment[1],
              {"REDISCLI_AUTH", "The password of the Redis of --queue, where the URL has none."}},
         .files = {resolvers, roots},
         .see_also = {"redis-cli(1)"}},
    .nothing_given = "",
    .without = {
        "--targets", "-v", "--color", "--tlsa", "--protocols", "--keep", "--notify", "--notify-mail",
        "--sendmail", "--notify-url", "--confirm", "--mode", "--max-age"}};

const Words tlsa_words{
    .manual =
        {.word = "tlsa",
         .purpose = "print the TLSA records to publish for a mail host",
         .usage = {"tlsa [OPTIONS] HOST[:PORT]..."},
         .description =
             {"Connects to the mail host itself and prints the TLSA records that match the certificates it "
              "presents now, as a fragment of a zone file: 3 1 1 for its own, and 2 1 1 for each issuer that "
              "it sends and that vouches for it. Comments say what each describes, what is published already "
              "or matches nothing, and whether DNSSEC protects the name: without it no sender uses the "
              "records."},
         .operand = "HOST[:PORT]",
         .examples =
             {{"mxtls tlsa --key-types mx1.example.com", "for both its certificates, RSA and ECDSA"},
              {"mxtls tlsa --reference mx1.example.com 192.0.2.1", "for a server that DNS does not name yet"},
              {"mxtls --tlsa example.com", "for all mail hosts of a domain, in a check"}},
         .statuses =
             {{"0", "each host presented a certificate at each address"},
              {"1", "one did so at some of them only"},
              {"3", "one did nowhere, or bad usage"}},
         .status_note = "An address that this machine has no route to does not count.",
         .environment = environment,
         .files = {resolvers, roots},
         .see_also = {"danetool(1)"}},
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

const Words sts_policy_words{
    .manual =
        {.word = "sts-policy",
         .purpose = "print the MTA-STS policy to publish for a domain",
         .usage = {"sts-policy [OPTIONS] DOMAIN"},
         .description =
             {"Prints the MTA-STS policy that covers the mail hosts of a domain, as the file mta-sts.txt, "
              "and on standard error the DNS records that go with it. It speaks with every address of each "
              "host, and says there too where mail would fail the policy today."},
         .operand = "DOMAIN",
         .examples =
             {{"mxtls sts-policy example.com >mta-sts.txt", "to begin with: failures are only reported"},
              {"mxtls sts-policy --mode enforce -o mta-sts.txt example.com",
               "once none are: failures stop mail"}},
         .statuses =
             {{"0", "all hosts satisfy the policy"},
              {"1", "one does not, in mode testing, or was not seen at one of its addresses"},
              {"2", "one does not, in mode enforce"},
              {"3", "nothing was seen of a host (the policy is printed all the same), or there is no host to "
                    "cover, or bad usage"}},
         .environment = environment,
         .files = {resolvers, roots}},
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

const Words& words_of(Command command)
{
    switch (command) {
    case Command::scan:
        return scan_words;
    case Command::tlsa:
        return tlsa_words;
    case Command::sts_policy:
        return sts_policy_words;
    case Command::check:
        break;
    }
    return check_words;
}

} // namespace command
