/* main.c: the operator's command `latchkey`. */
int main(void)
{
	return 0;
}
