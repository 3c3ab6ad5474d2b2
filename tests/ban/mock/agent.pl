# What a mock of the management agent does while it runs: nothing.
# SPDX-License-Identifier: Apache-2.0
use strict;

my $go_on = 1;

$SIG{TERM} = $SIG{INT} = sub { $go_on = 0 };
select(undef, undef, undef, 0.05) while $go_on;
