package memory

/*
#include <malloc.h>

static void few_heaps(void) {
#ifdef __GLIBC__
	mallopt(M_ARENA_MAX, 2);
#endif
}

static void give_back(void) {
#ifdef __GLIBC__
	malloc_trim(0);
#endif
}
*/
import "C"

// FewHeaps has the C libraries share two heaps: by default each thread that allocates may open one, and what is freed stays in
// it, so that encoders and networks, which run on whichever thread is free, leave more and more behind. To be called before
// these libraries are used. Where the C library is not glibc it does nothing.
func FewHeaps() { C.few_heaps() }

// giveBack returns what C libraries have freed to the system.
func giveBack() { C.give_back() }
