/* liburing_probe: the operations that liburing's own probe finds, one number a line; exit 1
 * where it cannot ask. */
#include <liburing.h>
#include <stdio.h>

int main(void)
{
	struct io_uring_probe *p = io_uring_get_probe();
	int op;

	if (!p)
		return 1;
	for (op = 0; op < 256; op++)
		if (io_uring_opcode_supported(p, op))
			printf("%d\n", op);
	io_uring_free_probe(p);
	return 0;
}
