/* That the header is plain C. */
#include "seednorm/Runtime/seednorm.h"

size_t seednorm_test_size(void) { return sizeof(seednorm_tensor_spec); }
