/*
 * plan_steps.c - the steps of the switch-over, and what is lost by it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/plan.h"

static const struct plan_step steps[] = {
	{ "discover",
	    "candor ban scan: which of its products are here, what runs, what "
	    "embeds it",
	    "the list is read by somebody", "nothing was changed" },
	{ "export",
	    "kesl-control --get-settings TASK --file FILE for every task, its "
	    "event log, its list of backup, and the firewall's rules (nft list "
	    "ruleset, iptables-save): Firewall management removes rules that "
	    "are not its own, and so may the removal",
	    "the files are there and hold what they should; what is wanted "
	    "back from Backup is restored: the rest is lost",
	    "nothing was changed" },
	{ "stage",
	    "install Candor, its databases and the carried-over configuration, "
	    "with [guard] enabled = yes and prevent = no; "
	    "each of the two leaves the other's folders and programs out, so "
	    "that they do not look at each other",
	    "candor config check; candor status: databases are fresh, the "
	    "guard watches",
	    "stop and remove Candor" },
	{ "verify",
	    "put the EICAR test file into a folder of its own: candor guard "
	    "test FOLDER, and kesl-control's events",
	    "both saw it", "stop and remove Candor" },
	{ "arm", "[guard] prevent = yes; candor status --reload",
	    "candor status says that the guard denies",
	    "[guard] prevent = no" },
	{ "stop the old",
	    "kesl-control --stop-task 1, then its service. Not while its "
	    "update runs, nor while Candor's databases are stale or its guard "
	    "only reports",
	    "its task is stopped", "start the service and the task again" },
	{ "probe", "candor guard test FOLDER",
	    "the test file is denied: by Candor alone now",
	    "start the old one again" },
	{ "remove packages",
	    "the graphical interface first, then the product (apt-get purge "
	    "kesl-gui kesl; rpm -e kesl-gui kesl)",
	    "candor guard test FOLDER again; the packages are gone",
	    "candor switch undo brings them back from what it packed and "
	    "copied (of rpm's: files and rpm's entries, their scripts are not "
	    "run); by hand, from your own media: licence and Backup do not "
	    "come back then" },
	{ "remove the agent",
	    "the management agent last, but certainly: it can install the "
	    "product again (apt-get purge klnagent64; rpm -e klnagent64)",
	    "klnagent is not among packages, units and processes",
	    "candor switch undo, or from your own media" },
	{ "clean residue",
	    "what stays in /opt, /var/opt, /etc/opt and /var/log/kaspersky, "
	    "units, the group kesladmin, repositories and their keys, its root "
	    "certificates, firewall chains, dpkg's state rc; compare the "
	    "firewall's rules with those that were exported",
	    "candor ban scan finds nothing",
	    "candor switch undo moves it back; by hand, copy first" },
	{ "attest",
	    "keep this plan, both scans and what the probes said, with dates "
	    "and names",
	    "who has to know has it", "nothing was changed" },
};

static const struct plan_loss losses[] = {
	{ "File_Threat_Protection",
	    "disinfection: a file is blocked or held, none is mended" },
	{ "File_Threat_Protection",
	    "what is opened on file systems of the network is not seen" },
	{ "Scan_My_Computer",
	    "boot sectors, the kernel's and processes' memory" },
	{ "Backup", "what is in Backup, unless it is restored before" },
	{ "Behavior_Detection", "detection by what programs do" },
	{ "Anti_Cryptor", "blocking of hosts that encrypt shared folders" },
	{ "Web_Threat_Protection",
	    "what comes over the network is looked at "
	    "as a file, not on its way" },
	{ "Network_Threat_Protection", "detection of attacks in traffic" },
	{ "Firewall_Management", "management of the firewall" },
	{ "System_Integrity_Monitoring", "watching of files for changes" },
	{ "Application_Control", "which programs may run" },
	{ "Device_Control", "which devices may be used" },
	{ "Web_Control", "which pages may be opened" },
	{ "Container_Scan",
	    "images and containers by name: their files are "
	    "looked at where they are mounted" },
	{ "",
	    "Kaspersky Security Network, and EDR: nothing takes their place" },
	{ "", "central management: Candor has files and a control socket" },
};

const struct plan_step *
plan_steps(size_t *count)
{
	*count = sizeof(steps) / sizeof(steps[0]);
	return steps;
}

const struct plan_loss *
plan_losses(size_t *count)
{
	*count = sizeof(losses) / sizeof(losses[0]);
	return losses;
}
