# What the objects of the build define and ask for, as nm tells it.
package Objects;
use strict;
use warnings;

our $build = $ENV{BUILD} // 'build';

# undefined(FILE...): { symbol => [objects that ask for it] }, without what they define
# among themselves.
sub undefined
{
	my (%wanted, %defined);

	open my $nm, '-|', 'nm', '-A', @_ or die "nm: $!";
	while (<$nm>) {
		/^(\S+?):\s*[0-9a-f]*\s+(\S)\s+(\S+)$/ or next;
		my ($object, $type, $symbol) = ($1, $2, $3 =~ s/@.*//r);
		if ($type eq 'U') {
			push @{ $wanted{$symbol} }, $object;
		} else {
			$defined{$symbol} = 1;
		}
	}
	close $nm or die "nm @_ failed";
	delete @wanted{ keys %defined };
	return \%wanted;
}

1;
