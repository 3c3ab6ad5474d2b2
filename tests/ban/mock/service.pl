# What a mock of the product does while it runs: listens on its socket and
# takes EICAR out of the folders that its settings name, as long as its task 1
# has not been stopped.  Started as: libexec/kesl lib/service.pl NAME
# (libexec/kesl is a copy of perl, so that the process is named as the real
# one).  Harmless: it touches nothing but such files.
# SPDX-License-Identifier: Apache-2.0
use strict;
use Socket;

my $name = $ARGV[0];
my $state = "/var/opt/kaspersky/$name";
my $backup = "$state/private/backup";
my $eicar = 'EICAR-STANDARD-ANTIVIRUS-' . 'TEST-FILE';
my $go_on = 1;
my $count = 0;

$SIG{TERM} = $SIG{INT} = sub { $go_on = 0 };
socket(my $control, PF_UNIX, SOCK_STREAM, 0) or die "socket: $!";
unlink '/var/run/bl4control';
bind($control, pack_sockaddr_un('/var/run/bl4control')) or die "bind: $!";
listen($control, 1);

sub lines_of {
	open(my $from, '<', $_[0]) or return ();
	chomp(my @lines = <$from>);
	return @lines;
}

sub look_at {
	my ($path) = @_;
	open(my $file, '<', $path) or return;
	read($file, my $start, 4096);
	close($file);
	return if index($start, $eicar) < 0;
	# Not as it was, so that nobody finds it there: back to front.
	$count++;
	if (open(my $kept, '>', "$backup/$count")) {
		print $kept scalar reverse($start);
	}
	unlink($path) or return;
	open(my $log, '>>', "/var/log/kaspersky/$name/events.log") or return;
	print $log "EICAR $path\n";
}

while ($go_on) {
	unless (-e "$state/private/task-1.stopped") {
		foreach my $folder (lines_of("$state/private/folders")) {
			opendir(my $list, $folder) or next;
			look_at("$folder/$_")
			    foreach grep { -f "$folder/$_" } readdir($list);
		}
	}
	select(undef, undef, undef, 0.02);
}
unlink '/var/run/bl4control';
