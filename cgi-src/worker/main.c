/* main.c: latchkey.fcgi. */
int main(void)
{
	return 0;
}
