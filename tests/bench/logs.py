"""`mxtls log` beside `grep -c TLS` over the same file."""

import itertools

import servers
from measured import run
from processes import Failed
from results import median

GIB = 1024 * 1024 * 1024
MIB = 1024 * 1024
LIMIT = 4  # times what grep takes
DOMAINS = 4001
ADDRESSES = 9973


def log(results, options):
    size = int(options.log_size * GIB)
    file = options.folder / "mail.log"
    lines = _write(file, size)
    out = options.folder / "told"  # grep would stop at the first line, did it write to /dev/null
    rounds = [(_grep(file, out), _mxtls(file, out, "domain"), _mxtls(file, out, "address")) for _ in range(options.rounds)]
    file.unlink()
    grep, by_domain, by_address = zip(*rounds)
    results.heading(f"Mail logs: {options.rounds} rounds over {size / GIB:.2f} GiB, {lines} lines of all three servers")
    walls = {name: [each.wall for each in ended] for name, ended in
             {"grep -c TLS": grep, "mxtls log": by_domain, "mxtls log --by address": by_address}.items()}
    for name, took in walls.items():
        results.figure(f"{name}, seconds", f"{median(took):.2f}", took)
    theirs = median(walls.pop("grep -c TLS"))
    for name, took in walls.items():
        results.limit(f"{name} / grep -c TLS", median(took) / theirs, ".2f", "at most", LIMIT)
    cpu = [median([each.cpu for each in ended]) for ended in (by_domain, grep)]
    results.figure("CPU of mxtls log / of grep -c TLS", f"{cpu[0] / cpu[1]:.2f}")
    results.figure("memory at its most, MiB", f"{max(each.peak for each in by_domain) / MIB:.0f}")


def _grep(file, out):
    return _ended(["grep", "-c", "TLS", file], out)


def _mxtls(file, out, by):
    return _ended([servers.MXTLS, "log", "--by", by, file], out)


def _ended(command, out):
    ended = run(command, out)
    if ended.status != 0:
        raise Failed(f"{command[0]} ended with status {ended.status}: {ended.errors[-2000:]}")
    return ended


def _write(file, size):
    """As many messages as it takes; how many lines that are."""
    written = lines = 0
    with open(file, "w") as log_file:
        for number in itertools.count(1):
            text = "".join(part(number) for part in (_appliance, _postfix, _exim))
            written += log_file.write(text)
            lines += text.count("\n")
            if written >= size:
                return lines


def _peer(number):
    """A domain and an address."""
    place = number * 7919 % ADDRESSES
    return f"d{number * 7919 % DOMAINS}.example", f"10.{place % 7}.{place % 251}.{place % 241}"


def _appliance(number):
    domain, address = _peer(number)
    stamp = f"Tue Apr 17 00:57:{number % 60:02} 2018 Info: "
    tls = f"ICID {number} TLS success protocol TLSv1.2 cipher ECDHE-RSA-AES256-GCM-SHA384"
    if number % 50 == 0:
        tls = f"ICID {number} TLS failed: (336109761, 'error:1408A0C1:SSL routines:SSL3_GET_CLIENT_HELLO:no shared cipher')"
    return "".join(f"{stamp}{line}\n" for line in (
        f"New SMTP ICID {number} interface Data 1 (192.168.1.1) address {address} reverse dns host mail.{domain} verified yes",
        f"ICID {number} ACCEPT SG UNKNOWNLIST match sbrs[2.1:10.0] SBRS 2.7",
        tls,
        f"Start MID {number} ICID {number}",
        f"MID {number} ICID {number} From: <user@{domain}>",
        f"MID {number} ICID {number} RID 0 To: <me@local{number % 11}.example>",
        f"MID {number} Message-ID '<{number}.abc@{domain}>'",
        f"MID {number} Subject 'Re: a subject of usual length, more or less'",
        f"MID {number} ready 25612 bytes from <user@{domain}>",
        f"MID {number} matched all recipients for per-recipient policy DEFAULT in the inbound table",
        f"MID {number} interim verdict using engine: CASE spam negative",
        f"MID {number} using engine: CASE spam negative",
        f"MID {number} interim AV verdict using Sophos CLEAN",
        f"MID {number} antivirus negative",
        f"MID {number} queued for delivery",
        f"New SMTP DCID {number} interface 192.168.1.1 address 10.0.0.1 port 25",
        f"DCID {number} TLS success protocol TLSv1.3 cipher TLS_AES_256_GCM_SHA384",
        f"Delivery start DCID {number} MID {number} to RID [0]",
        f"Message done DCID {number} MID {number} to RID [0] ",
        f"MID {number} RID [0] Response '2.0.0 Ok: queued as 4T5XyZ'",
        f"Message finished MID {number} done",
        f"ICID {number} close",
        f"DCID {number} close",
    ))


def _postfix(number):
    domain, address = _peer(number)
    stamp = f"Feb 14 19:20:{number % 60:02} mx1 postfix/"
    inside, outside = f"smtpd[{number % 97}]: ", f"smtp[{number % 89}]: "
    queue = f"{number:010X}: "
    client = f"mail.{domain}[{address}]"
    relay = f"mx.local{number % 11}.example[198.51.100.1]:25"
    tls = "TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits) key-exchange X25519 server-signature RSA-PSS (2048 bits)"
    return "".join(f"{stamp}{line}\n" for line in (
        f"{inside}connect from {client}",
        f"{inside}Anonymous TLS connection established from {client}: {tls}",
        f"{inside}{queue}client={client}",
        f"cleanup[77]: {queue}message-id=<{number}@{domain}>",
        f"qmgr[7]: {queue}from=<user@{domain}>, size=2512, nrcpt=1 (queue active)",
        f"{inside}disconnect from {client} ehlo=2 starttls=1 mail=1 rcpt=1 data=1 quit=1 commands=7",
        f"{outside}Verified TLS connection established to {relay}: {tls}",
        f"{outside}{queue}to=<me@local{number % 11}.example>, relay={relay}, delay=0.9, delays=0.1/0.01/0.3/0.5, dsn=2.0.0, "
        "status=sent (250 2.0.0 Ok: queued as 77)",
        f"qmgr[7]: {queue}removed",
    ))


def _exim(number):
    domain, address = _peer(number)
    stamp = f"2026-02-14 19:20:{number % 60:02} 1rVcXx-{number:06X}-Cd "
    tls = "X=TLS1.3:TLS_AES_256_GCM_SHA384:256"
    return "".join(f"{stamp}{line}\n" for line in (
        f"<= user@{domain} H=mail.{domain} [{address}]:41234 P=esmtps {tls} CV=no S=2512 id={number}@{domain}",
        f"=> me@local{number % 11}.example R=dnslookup T=remote_smtp H=mx.local.example [198.51.100.1]:25 {tls} CV=yes "
        'C="250 2.0.0 Ok: queued as 77"',
        "Completed",
    ))
