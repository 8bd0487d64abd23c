/* hashing SECONDS: how many bcrypt hashes of cost 10 one core does a second. */
#include <crypt.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	double seconds = argc > 1 ? atof(argv[1]) : 10, began = now(), took;
	struct crypt_data *data = calloc(1, sizeof(*data));
	int count = 0;

	if (data == NULL)
		return 1;
	do {
		if (crypt_r("bench pass phrase 1", "$2a$10$abcdefghijklmnopqrstuu", data) == NULL)
			return 1;
		count++;
		took = now() - began;
	} while (took < seconds);
	printf("%.2f\n", (double)count / took);
	free(data);
	return 0;
}
