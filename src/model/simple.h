/* The references that stand in every table: RAND, POP and WBOI (VASG paper, section 4.2.1),
 * and INN (section 4.3.1). */
#ifndef LB_MODEL_SIMPLE_H
#define LB_MODEL_SIMPLE_H

#include "model/model.h"

extern const model_class rand_class; /* a uniform random score for every user and product */
extern const model_class
    pop_class; /* the number of training interactions, the same for everybody */
extern const model_class
    wboi_class; /* cosine of a product's feature and the rating-weighted mean of the user's */
extern const model_class
    inn_class; /* image nearest neighbours: as WBOI, and the cosine of two products' features */

#endif
