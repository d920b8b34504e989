#include "fuzz.h"

#include "parse/accounts.h"
#include "parse/proc.h"

#include <stdlib.h>
#include <string.h>

const char *const fuzz_seeds[] = {
	"TcpExt: SyncookiesSent ListenOverflows ListenDrops\nTcpExt: 0 17 18\n"
	"IpExt: InNoRoutes\nIpExt: 4\n",
	"nr_free_pages 19\npswpin 5\npswpout 7\n",
	"Filename\tType\tSize\tUsed\tPriority\n/dev/sda2 partition 1 0 -2\n",
	"65536\n",
	"sockets: used 9\nTCP: inuse 7 orphan 0 tw 12 alloc 9 mem 1\n",
	"00000001 0000000a 00000002\n00000001 00000010 00000003\n",
	"allocstall_dma 1\nallocstall_normal 4\n",
	"0.00 0.01 0.05 1/52 145\n",
	"root:x:0:\nrings:x:990:web,db\n",
	"root:x:0:0:root:/root:/bin/bash\nweb:x:33:990::/:/bin/false\n",
	"",
	NULL,
};

const char *fuzz_one(const char *data, size_t len)
{
	char *name = NULL, *members = NULL;
	int found = accounts_group(data, 990, &name, &members);
	const char *wrong = NULL;

	(void)len;
	if (proc_number(data) < -1 || proc_first_number(data) < -1 ||
	    proc_named(data, "pswpin") < -1 ||
	    proc_netstat(data, "TcpExt", "ListenOverflows") < -1 ||
	    proc_swaps(data) < -1 || proc_named_sum(data, "allocstall") < -1 ||
	    proc_sockstat(data, "TCP", "tw") < -1 || proc_hex_column(data, 1) < -1 ||
	    proc_tasks(data) < -1)
		wrong = "a count below -1";
	if ((found == 1) != (name && members) || (name && strpbrk(name, ":\n")))
		wrong = "a group's name is none";
	if (accounts_primary(data, 990) > strlen(data))
		wrong = "more accounts than bytes";
	free(name);
	free(members);
	return wrong;
}
